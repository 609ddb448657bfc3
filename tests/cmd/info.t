# What was opened, and the state of its collector.
core leaky

$ ouro $CORE info
  section * name * value
  target * kind * core
  target * path * *leaky*.core
  ...
  python * version * *.*.*
  ...
  gc * enabled * no
  gc * debug * 0
  ...
  generation 0 * objects *
  ...
  heap * objects *
  ...
  evidence * guessed *
  ...

$ ouro --json $CORE info
@ len(rows) == summary["rows"] and summary["command"] == "info" and not summary["truncated"]
@ all(set(row) == {"section", "name", "value"} for row in rows)
@ values("target")["kind"] == "core" and values("target")["path"].endswith(".core") and values("target")["pid"] > 1
@ re.match(r"\d+\.\d+\.\d+", values("python")["version"])
@ values("python")["implementation_layout_source"] and values("python")["free_threaded"] is False and values("python")["debug"] is False
@ values("gc")["enabled"] is False and values("gc")["collecting"] is False and values("gc")["debug"] == 0
@ values("gc")["thresholds"] in ("700,10,10", "2000,10,10")
@ re.fullmatch(r"\d+,\d+,\d+", values("gc")["counts"])
# DEBUG_SAVEALL left five orders, their invoices and the lists of the orders' lines.
@ values("gc")["garbage"] >= 10
@ values("gc")["callbacks"] == 0
@ values("gc")["frozen"] == values("generation permanent")["objects"] > 1000
@ all(set(values("generation %d" % g)) == {"objects", "bytes", "collections", "collected", "uncollectable", "next"} for g in range(3))
@ values("generation 0")["objects"] > 500 and values("generation 0")["collections"] > 0
@ sum(values("generation %s" % g)["objects"] for g in (0, 1, 2, "permanent")) == values("heap")["tracked"]
@ values("heap")["objects"] > values("heap")["tracked"] and values("heap")["references"] > values("heap")["objects"]
@ values("heap")["threads"] == 3 and values("heap")["interpreters"] == 1 and values("heap")["dropped"] == 0
@ set(values("evidence")) == {"decoded", "traversed", "guessed", "disputed", "checked", "differing"} and values("evidence")["decoded"] > 10000
@ values("coverage")["share"] is None or 0.9 < values("coverage")["share"] <= 1

$ ouro --json $CORE info --interpreter 0
@ values("gc")["garbage"] >= 10

$ ouro $CORE info --interpreter 7
! ouro: no interpreter 7; there are 1, numbered from 0
? 1

# Without a command, where stdout is no terminal: the same.
$ ouro $CORE
  section * name * value
  target * kind * core
  ...

# --quick counts the lists and reads no object: the same lengths, and nothing that takes more.
$ ouro $CORE info | grep '^gen.* objects ' | sort > $TMP/whole; ouro $CORE info --quick | grep '^gen.* objects ' | sort > $TMP/quick; grep -o '[^ ]*$' $TMP/whole > $TMP/a; grep -o '[^ ]*$' $TMP/quick | diff - $TMP/a && wc -l < $TMP/a
  4
$ ouro --json $CORE info --quick
@ values("generation 0")["bytes"] is None and "objects" not in values("heap") and values("heap")["threads"] == 3
@ values("gc")["garbage"] == 20 and values("gc")["frozen"] == values("generation permanent")["objects"] > 10000
# A saved heap is there at once; a redacted one has no memory to count in, and no file names to tell.
$ rm -f $TMP/r.heap; ouro $CORE save $TMP/r.heap --redact > /dev/null; ouro --json $TMP/r.heap info --quick
@ values("generation permanent")["objects"] > 10000 and values("heap")["objects"] > 100000
$ ouro --json $TMP/r.heap cycles
@ all(row["source"] is None for row in rows) and rows[0]["why"]

# Of one interpreter: what is its own, and nothing of the process.
$ ouro --json $CORE info --interpreter 0
@ {row["section"] for row in rows} == {"gc", "generation 0", "generation 1", "generation 2", "generation permanent", "heap"}
@ values("heap")["objects"] > 1000 and values("heap")["bytes"] > 100000

# As many types as `types` has rows.
$ test $(ouro --json $CORE info | sed -n 's/.*"heap","name":"types","value":\([0-9]*\).*/\1/p') = $(ouro --json $CORE types | grep -c '"type"') && echo alike
  alike
