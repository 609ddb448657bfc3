# Where objects were allocated: tracemalloc's tables.
core traced

# One object: the most recent call first, as many frames as tracemalloc.start(3) asked for.
$ ouro --json $CORE trace __main__.KEPT[7]
@ [row["line"] for row in rows] == [18, 23, 27] and [row["frame"] for row in rows] == [0, 1, 2]
@ all(row["file"].endswith("traced.py") for row in rows)
@ summary["limit"] == 3 and summary["depth"] in (3, 4)
$ ouro $CORE trace __main__.KEPT[7]
  object *frame *file *line *bytes
  0x* 0 *traced.py *18 *
  0x* 1 *traced.py *23 *
  0x* 2 *traced.py *27 *

# Made before tracemalloc was started, or not made at all.
$ ouro --json $CORE trace __main__.EARLY
@ rows == []
$ ouro --json $CORE trace sys
@ rows == []

# Lines: blocks of the objects and of what they own.
$ ouro --json $CORE traces
@ one(line=28)["count"] == 2 and 200000 <= one(line=28)["bytes"] <= 200200
@ one(line=18)["count"] >= 1000 and one(line=18)["type"] == "__main__.Order"
@ one(line=14)["type"] == "list" and one(line=14)["bytes"] >= 80 * 1000
@ summary["bytes"] == summary["traced"] == sum(row["bytes"] for row in rows)
@ summary["domains"] == 1 and summary["unreadable"] == 0 and summary["limit"] == 3
# Up to 3.11 these two are static variables: without debug information nobody knows where.
@ summary["peak"] is None or summary["peak"] >= summary["traced"]
@ summary["tables"] is None or summary["tables"] > 1000
@ [row["bytes"] for row in rows] == sorted((row["bytes"] for row in rows), reverse=True)
$ ouro --json $CORE traces --by file
@ sum(row["bytes"] for row in rows) == summary["traced"] and rows[0]["line"] is None
@ len(set(row["file"] for row in rows)) == len(rows)
$ ouro --json $CORE traces --by traceback -n 3
@ len(rows) == 3 and summary["truncated"]
@ any("traced.py:23 < " in (row["callers"] or "") for row in rows)
$ ouro --json $CORE traces --domain 5
@ rows == [] and summary["traces"] > 2000
$ ouro $CORE traces --by colour
! ouro: traces: --by colour: use line, file or traceback
? 2

# Types in groups by line, and the objects of one.
$ ouro --json $CORE types --by line
@ [row["count"] for row in rows if row["group"].endswith("traced.py:18")] == [1000]
@ 900 < sum(row["count"] for row in rows if row["group"].endswith("traced.py:14")) <= 1000
@ summary["objects"] == sum(row["count"] for row in rows) and one(group="(not traced)")["count"] > 10000
$ ouro --json $CORE objects --group line:$SOURCE/tests/programs/traced.py:18 -n 0
@ len(rows) == 1000 and set(row["type"] for row in rows) == {"__main__.Order"}

# Others tell it too.
$ ouro --json $CORE info
@ values("tracemalloc")["on"] is True and values("tracemalloc")["limit"] == 3
@ values("tracemalloc")["peak"] is None or values("tracemalloc")["peak"] >= values("tracemalloc")["traced"] > 200000
$ ouro --json $CORE object __main__.NOTE
@ values()["allocated"].endswith("traced.py:28")
$ ouro --json $CORE object __main__.EARLY
@ values()["allocated"] is None

# Findings about an object say what line made it.
core private
$ ouro --json $CORE findings --all
@ any("; allocated at " in row["why"] and "private.py:33" in row["why"] for row in rows)

# It was on and is off again: the tables are gone, and that is said.
core traced --stop
$ ouro $CORE traces
! ouro: tracemalloc was not on: *
? 1
$ ouro $CORE trace __main__.NOTE
! ouro: tracemalloc was not on: *
? 1
$ ouro $CORE types --by line
! ouro: tracemalloc was not on: *
? 1
$ ouro --json $CORE info
@ values("tracemalloc")["on"] is False and values("tracemalloc")["traced"] is None
$ ouro --json $CORE object __main__.NOTE
@ "allocated" not in values()
