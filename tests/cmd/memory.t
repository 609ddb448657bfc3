# Every byte has one row.
core leaky

$ ouro $CORE memory
! ouro: * MiB in memory: python objects * MiB, *
@ text.splitlines()[0].split() == "kind name bytes resident private swapped count what".split()
@ any(line.startswith("malloc free ") and " fragmentation" in line for line in text.splitlines())

$ ouro --json $CORE memory
@ sum(row["bytes"] for row in rows) == summary["total"]
@ sum(row["resident"] or 0 for row in rows) == summary["resident"] <= summary["total"]
@ 0.9 * summary["total"] < summary["explained"] <= summary["total"]
@ 0 <= summary["trim"] <= summary["resident"]
@ summary["malloc"] == "glibc" and summary["mapped_agree"] is True
@ {"python objects", "pymalloc free", "malloc in use", "malloc free", "stack", "program", "library"} <= {row["kind"] for row in rows}
@ one(kind="stack", name="main thread")["count"] == 1
@ one(kind="malloc free", name="top")["count"] >= 1
@ all(row["private"] is None for row in rows)

$ ouro --json $CORE memory -n 1
@ len(rows) == 1 and summary["truncated"] and rows[0]["resident"] > 0

# Each block of malloc in use has an owner, or is lost; those of `memory` are these.
$ ouro --json $CORE blocks
@ {row["how"] for row in rows} <= {"object", "buffer", "reached", "global", "stack", "other", "lost"}
@ sum(row["bytes"] for row in rows) == sum(value for key, value in summary.items() if key.endswith("_bytes"))
@ len(rows) == summary["blocks"] and any(row["how"] == "buffer" and row["type"] == "dict" for row in rows)
@ all((row["owner"] is None) == (row["how"] == "lost") for row in rows)
@ summary["lost_bytes"] < 65536
$ ouro --json $CORE blocks --by owner
@ sum(row["count"] for row in rows) == summary["blocks"] and sum(row["bytes"] for row in rows) == sum(value for key, value in summary.items() if key.endswith("_bytes"))
$ ouro --json $CORE blocks --by library -n 3
@ len(rows) == 3
$ ouro $CORE blocks --by colour
! ouro: blocks: --by takes size, owner, library, content or struct, not 'colour'
? 2
$ ouro $CORE block 0x10
! ouro: block: 0x10 lies in no block of malloc
? 1
$ ouro $CORE block x
! ouro: block: an address (0x...), not 'x'
? 2

# The first lines of it, and the same core beside itself.
$ ouro --json $CORE info
@ values("memory")["malloc"] == "glibc" and values("memory")["total"] > values("memory")["resident"] > values("memory")["malloc_in_use"]
$ ouro --json $CORE memory $CORE
@ rows == [] and summary["delta"] == 0 and summary["before"] == summary["after"] > 0
$ $SOURCE/tests/programs/moments ouro "${OURO_PYTHON:-/usr/bin/python3}" $SOURCE/tests/programs/growing.py $TMP
$ ouro --json 2.core memory 1.core
@ summary["delta"] == sum(row["delta"] for row in rows) and one(kind="python objects", name="small")["count_delta"] > 0
@ all(row["delta"] == row["after"] - row["before"] for row in rows)
# diff tells the same, and how much more is in memory.
$ ouro --json 2.core diff 1.core --by memory
@ summary["delta"] == sum(row["delta"] for row in rows) and one(kind="python objects", name="small")["count_delta"] > 0
$ ouro --json 2.core diff 1.core
@ summary["resident_delta"] == summary["resident_after"] - summary["resident_before"] and summary["resident_after"] > 0
$ ouro 2.core diff 1.core --by memory --kept
! ouro: diff: --by memory cannot be used with --kept
? 2
$ ouro 2.core diff --by memory
! ouro: diff: --by memory needs one core to compare with
? 2
# What it comes to, in a sentence.
$ ouro --json 2.core info
@ " in memory: " in values("memory")["verdict"] and values("memory")["python_objects"] > 0

# Who is in nearly empty arenas: the sums are pymalloc's own.
core leaky
$ ouro --json $CORE pins
@ summary["arenas"] >= summary["nearly_empty"] and summary["arena_bytes"] > summary["free"] > 0
@ all(row["arenas"] <= summary["nearly_empty"] and row["alone"] <= row["arenas"] for row in rows)
@ summary["nearly_empty_used"] == sum(row["bytes"] for row in rows)
@ summary["pools"] * 4096 <= summary["pools_bytes"] and summary["pools_used"] * 4 <= summary["pools_bytes"]
@ all((row["held_by"] is None) == (row["held"] is None) and (row["held"] is None or row["held"] * 2 > row["count"]) for row in rows)
