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
$ ouro fleet 1.heap nosuch.heap
! ouro: *nosuch.heap*
? 1
$ ouro fleet 1.heap --by colour
! ouro: fleet: --by colour: it is type, module, finding or memory
? 2
$ ouro fleet
! ouro: *fleet*
? 2
