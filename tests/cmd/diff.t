# What has come and gone: three cores of one process, and a core of another.
core leaky
$ $SOURCE/tests/programs/moments ouro "${OURO_PYTHON:-/usr/bin/python3}" $SOURCE/tests/programs/growing.py $TMP
$ ouro 2.core diff 1.core
  type *before*after*delta*bytes_delta*new*gone*object
  ...
  __main__.Session * 300 * 580 * 280 * KiB * 340 * 60 *0x*
  ...
! ouro: both are of one process (one process: the same exec): objects are compared one by one
$ ouro --json 2.core diff 1.core
@ summary["same_process"] is True and summary["why"] == "one process: the same exec"
@ all(row["delta"] == row["after"] - row["before"] == row["new"] - row["gone"] for row in rows)
@ summary["new"] == sum(row["new"] for row in rows) and summary["gone"] == sum(row["gone"] for row in rows)
@ summary["after"] - summary["before"] == summary["new"] - summary["gone"]
@ one(type="__main__.Order")["before"] == 0 and one(type="__main__.Order")["new"] == 60
@ [row["bytes_delta"] for row in rows] == sorted((row["bytes_delta"] for row in rows), reverse=True)
$ ouro --json 2.core diff 1.core --objects -t __main__.Session
@ len(rows) == 340 and {row["type"] for row in rows} == {"__main__.Session"}
@ rows[0].keys() >= {"object", "type", "gen", "refcount", "bytes", "preview", "reused"}
$ ouro --json 2.core objects --new 1.core -t __main__.Session
@ len(rows) == 340
$ ouro --json 1.core diff 2.core
@ one(type="__main__.Session")["delta"] == -280 and summary["same_process"] is True
# The same heap twice: nothing is new, and nothing is reused.
$ ouro --json 2.core diff 2.core
@ rows == [] and summary["new"] == summary["gone"] == summary["reused"] == 0
# Born between the first two, and there in the third.
$ ouro --json 3.core diff 1.core 2.core --kept
@ one(type="__main__.Session")["new"] == one(type="__main__.Session")["kept"] == 260
@ all(row["kept"] > 0 for row in rows) and summary["kept"] == sum(row["kept"] for row in rows)
$ ouro --json 3.core diff 1.core 2.core -n 2 --sort kept
@ len(rows) == 2 and summary["truncated"] and rows[0]["kept"] >= rows[1]["kept"] > 0
$ ouro --json 3.core objects --new 1.core 2.core --kept -t __main__.Session
@ len(rows) == 260
$ ouro --json 3.core diff 1.core 2.core -t __main__.Session --kept --objects
@ len(rows) == 260
$ ouro --json 3.core diff 1.core 2.core
@ one(type="__main__.Session")["born"] == "240,260,40" and one(type="__main__.Session")["after"] == 540
# Where they hang.
$ ouro --json 2.core diff 1.core --by path -t __main__.Session
@ one(path="__main__.CACHE")["new"] == one(path="__main__.CACHE")["held"] == 200
@ one(path="__main__.CACHE")["holder"] == "sys.modules['__main__'].CACHE"
@ one(path="__main__.WORKING")["new"] == 80 and one(path="__main__.OLD")["new"] == 60
$ ouro --json 2.core diff 1.core --by path
@ one(path="__main__.Session.made")["new"] == 1 and one(path="__main__.Session.made")["delta"] == 1
$ ouro --json 2.core diff 1.core --by module
@ one(module="__main__")["new"] == 400 and one(module="builtins")["new"] > 0
# Saved heaps, on either side.
$ ouro -q 1.core save 1.heap && ouro -q 2.core save 2.heap && ouro -q 1.core save --redact 1.redacted
$ ouro --json 2.heap diff 1.heap
@ summary["why"] == "one process: the same exec" and one(type="__main__.Session")["new"] == 340
$ ouro --json 2.core diff 1.heap --objects -t __main__.Session
@ len(rows) == 340
# Without values less is told, and it is said.
$ ouro --json 2.core diff 1.redacted
@ one(type="__main__.Session")["new"] == 340
@ summary["maybe"] > 5000
$ ouro --json 2.core diff 1.redacted --by path
@ one(path="__main__.CACHE")["before"] is None and one(path="__main__.CACHE")["new"] >= 200
# Two runs: by names.
$ ouro --json 2.core diff $CORE
@ summary["same_process"] is False and "two runs" in summary["why"] and summary["new"] is None
@ one(type="__main__.Session")["before"] == 0 and one(type="__main__.Session")["new"] is None
$ ouro --json 2.core diff $CORE --by path
@ one(path="__main__.CACHE")["new"] is None and one(path="__main__.CACHE")["after"] == 801
$ ouro --json 2.core diff 1.core --runs
@ summary["same_process"] is False and one(type="__main__.Session")["delta"] == 280
# What cannot be answered.
$ ouro 2.core diff $CORE --objects
! ouro: objects can be told apart only within one process (two runs: *)
? 1
$ ouro 2.core objects --new $CORE
! ouro: --new: objects can be told apart only within one process (two runs: *)
? 1
$ ouro 2.core diff nowhere.core
! ouro: nowhere.core: No such file or directory
? 1
$ ouro 2.core diff 1.ids
! ouro: 1.ids: *
? 1
$ ouro 2.core diff
! ouro: there is no earlier stop: name a core to compare with
? 2
# Any number of moments: the verdicts, and the counts of `types` at each.
$ ouro --json 3.core diff 1.core 2.core --trend
@ summary["moments"] == 3 and one(type="__main__.Session")["verdict"] == "saw-tooth" and one(type="__main__.Order")["counts"] == "0,60,0"
@ all(row["first"] == int(row["counts"].split(",")[0]) and row["last"] == int(row["counts"].split(",")[2]) for row in rows)
@ one(type="__main__.Session")["counts"].startswith("300,580,") and one(type="__main__.Order")["verdict"] == "saw-tooth"
@ all(row["delta"] == row["last"] - row["first"] and len(row["trend"]) == 3 for row in rows) and one(type="__main__.Session")["trend"][1] == "█"
@ all(row["rate"] is not None and (row["rate"] > 0) == (row["bytes_delta"] > 0) for row in rows if row["bytes_delta"])
$ ouro --json 2.core diff 1.core 3.core --trend
@ one(type="__main__.Session")["verdict"] == "grows at every step" and one(type="__main__.Order")["counts"] == "0,0,60" and one(type="__main__.Order")["verdict"] == "grew once"
# The files' times do not ascend here.
@ all(row["rate"] is None for row in rows)
$ ouro --json 1.core diff 2.core 3.core --trend
@ one(type="__main__.Session")["verdict"] == "shrinks at every step"
$ ouro --json 3.core diff 1.core 2.core 1.core 2.core --trend
@ summary["moments"] == 5 and one(type="__main__.Session")["verdict"] == "saw-tooth"
$ ouro --json 2.core diff 2.core 2.core --trend
@ rows == []
# Other rows than types.
$ ouro --json 3.core diff 1.core 2.core --trend --by path
@ one(path="__main__.CACHE")["counts"].count(",") == 2 and all(row["first"] == int(row["counts"].split(",")[0]) for row in rows)
$ ouro --json 2.core diff 1.core --by path
@ len(rows) > 3
$ ouro --json 2.core diff 1.core --trend --by path
@ one(path="__main__.CACHE")["verdict"] == "grows at every step" and one(path="__main__.CACHE")["rate"] > 0
$ ouro --json 3.core diff 1.core 2.core --trend --by module
@ one(module="__main__")["verdict"] == "saw-tooth"
$ ouro --json 3.core diff 1.core 2.core --trend --suspects
@ all(row["delta"] == row["bytes_delta"] for row in rows) and summary["moments"] == 3
$ ouro --json 3.core diff 1.core 2.core --trend --by memory
@ all(row["delta"] == row["last"] - row["first"] == row["bytes_delta"] for row in rows) and any("pymalloc" in row["row"] or "python" in row["row"] for row in rows)
# Files say when it was, whatever became of them since: no rate by a time that is not the moment's.
$ cp 1.core 1.copy && touch -d '1000 hours ago' 1.copy && ouro --json 3.core diff 1.copy --trend
@ one(type="__main__.Session")["rate"] is None or one(type="__main__.Session")["rate"] > one(type="__main__.Session")["bytes_delta"]
$ ouro --json 3.core diff 1.core 2.core --trend
@ summary["memory"] and len(summary["memory"]) == 3 and summary["residents"].count(",") == 2
# In a report: a picture for each row; redacted, those whose names may be shown.
$ ouro -q 3.core report trends.html 1.core 2.core && $SOURCE/tests/cmd/check-html trends.html
  ...
  well-formed: * sections, *
$ ouro 3.core report --format json trends.json 1.core 2.core >/dev/null && python3 -c 'import json; [print(json.dumps(s)) for s in json.load(open("trends.json"))["sections"]]; print(json.dumps({"summary": {}}))'
@ [row["section"] for row in rows if row["section"].startswith("trends")] == ["trends", "trends-paths", "trends-memory"]
@ [row["counts"] for row in one(section="trends")["rows"] if row["type"] == "__main__.Session"] == ["300,580,540"]
$ grep -c '<b>__main__.Session</b>.*<polyline points="4.0,40.0 79.0,4.0 154.0,9.1 "/>' trends.html
  1
$ ouro -q 3.core report --redact redacted.html 1.core 2.core && grep -c 'id="trends' redacted.html
  ...
  1
# A limit: no more than what is there is reached at once; the rate is the whole process's.
$ ouro --json 2.core diff 1.core --trend --ceiling 1K
@ summary["seconds_left"] == 0
$ ouro --json 1.core diff 2.core --trend --ceiling 1K
@ summary["seconds_left"] is None and summary["rate"] is None
$ ouro 2.core diff 1.core --ceiling 1G
! ouro: diff: --ceiling needs --trend
? 2
$ ouro 3.core diff 1.core 2.core --suspects
! ouro: diff: --suspects and --class need one core to compare with
? 2
$ ouro 2.core diff 1.core --kept
! ouro: --kept needs two cores: *
? 2
$ ouro 2.core diff 1.core --by colour
! ouro: --by colour: it may be type, module, path, line or memory
? 2
$ ouro 2.core objects 1.core
! ouro: objects: --new needs a core to compare with
? 2

# Where tracemalloc was on: the lines that allocated what is new.
$ mkdir traced && PYTHONTRACEMALLOC=1 $SOURCE/tests/programs/moments ouro "${OURO_PYTHON:-/usr/bin/python3}" $SOURCE/tests/programs/growing.py traced
$ ouro --json traced/2.core diff traced/1.core --by line
@ [row["new"] for row in rows if row["line"].endswith("growing.py:73")] == [400]
@ sum(row["new"] for row in rows) == summary["new"] and [row["new_bytes"] for row in rows] == sorted((row["new_bytes"] for row in rows), reverse=True)
$ ouro 2.core diff 1.core --by line
? 1
! ouro: tracemalloc was not on*

# Whether a fix works: suspects by name, and the ways to a class, of two runs.
core orders leak
$ cp $CORE $TMP/before.core
core orders
$ ouro --json $CORE diff $TMP/before.core --suspects
@ [(r["state"], r["after"]) for r in rows if r["suspect"] == "__main__.LOG"] == [("gone", None)]
@ all(r["state"] in ("there", "new") for r in rows if r["suspect"] != "__main__.LOG") and summary["gone"] == 1
@ next(r["before"] for r in rows if r["suspect"] == "__main__.LOG") > 2000000
$ ouro --json $CORE diff $TMP/before.core --class Entry
@ [(r["shape"], r["before"], r["after"], r["delta"]) for r in rows] == [("__main__.LOG[*]", 2000, 2, -1998)]
$ ouro --json $CORE diff $TMP/before.core --class Order
@ [(r["shape"], r["before"], r["after"], r["delta"]) for r in rows] == [("__main__.CACHE[*].orders[*]", 978, 978, 0), ("__main__.RECENT[*]", 22, 22, 0)]
$ ouro $CORE diff $TMP/before.core --suspects --by path
? 2
! ouro: diff: --suspects and --class cannot be used with --by
