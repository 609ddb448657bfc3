# Targets that are not whole: cut off, with holes, badly packed. Every answer says so.
core leaky

# A whole one says nothing.
$ ouro --json $CORE collect
@ "incomplete" not in summary
$ ouro --json $CORE findings
@ "incomplete" not in summary and not any(row["kind"] == "incomplete" for row in rows)

# The last 2 % are missing.
$ head -c $(($(stat -c %s $CORE) * 98 / 100)) $CORE >$TMP/cut; ouro --json $TMP/cut collect
! ouro: warning: the core is truncated: * of * MiB are there; counts are lower bounds
! ouro: warning: * lists do* not close (`verify` shows where); counts are lower bounds
@ summary["incomplete"] > 0 and summary["returns"] is None
$ ouro -q --json $TMP/cut types -n 1
@ summary["incomplete"] > 0
$ ouro -q --json $TMP/cut findings
@ summary["incomplete"] > 0 and rows[0]["kind"] == "incomplete" and "truncated" in rows[0]["what"]
@ not any(row["kind"] in ("native", "untraversed", "suspect") for row in rows)
$ ouro -q --json $TMP/cut info
@ values("target")["incomplete"] > 0 and "truncated" in values("warnings")["incomplete"]
$ ouro -q --json $TMP/cut native
@ summary["unexplained_objects"] is None and all(row["unexplained"] is None for row in rows)
$ ouro -q $TMP/cut types -t nothing.At.All
! ouro: in what there is of the target: *
? 1
$ ouro -q $TMP/cut report --format markdown $TMP/report.md >/dev/null && sed -n 3p $TMP/report.md
  *Incomplete: the core is truncated: * MiB are there; counts are lower bounds*
# It is remembered when the heap is saved.
$ ouro -q $TMP/cut save $TMP/heap >/dev/null && ouro --json $TMP/heap collect
! ouro: warning: the core is truncated: * of * MiB are there; counts are lower bounds
@ summary["incomplete"] > 0 and summary["returns"] is None

# So little is left that there is no Python in it.
$ head -c $(($(stat -c %s $CORE) / 20)) $CORE >$TMP/little; ouro $TMP/little types
! ouro: *the core is truncated*
? 1

# What was not dumped on purpose.
$ python3 $SOURCE/tests/programs/punch.py $CORE $TMP/hole >/dev/null; ouro $TMP/hole info 2>&1 >/dev/null | grep -c "the core has holes: .* MiB of the process's memory were not dumped"
  1

# Memory that the process never wrote to is not dumped either, and nothing is missing.
$ bash -c 'ulimit -c unlimited; python3 -c "import mmap, os; a = [mmap.mmap(-1, 4096 * n, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) for n in (1, 3, 200)]; os.abort()"; true' 2>/dev/null; for C in core*; do [ ! -e $C ] || ouro --json $C info 2>/dev/null; done | tail -1 | grep -c incomplete; rm -f core*
  0

# Nor when numbers in blocks of the allocator's happen to be addresses there.
$ bash -c 'ulimit -c unlimited; python3 -c "import array, ctypes, mmap, os; m = mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); at = ctypes.addressof(ctypes.c_char.from_buffer(m)); kept = [array.array(str(chr(81)), [1, at + 64 * i, 0, 0]) for i in range(500)]; os.abort()"; true' 2>/dev/null; for C in core*; do [ ! -e $C ] || ouro --json $C types -n 1 2>/dev/null; done | tail -1 | grep -c incomplete; rm -f core*
  0

# Packed: what ends early, and what has a wrong checksum.
$ gzip -1 <$CORE >$TMP/core.gz; ouro --json $TMP/core.gz types -n 1
@ "incomplete" not in summary
$ head -c $(($(stat -c %s $TMP/core.gz) * 99 / 100)) $TMP/core.gz >$TMP/cut.gz; ouro --json $TMP/cut.gz types -n 1 2>&1 | grep -c "the core is truncated (unpacking it: truncated gzip input)"
  1
$ head -c -8 $TMP/core.gz >$TMP/wrong.gz; printf 'abcd' >>$TMP/wrong.gz; tail -c 4 $TMP/core.gz >>$TMP/wrong.gz; ouro --json $TMP/wrong.gz types -n 1
! ouro: warning: the core is damaged (unpacking it: its checksum does not match): any byte may be wrong; counts are lower bounds
@ summary["incomplete"] > 0

# What rests on all of it being there is unknown: a holder may be in what is missing.
$ ouro -q --json $TMP/cut retained -n 5
@ summary["incomplete"] > 0 and len(rows) == 5 and all(row["retained"] is None for row in rows)
$ ouro -q --json $TMP/cut dominated -n 5
@ all(row["retained"] is None for row in rows) and summary["rest"] is None
$ ouro -q --json $TMP/cut types --retained -n 5
@ all(row["retained"] is None and row["count"] > 0 for row in rows)
$ ouro -q --json $TMP/cut path $(ouro -q --json $TMP/cut objects -n 1 | sed -n 's/.*"object": *"\(0x[0-9a-f]*\)".*/\1/p') --count
@ summary["disjoint"] is None and summary["disjoint_exact"] is False
$ ouro -q --json $TMP/cut object $(ouro -q --json $TMP/cut objects -n 1 | sed -n 's/.*"object": *"\(0x[0-9a-f]*\)".*/\1/p')
@ any(row["name"] == "explained" and row["value"] is None for row in rows)
@ not any(row["name"] == "references" and "all found" in row["value"] for row in rows)
$ ouro -q --json $TMP/cut sql "SELECT count(retained) AS known, count(*) AS n FROM objects"
@ rows[0]["known"] == 0 and rows[0]["n"] > 1000
$ ouro -q --json $TMP/cut diff $CORE -n 5
@ all(row["delta"] is None and row["gone"] is None for row in rows) and summary["gone"] is None
$ ouro -q --json $CORE diff $TMP/cut -n 5
@ all(row["delta"] is None and row["new"] is None for row in rows) and summary["new"] is None
$ ouro -q --json $TMP/cut findings
@ not any(row["kind"] in ("closure", "listeners", "native-leak", "native-memory", "interned-strings", "id-keys") for row in rows)
# A whole one knows them.
$ ouro -q --json $CORE retained -n 5
@ all(row["retained"] > 0 for row in rows)
$ ouro -q --json $CORE path sys.modules --count
@ summary["disjoint"] > 0
