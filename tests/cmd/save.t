# A heap saved: the same answers without the core.
core leaky

$ ouro --json $CORE save $TMP/shop.heap
@ one()["file"].endswith("shop.heap") and one()["objects"] > 100000 and one()["redacted"] is False
@ 10 << 20 < one()["memory"] and one()["bytes"] < one()["memory"] / 3 and one()["left_out"] < 1 << 20
$ ouro $CORE save $TMP/shop.heap
! ouro: */shop.heap: File exists
? 1
$ ouro $CORE save /no/such/folder/x.heap
! ouro: /no/such/folder/x.heap: No such file or directory
? 1
$ stat -c %a $TMP/shop.heap
  600
$ ouro --json $TMP/shop.heap info
@ values("target")["kind"] == "saved" and values("target")["path"].endswith("shop.heap")
@ values("target")["saved_from"] == "core" and values("target")["original"].endswith(".core")
@ values("target")["saved"].endswith(" UTC") and values("target")["redacted"] is False
@ values("target")["command"].endswith("leaky.py") and values("heap")["threads"] == 3

# Row by row, summaries too. (More: tests/heap/saved.)
$ for C in types "types --garbage" "objects -n 500" threads native "retained -n 50" cycles verify "find str ~ article" "find dict len>50 --value" "object sys.modules" "path shop.sessions.PAGE_CACHE" "referrers shop.sessions.Session -n 20" "instances shop.sessions.Session -n 5" "collect -g 0 -n 100"; do ouro --json $CORE $C >$TMP/core.out; ouro --json $TMP/shop.heap $C >$TMP/heap.out; cmp $TMP/core.out $TMP/heap.out && test -s $TMP/heap.out && echo same; done | sort | uniq -c
  15 same
# Whatever the program and its libraries have become; gdb is not asked.
$ cd / && PATH=/nowhere HOME=/nowhere $(command -v ouro) --json $TMP/shop.heap object shop.sessions.Session.everyone
@ values()["type"] == "list" and values()["referents"] == 500
# What was saved can be saved again.
$ ouro --json $TMP/shop.heap save $TMP/again.heap
@ one()["objects"] > 100000
$ ouro --json $TMP/again.heap info
@ values("target")["saved_from"] == "core" and values("target")["original"].endswith(".core")
# The prompt, several commands in one session.
$ printf 'types -n 1\nobject $\nthreads -n 1\n' | ouro -i $TMP/shop.heap 2>&1 | grep -c .
  5

# Redacted: types, sizes, references; no values and no names.
$ ouro --json $CORE save --redact $TMP/public.heap
@ one()["redacted"] is True and one()["memory"] == 0 and one()["bytes"] < 3 << 20
$ ouro --json $TMP/public.heap info
@ values("target")["redacted"] is True and values("target")["original"] is None and values("target")["command"] is None
@ "/" not in values("python")["implementation_layout_source"] and "/" not in values("python")["executable"]
$ ouro --json $TMP/public.heap types
@ {"shop.sessions.Session", "dict", "shop.orders.Order"} <= {row["type"] for row in rows}
$ ouro --json $TMP/public.heap objects -t shop.sessions.Session -n 5
@ len(rows) == 5 and all(row["preview"] is None and row["refcount"] >= 1 for row in rows)
@ summary["redacted"] is True
$ ouro --json $TMP/public.heap find dict 'len>100'
@ len(rows) > 20 and all(row["length"] > 100 and row["preview"] is None for row in rows)
$ ouro $TMP/public.heap objects -t shop.sessions.Session -n 1
  object *
  * shop.sessions.Session * -
  ...
# The rings by the form of their references; how they die is as it was.
$ ouro --json $TMP/public.heap cycles --garbage
@ any(row["ring"] in ("Order.? -> Invoice.?", "Invoice.? -> Order.?") for row in rows)
$ for B in module thread; do for F in $CORE $TMP/shop.heap $TMP/public.heap; do ouro --json $F retained --by $B -n 5000 | sed 's/"faults":[0-9]*//; s/,"redacted":true//; s/"preview":.*//' | md5sum; done | uniq | wc -l; done
  1
  1
$ for C in collect "collect -g 0" "collect -g 1"; do for F in $CORE $TMP/public.heap; do ouro --json $F $C -n 1 | grep summary | sed 's/"faults":[0-9]*//; s/,"redacted":true//'; done | uniq | wc -l; done
  1
  1
  1
$ A=$(ouro --json $CORE object shop.sessions.PAGE_CACHE | sed -n 's/.*"address","value":"\(0x[0-9a-f]*\)".*/\1/p'); ouro --json $TMP/public.heap path $A -n 1
@ rows[0]["edge"].startswith("sys.modules['shop") and not any(row["source"] for row in rows[1:])
@ all(row["preview"] is None for row in rows) and "PAGE_CACHE" not in text
$ ouro $TMP/public.heap object shop.sessions.PAGE_CACHE
! ouro: shop.sessions.PAGE_CACHE: this heap is redacted: objects have addresses and numbers, but no names
? 1
$ ouro $TMP/public.heap threads
! ouro: threads: this heap is redacted: it has no values and no names
? 1
$ ouro $TMP/public.heap find str '~' article
! ouro: find ~ TEXT: this heap is redacted: it has no values and no names
? 1
$ ouro $TMP/public.heap verify --traverse
! ouro: a saved heap has no code: its references are as they were when it was saved
? 1
# In one session, the core's answers come back after a redacted heap was written.
$ printf 'save --redact %s/other.heap\nobject shop.sessions.PAGE_CACHE\n' $TMP | ouro --json -i $CORE
@ [row for row in rows if row.get("name") == "preview"][0]["value"].startswith("{'/article")

# Damaged: one sentence each. (More: tests/fuzz/saved.)
$ head -c 40 $TMP/public.heap >$TMP/cut.heap; ouro $TMP/cut.heap
! ouro: */cut.heap: the saved heap is damaged: it is cut off within its header
? 1
$ head -c 100000 $TMP/public.heap >$TMP/cut.heap; ouro $TMP/cut.heap
! ouro: */cut.heap: the saved heap is damaged: it has 100000 bytes instead of *
? 1
$ cp $TMP/public.heap $TMP/flip.heap; chmod u+w $TMP/flip.heap; printf x | dd of=$TMP/flip.heap bs=1 seek=50000 conv=notrunc status=none; ouro $TMP/flip.heap verify
! ouro: */flip.heap: the saved heap is damaged: the checksum of its section * does not match
? 1
# What is sound in it is answered; memory is compared block by block, when it is read.
$ cp $TMP/shop.heap $TMP/flip.heap; chmod u+w $TMP/flip.heap; S=$(stat -c %s $TMP/flip.heap); head -c $((S / 8)) /dev/zero | dd of=$TMP/flip.heap bs=64K oflag=seek_bytes seek=$((S * 5 / 8)) conv=notrunc status=none; for H in shop flip; do ouro --json $TMP/$H.heap types | md5sum; done | uniq | wc -l
  1
$ ouro $TMP/flip.heap export $TMP/flip.jsonl
! ouro: the saved heap is damaged: some of its memory cannot be unpacked
? 1
$ printf '\211OUROHP\n\377\377' >$TMP/head.heap; ouro $TMP/head.heap types
! ouro: */head.heap: the saved heap is damaged: it is cut off within its header
? 1
$ ouro --gdb $TMP/public.heap
! ouro: */public.heap: gdb cannot open a saved heap
? 1
