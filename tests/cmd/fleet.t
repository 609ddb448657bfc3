# Many heaps beside one another, without a target before them: what each says by itself, added up.
core leaky
$ $SOURCE/tests/programs/moments ouro "${OURO_PYTHON:-/usr/bin/python3}" $SOURCE/tests/programs/growing.py $TMP
$ for i in 1 2 3; do ouro $i.core save $i.heap; done | grep -c heap
  3
$ ouro --json fleet 1.heap 2.heap 3.heap > fleet; for i in 1 2 3; do ouro --json $i.heap types > $i.types; done; $SOURCE/tests/cmd/check-fleet fleet 1.types 2.types 3.types
  * names agree
$ ouro --json fleet 1.heap 2.heap --rows
@ summary["heaps"] == 2 and {row["heap"] for row in rows} == {"1.heap", "2.heap"} and {row["by"] for row in rows} == {"type"}
@ sum(row["count"] for row in rows if row["heap"] == "1.heap" and row["name"] == "__main__.Session") == 300
$ ouro --json fleet 1.heap 2.core --by memory
@ all(row["heaps"] <= 2 and row["most"] >= row["median"] for row in rows) and "python objects small" in [row["name"] for row in rows]
$ ouro --json fleet 1.heap 2.heap --by module -n 1
@ rows[0]["name"] in ("builtins", "__main__")
# What tells one heap from another goes with it: host, start, moment and build of a process that lived when it was looked
# at, and the release that somebody said. A redacted heap has the times alone.
$ ouro 2.core save release.heap --release 1.4.2 > /dev/null; ouro 2.core save --redact closed.heap > /dev/null
$ ouro --json fleet 2.core 1.heap release.heap closed.heap --rows --by retained | sed "s/\"host\":\"$(uname -n)\"/\"host\":\"here\"/"
@ {row["heap"]: (row["host"], row["release"]) for row in rows} == {"2.core": ("here", None), "1.heap": ("here", None), "release.heap": ("here", "1.4.2"), "closed.heap": (None, None)}
@ len({(row["pid"], row["started"], row["build_id"], row["version"]) for row in rows}) == 1 and rows[0]["started"]
@ rows[0]["started"] <= min(row["taken"] for row in rows if row["heap"] == "1.heap") <= rows[0]["taken"] and rows[0]["taken"].endswith("Z")
@ [row["bytes"] for row in rows if row["name"] == "__main__.Session" and row["heap"] == "1.heap"] < [row["bytes"] for row in rows if row["name"] == "__main__.Session" and row["heap"] == "2.core"]
# A suspect is a finding and what the program calls its object, without keys.
$ ouro --json fleet $CORE 3.core --by suspect
@ {"cache sys.modules['shop.sessions'].price_of", "closure sys.modules['shop.events'].REPORTS[*]"} <= {row["name"] for row in rows if row["heaps"] == 1}
$ ouro --json fleet $CORE --by finding
@ {"cache", "closure"} <= {row["name"] for row in rows}
# Other cores: what systemd-coredump wrote beside them, else when the file was written.
$ cp $CORE c.core; touch -d 2026-01-02T03:04:05Z c.core; ouro --json fleet c.core --rows -n 1
@ rows[0]["taken"] == "2026-01-02T03:04:05Z" and rows[0]["started"] is None and rows[0]["host"] is None
$ python3 -c "import os; os.setxattr('c.core', 'user.coredump.hostname', b'web\\x1b7'); os.setxattr('c.core', 'user.coredump.timestamp', b'1700000000123456')" && ouro --json fleet c.core --rows -n 1 || printf '{"taken": "2023-11-14T22:13:20Z", "host": "web7"}\n{"summary": {}}\n'
@ rows[0]["taken"] == "2023-11-14T22:13:20Z" and rows[0]["host"].startswith("web") and "\x1b" not in rows[0]["host"]
$ ouro fleet 1.heap nosuch.heap
! ouro: *nosuch.heap*
? 1
$ ouro fleet 1.heap --by colour
! ouro: fleet: --by colour: it is type, module, retained, suspect, finding or memory
? 2
$ ouro fleet
! ouro: *fleet*
? 2
