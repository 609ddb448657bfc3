# Questions of one's own: the tables are the heap, and what they say is what the commands say.
core leaky
$ ouro $CORE sql "SELECT type, count(*) AS n, sum(bytes) FROM objects WHERE type = 'shop.sessions.Session' GROUP BY type"
  type *n*sum(bytes)
  shop.sessions.Session *500*
$ ouro --json $CORE sql "SELECT * FROM types ORDER BY bytes DESC" > types.sql; ouro --json $CORE types > types.cmd; cat types.sql
@ list(rows[0]) == ["type", "module", "count", "bytes", "garbage"] and rows[0]["module"] == "builtins"
$ python3 -c 'import json; read = lambda name: sorted((r["type"], r["count"], r["bytes"], r["garbage"]) for r in map(json.loads, open(name)) if "type" in r); print(read("types.sql") == read("types.cmd"))'
  True
$ ouro --json $CORE sql "SELECT * FROM objects LIMIT 3"
@ len(rows) == 3 and rows[0]["object"].startswith("0x") and "preview" not in rows[0] and rows[0]["tracked"] in (True, False)
# Both directions agree, and agree with referents and referrers.
$ ouro --json $CORE sql "SELECT count(*) AS n FROM refs UNION ALL SELECT sum(referents) FROM objects UNION ALL SELECT sum(referrers) FROM objects UNION ALL SELECT count(*) FROM objects o JOIN refs r ON r.target = o.object"
@ len({row["n"] for row in rows}) == 1 and rows[0]["n"] > 100000
$ for way in source target; do ouro --json $CORE sql "SELECT edge, $way FROM refs WHERE $way = (SELECT source FROM refs WHERE edge = '.user' LIMIT 1)"; done | grep -c edge
  4
$ at=$(ouro --json $CORE sql "SELECT min(object) AS o FROM objects WHERE type = 'shop.sessions.Session'" -n 1 | grep -o '[0-9]\{6,\}'); ouro --json $CORE sql "SELECT r.edge, r.target AS object FROM refs r WHERE r.source = $at" > a; ouro --json $CORE referents $(printf 0x%x $at) > b; python3 -c 'import json; read = lambda name: [(r["edge"], r["object"]) for r in map(json.loads, open(name)) if "edge" in r]; print(read("a") == read("b") != [])'
  True
$ at=$(ouro --json $CORE sql "SELECT min(object) AS o FROM objects WHERE type = 'shop.sessions.Session'" -n 1 | grep -o '[0-9]\{6,\}'); ouro --json $CORE sql "SELECT r.edge, r.source AS object FROM refs r WHERE r.target = '$(printf 0x%x $at)'" > a; ouro --json $CORE referrers $(printf 0x%x $at) > b; python3 -c 'import json; read = lambda name: [(r["edge"], r["object"]) for r in map(json.loads, open(name)) if "edge" in r]; print(read("a") == read("b") != [])'
  True
# What takes longer.
$ ouro --json $CORE sql "SELECT sum(garbage) AS n FROM objects"
@ rows[0]["n"] > 1000
$ ouro --json $CORE sql "SELECT object, retained, preview FROM objects WHERE object = (SELECT object FROM objects WHERE type = 'list' ORDER BY retained DESC LIMIT 1)"
@ len(rows) == 1 and rows[0]["retained"] > 10000 and rows[0]["preview"].startswith("[")
$ ouro --json $CORE sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n" -n 2
@ [row["i"] for row in rows] == [1, 2] and summary["truncated"] is True
$ ouro --json $CORE sql SELECT 1.5 AS a, null, 2 AS a
@ rows == [{"a": 1.5, "null": None, "a_2": 2}]
$ ouro --json $CORE sql "SELECT char(27) || 'x' AS t, address(255) AS h"
@ rows == [{"t": "\\x1bx", "h": "0xff"}]
$ ouro --json $CORE sql "SELECT type FROM types WHERE 0"
@ rows == [] and summary["rows"] == 0
# Only questions.
$ ouro $CORE sql "DROP TABLE objects"
! ouro: sql: only SELECT: a heap does not change
? 2
$ ouro $CORE sql "ATTACH 'x.db' AS x"
! ouro: sql: only SELECT: a heap does not change
? 2
$ ouro $CORE sql "PRAGMA temp_store = 1"
! ouro: sql: only SELECT: a heap does not change
? 2
$ ouro $CORE sql "SELECT load_extension('x')"
! ouro: sql: *load_extension*
? 2
$ ouro $CORE sql "SELECT * FORM types"
! ouro: sql: near "FORM": syntax error
? 2
$ ouro $CORE sql "SELECT * FROM nowhere"
! ouro: sql: no such table: nowhere
? 2
$ ouro $CORE sql "SELECT 1; SELECT 2"
! ouro: sql: one query at a time, not also: *
? 2
$ ouro $CORE sql " "
! ouro: sql: no query; *
? 2
# One that would never end.
$ timeout --preserve-status -s INT 5 ouro $CORE sql "SELECT count(*) FROM objects a, objects b, objects c WHERE a.bytes + b.bytes + c.bytes = 3" 2>/dev/null
? 130

# Values, whole: what lies behind an object, without another language.
$ ouro --json $CORE sql "SELECT value(obj('sys.version')) AS version, value(obj('sys.maxsize')) AS big, value(item(obj('sys.version_info'), 0)) AS major, len(obj('sys.modules')) AS modules, item(obj('sys.modules'), 'no such key') AS none, value(obj('sys.modules')) AS dict"
@ rows[0]["version"].startswith("%d." % rows[0]["major"]) and rows[0]["big"] == 2**63 - 1 and rows[0]["modules"] > 50 and rows[0]["none"] is None and rows[0]["dict"] is None
$ ouro --json $CORE sql "SELECT value(attr(object, 'user')) AS user, value(item(attr(object, 'basket'), 'article')) AS article, path(object) AS path FROM objects WHERE type = 'shop.sessions.Session' AND user REGEXP '^visitor 1?7$' ORDER BY article"
@ [(row["user"], row["article"]) for row in rows] == [("visitor 7", 7), ("visitor 17", 17)] and "Session" in rows[0]["path"] and rows[0]["path"].endswith("[7]")
$ ouro --json $CORE sql "SELECT max(length(value(object))) AS longest, count(value(object)) AS known, count(*) AS n FROM objects WHERE type = 'str'"
@ rows[0]["longest"] > 1000 and rows[0]["known"] > rows[0]["n"] * 0.99
$ ouro $CORE sql "SELECT obj('app.nowhere')"
! ouro: sql: app.nowhere: no module or global of that name
? 1
$ ouro $CORE sql "SELECT 'x' REGEXP '('"
! ouro: sql: Unmatched *
? 1
# Both ends of a reference are known: followed from the one that has fewer, and the same rows.
$ ouro --json $CORE sql "SELECT count(*) AS n, min(edge) AS edge FROM refs WHERE source = obj('sys.modules') AND target = address(obj('sys')) UNION ALL SELECT count(*), '' FROM refs r JOIN objects o ON r.source = o.object AND r.target = (SELECT object FROM objects WHERE type = 'NoneType') UNION ALL SELECT count(*), '' FROM refs WHERE +target = (SELECT object FROM objects WHERE type = 'NoneType') UNION ALL SELECT count(*), '' FROM refs WHERE source = 1 AND target = obj('sys')"
@ rows[0] == {"n": 1, "edge": "['sys']"} and rows[1]["n"] == rows[2]["n"] > 100 and rows[3]["n"] == 0
# A query in a file; what there is.
$ printf 'SELECT type\nFROM types -- a comment\nLIMIT 2;\n' >$TMP/q.sql; ouro --json $CORE sql -f $TMP/q.sql
@ len(rows) == 2
$ ouro --json $CORE sql .tables
@ {"objects", "refs", "types"} <= {row["name"] for row in rows}
$ ouro --json $CORE sql .schema
@ all(row["schema"].startswith(("CREATE TABLE " + row["name"], "CREATE VIEW " + row["name"])) for row in rows)
$ ouro $CORE sql -f $TMP/none.sql
! ouro: */none.sql: No such file or directory
? 1
$ ouro $CORE sql -f $TMP/q.sql SELECT 1
! ouro: sql: -f FILE or a query, not both
? 2

# Tables that commands answer, and tables of what is in containers: the same as the commands say.
$ ouro --json $CORE sql "SELECT count(*) AS n FROM cycles" > a; ouro --json $CORE cycles > b; python3 -c 'import json; print(json.loads(open("a").readline())["n"] == sum("cycle" in json.loads(row) for row in open("b")) > 0)'
  True
$ ouro --json $CORE sql "SELECT function, name, object FROM locals WHERE thread IS NOT NULL ORDER BY 1, 2, 3" > a; ouro --json $CORE threads > b; python3 -c 'import json; rows = lambda name: [json.loads(line) for line in open(name)]; print(sorted((r["function"], r["name"], r["object"] or "") for r in rows("a") if "name" in r) == sorted((r["function"], r["local"], r["object"] or "") for r in rows("b") if r.get("local") and r["thread"] is not None))'
  True
$ ouro --json $CORE sql "SELECT (SELECT count(*) FROM threads) = (SELECT count(DISTINCT thread) FROM frames) AS same, (SELECT count(*) FROM roots WHERE kind = 'module') > 50 AS modules"
@ rows == [{"same": 1, "modules": 1}]
$ ouro --json $CORE sql "SELECT gen, objects FROM generations WHERE gen IN (0, 1, 2) ORDER BY gen" > a; ouro --json $CORE sql "SELECT gen, count(*) AS objects FROM objects WHERE gen IN (0, 1, 2) GROUP BY gen ORDER BY gen" > b; grep -v summary a > c; grep -v summary b | cmp - c && wc -l < c
  3
$ ouro --json $CORE sql "SELECT count(*) AS n, sum(value(key) IS NOT NULL) AS keys, len(obj('shop.sessions.PAGE_CACHE')) AS length FROM dict_items WHERE dict = obj('shop.sessions.PAGE_CACHE')"
@ rows[0]["n"] == rows[0]["keys"] == rows[0]["length"] == 500
$ ouro --json $CORE sql "SELECT max(idx) + 1 AS n, count(*) AS items, sum(item = item(list, idx)) AS same FROM list_items WHERE list = obj('shop.sessions.Session.everyone')"
@ rows[0]["n"] == rows[0]["items"] == rows[0]["same"] == 500
$ ouro --json $CORE sql "SELECT name, count(*) AS n, sum(value = attr(a.object, name)) AS same FROM objects o JOIN attributes a ON a.object = o.object WHERE o.type = 'shop.sessions.Session' GROUP BY name ORDER BY name"
@ [row["name"] for row in rows][:1] == ["basket"] and all(row["n"] == row["same"] == 500 for row in rows)
# A set's retained bytes count once what its members share; one object's are its own.
$ ouro --json $CORE sql "SELECT retained_set(object) = max(retained) AS one FROM objects WHERE object = obj('shop.sessions.PAGE_CACHE')"
@ rows == [{"one": 1}]
$ ouro --json $CORE sql "SELECT retained_set(object) AS a, sum(retained) AS b FROM objects WHERE object = obj('shop.sessions.PAGE_CACHE') OR object IN (SELECT target FROM refs WHERE source = obj('shop.sessions.PAGE_CACHE'))"
@ 0 < rows[0]["a"] < rows[0]["b"]
! ouro: *sum(retained) counts what nested objects share once for each of them: retained_set(object)*
$ ouro --json $CORE sql "SELECT hash('a') = hash('a') AS same, hash('a') = hash(x'61') AS kinds, repr(obj('shop.sessions.PAGE_CACHE')) AS r"
@ rows[0]["same"] == 1 and rows[0]["kinds"] == 0 and rows[0]["r"].startswith("{")
$ ouro $CORE sql "SELECT line(object) FROM objects LIMIT 1"
! ouro: tracemalloc was not on: *
? 1
# Saved queries: ouro's own, and the user's before them.
$ ouro --json $CORE sql .queries
@ len(rows) >= 12 and all(row["answers"] for row in rows)
$ for query in biggest by-class duplicates garbage locals-by-size longest modules roots-by-size shared waiting where; do ouro --json $CORE sql $query -n 1 | grep -c summary; done | sort | uniq -c
  11 1
$ mkdir -p conf/ouro/queries; printf -- '-- mine\nSELECT 7 AS seven\n' > conf/ouro/queries/young.sql; XDG_CONFIG_HOME=$PWD/conf ouro --json $CORE sql young
@ rows == [{"seven": 7}]
$ ouro $CORE sql nosuchquery
! ouro: sql: nosuchquery is neither a SELECT nor a saved query; *
? 2

# At a prompt a query is taken as it is, and --json may stand anywhere.
$ printf "sql select count(*) as n from objects where type = 'list' -n 5 --json\n" | ouro -q -i $CORE
@ len(rows) == 1 and rows[0]["n"] > 100

# Where a reference lies.
$ ouro --json $CORE sql "SELECT slot, target FROM refs WHERE source = obj('shop.sessions.Session.everyone') ORDER BY slot"
@ len({row["slot"] for row in rows}) == 500 and int(rows[-1]["slot"], 16) - int(rows[0]["slot"], 16) == 499 * 8

# Previews that are cut are not equal: GROUP BY has whole texts, and what is not shown whole is equal to nothing.
$ python3 -c "print('import time\nKEPT = [\'x\' * 3000 + str(i % 7) + \'y\' for i in range(70)] + [[\'z\' * 50 + str(i)] for i in range(9)]\nprint(\'ready\', flush=True)\ntime.sleep(60)')" >$TMP/long.py; python3 $TMP/long.py >$TMP/ready & until grep -qs ready $TMP/ready; do sleep 0.1; done; ouro -q -p $! save $TMP/long.heap >/dev/null; kill $!; ouro --json $TMP/long.heap sql "select substr(preview, 1, 5) as start, count(*) as n from objects where type = 'str' and len(object) = 3002 group by preview"
@ len(rows) == 7 and all(row["n"] == 10 for row in rows)
$ ouro --json $TMP/long.heap sql "select distinct repr(i.item) as r from list_items i join objects o on o.object = i.item where i.list = obj('__main__.KEPT') and o.type = 'list'"
@ len(rows) == 9

# What a function returns is an object as much as a column is.
$ ouro --json $CORE sql "select obj('sys.modules') as modules"
@ rows[0]["modules"].startswith("0x")

# A saved query is a command.
$ ouro --json $CORE duplicates -n 3 | sed -n 's/.*"rows":\([0-9]*\),.*/\1/p'
  3
$ ouro $CORE duplicated
! ouro: no command duplicated; `help` lists them
? 2
