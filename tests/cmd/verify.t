# What does not add up.
core leaky

$ ouro --json $CORE verify
@ all({"object", "problem"} <= set(row) for row in rows) and len(rows) == summary["rows"]
@ not any("is broken" in row["problem"] or "no object" in row["problem"] for row in rows)
@ not any("references to it were found" in row["problem"] for row in rows)

# Suspended generators, threads, references that C code leaked: all of it adds up.
core held
$ ouro --json $CORE verify
@ rows == []

# A list in the middle of list.sort() is said aloud, and named.
core sorting
$ ouro --json $CORE verify
! ouro: warning: 1 object was being changed when the process stopped, or is damaged: `verify` names it
@ one(type="list")["problem"].startswith("it was being changed when the process stopped")
$ ouro -q --json $CORE info
@ values("heap")["unfinished"] == 1

core leaky
# Every object, asked in the jail: nobody holds the GIL of a program that sleeps.
$ ouro --json $CORE verify --traverse
@ summary["asked"] == summary["agreed"] > 10000 and summary["unanswered"] == 0

# Words of a block that were tried as an object's are no reads that failed.
core typelike
$ ouro --json $CORE verify
@ rows == [] and summary["faults"] == 0
