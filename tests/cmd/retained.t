# What goes when an object goes.
core held

# An owner retains its three blocks, wherever below it they are.
$ ouro --json $CORE retained __main__.OWNER
@ rows[0]["type"] == "__main__.Owner" and 300000 < rows[0]["retained"] < 302000
@ rows[0]["bytes"] < 300 and summary["dominates"] == len(rows) - 1 and rows[0]["state"] == "living"
@ all(row["dominator"] == rows[0]["object"] for row in rows[1:])
@ rows[0]["retained"] == rows[0]["bytes"] + sum(row["retained"] for row in rows[1:])
$ ouro --json $CORE retained "__main__.OWNER.parts['second'][0]"
@ len(rows) == 1 and rows[0]["retained"] == rows[0]["bytes"] and rows[0]["dominator"] is not None
@ rows[0]["owner"] is not None and rows[0]["owner"] != rows[0]["dominator"]

# What two share neither retains; what holds both does.
$ ouro --json $CORE retained '__main__.SHARED_BY[0]'
@ rows[0]["retained"] < 1000
$ ouro --json $CORE retained __main__.SHARED_BY
@ 100000 < rows[0]["retained"] < 102000

# A chain of fifty thousand: each link retains those behind it.
$ ouro --json $CORE retained __main__.CHAIN
@ rows[0]["type"] == "__main__.Part" and rows[0]["retained"] > 50000 * rows[0]["bytes"]
@ summary["accumulates_at"] is not None

# The top is sorted, and the groups too; each byte counts once in a group.
$ ouro --json $CORE retained -n 20
@ len(rows) == 20 and summary["truncated"] and [r["retained"] for r in rows] == sorted((r["retained"] for r in rows), reverse=True)
@ all(abs(r["share"] - r["retained"] / (summary["living_bytes"] + summary["garbage_bytes"])) < 1e-5 for r in rows)
$ ouro $CORE retained -n 1
  object * type * retained * share *
  0x* * %*
$ ouro --json $CORE retained --by type -n 500
@ one(group="__main__.Part")["objects"] == 50000 and one(group="__main__.Owner")["objects"] == 1
@ all(r["retained"] <= summary["living_bytes"] + summary["garbage_bytes"] for r in rows)
@ one(group="__main__.Part")["retained"] < 2 * one(group="__main__.Part")["bytes"] + 2000000
# Alike to `types --retained`, the dict of interned strings, which is in no tree, included. (Classes that share a name are one row here, and several there.)
$ ouro --json $CORE retained --by type -n 9999 | sed -n 's/.*"retained":\([0-9]*\).*"objects":\([0-9]*\).*"group":"\([^"]*\)".*/\3 \2 \1/p' | grep -v '<locals>' | LC_ALL=C sort > $TMP/a; ouro --json $CORE types --retained | sed -n 's/.*"type":"\([^"]*\)","count":\([0-9]*\).*"retained":\([0-9]*\).*/\1 \2 \3/p' | grep -v '<locals>' | LC_ALL=C sort > $TMP/b; cmp $TMP/a $TMP/b && echo alike; test $(wc -l < $TMP/a) -gt 50 && echo many
  alike
  many
$ ouro --json $CORE retained --by module -n 500
# A frame that has it does not take it from its module; and all rows together are all that lives.
@ one(group="sys.modules['__main__']")["retained"] > 12000000
@ sum(row["retained"] for row in rows) == summary["living_bytes"]
@ one(group="held only by running frames")["objects"] > 0
$ ouro --json $CORE retained --by thread
@ all(row["group"].startswith("thread ") or row["group"] == "several threads" for row in rows) and rows
@ all(0 < row["retained"] < 200000 for row in rows)
$ ouro --json $CORE retained --by owner -n 500
@ one(group="__main__.Owner")["objects"] >= 1
$ ouro --json $CORE retained --garbage
@ any(row["type"] == "__main__.Weakly" for row in rows) and all(row["state"] == "garbage" for row in rows)
# Where it piles up: the list of two equal parts, not its owner, most of which is that list.
$ ouro --json $CORE retained --drops -n 500
@ [row["children"] for row in rows if row["type"] == "list" and 200000 < row["retained"] < 201000] == [2, 2]
@ not any(row["type"] == "__main__.Owner" for row in rows)
@ all(row["greatest"] * 2 <= row["retained"] and row["children"] > 1 for row in rows)
@ not any(row["type"] == "__main__.Part" for row in rows)
$ ouro $CORE retained --by colour
? 2
! ouro: --by colour: *

# What --by cannot honour is refused, not ignored.
$ ouro $CORE retained --by type -t dict
! ouro: retained --by groups all objects: --type cannot be used with it
? 2
$ ouro $CORE retained --by type --garbage
! ouro: retained --by groups all objects: --garbage cannot be used with it
? 2

# What would happen without some references.
core orders
$ ouro --json $CORE retained --without __main__.CACHE
@ [(r["what"], r["objects"]) for r in rows if r["fate"] == "still held"] == [("__main__.RECENT[*]", 2)]
@ {r["what"]: r["objects"] for r in rows if r["fate"] == "freed by refcounts" and r["what"] in ("__main__.Customer", "list", "__main__.Order")} == {"__main__.Customer": 49, "list": 49}
@ {r["what"]: r["objects"] for r in rows if r["fate"] == "freed by the collector" and r["what"] != "dict"} == {"__main__.Order": 978, "__main__.Invoice": 978, "bytearray": 978}
@ summary["references"] == 1 and summary["by_collector"] == sum(r["objects"] for r in rows if r["fate"] == "freed by the collector")

# An attribute of all instances of a class: no ring is left.
$ ouro --json $CORE retained --without Order.invoice
@ summary["references"] == 1000 and summary["by_collector"] == 0
@ {r["what"]: r["objects"] for r in rows if r["fate"] == "freed by refcounts" and r["what"] != "dict"} == {"__main__.Invoice": 1000, "bytearray": 1000}
@ {r["what"]: r["objects"] for r in rows if r["fate"] == "still held"} == {"__main__.CACHE[*].orders[*]": 978, "__main__.RECENT[*]": 22}
$ ouro --json $CORE retained --without Order.invoice --without __main__.CACHE
@ {r["what"]: r["objects"] for r in rows if r["fate"] == "freed by refcounts" and r["what"] != "dict"} == {"__main__.Invoice": 1000, "bytearray": 1000, "__main__.Order": 978, "__main__.Customer": 49, "list": 49}
@ summary["by_collector"] == 0 and summary["references"] == 1001

# An item; all references to an object; what is not there.
$ ouro --json $CORE retained --without '__main__.CACHE[0]'
@ {r["what"]: r["objects"] for r in rows if r["fate"] == "freed by the collector" and r["what"] != "dict"} == {"__main__.Order": 18, "__main__.Invoice": 18, "bytearray": 18}
$ ouro --json $CORE retained --without $(ouro --json $CORE object __main__.CACHE | sed -n 's/.*"address","value":"\(0x[0-9a-f]*\)".*/\1/p')
@ summary["references"] == 1 and [(r["what"], r["objects"]) for r in rows if r["fate"] == "still held"] == [("__main__.RECENT[*]", 2)]
$ ouro $CORE retained --without __main__.NOTHING
? 1
! ouro: --without __main__.NOTHING: no module, object or class has a reference of that name
