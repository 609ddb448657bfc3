# What is wrong: the demo's sins, each with evidence and the next command (tests/findings judges the kinds).

core leaky
$ ouro $CORE --json findings
@ {"severity", "kind", "bytes", "objects", "what", "why", "next", "object"} <= set(rows[0])
@ [row["severity"] for row in rows] == sorted((row["severity"] for row in rows), key=["high", "medium", "low", "info"].index)
@ sum(summary[severity] for severity in ("high", "medium", "low", "info")) == len(rows)

$ ouro $CORE --json findings --kind gc-off
@ [row["kind"] for row in rows] == ["gc-off"] and rows[0]["next"] == "cycles --garbage"

# A kind asked for alone says what it says among the others, suspects' names and shares with it.
$ for kind in closure container; do test "$(ouro $CORE --json findings | grep "\"kind\":\"$kind\"")" = "$(ouro $CORE --json findings --kind $kind | grep '"kind"')" && echo same; done
  same
  same

$ ouro $CORE --json findings --severity low
@ rows and all(row["severity"] != "info" for row in rows)

$ ouro $CORE --json findings -n 1
@ len(rows) == 1 and summary["truncated"]

$ ouro $CORE findings --kind nonsense
! ouro: no kind of finding nonsense; `help findings` lists them
? 2

$ ouro $CORE findings --severity worst
! ouro: --severity worst: it may be high, medium, low or info
? 2

$ ouro $CORE help findings
  ...
  kind *gc-off*the collector is disabled*
  ...

# Beside an earlier heap: what grew comes first; what is as large as it was does not grow.
$ $SOURCE/tests/programs/moments ouro "${OURO_PYTHON:-/usr/bin/python3}" $SOURCE/tests/programs/growing.py $TMP
$ ouro --json 2.core findings 1.core
@ summary["same_process"] is True
@ any("it grew by" in row["why"] for row in rows if row["severity"] != "info")
@ all(row["severity"] == "info" for row in rows if "it does not grow" in row["why"])

# What has become less is not as large as before.
$ ouro --json 1.core findings 2.core
@ any(" in the earlier heap, and is " in row["why"] for row in rows)
@ all(row["severity"] == "info" for row in rows if " in the earlier heap, and is " in row["why"])

$ ouro $CORE findings no-such-file
! ouro: no-such-file*
? 1

# For CI: the exit status tells, the rows are the same. A severity that is not there is no alarm.
$ ouro --json $CORE findings --fail-on high
@ summary["high"] > 0 and len(rows) == sum(summary[name] for name in ("high", "medium", "low", "info"))
? 3
$ ouro --json $CORE findings --kind gc-off --fail-on high
? 0
$ ouro --json $CORE findings --severity high --fail-on info -n 1
? 3
$ ouro $CORE findings --fail-on worst
! ouro: --fail-on worst: it may be high, medium, low or info
? 2

# On a terminal: a paragraph each, no line of hundreds of columns. In a pipe: a row each.
$ $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE findings --kind gc-off
  low  gc-off  * objects
  the collector is off, and *
  ...
  next: cycles --garbage
  object: 0x*
$ $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE findings | grep -v '^    next: ' | awk 'length($0) > 80' | wc -l
  0
$ ouro $CORE findings --kind gc-off
  severity *kind *bytes *objects *what *why *next *object
  low *gc-off *
