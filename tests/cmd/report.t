# One page about a heap: HTML, Markdown, JSON; and what is left out of a redacted one.
core leaky
$ ouro $CORE report $TMP/r.html
  file *format *bytes *sections
  */r.html *html *KiB *15
$ $SOURCE/tests/cmd/check-html $TMP/r.html
  well-formed: 15 sections, * tiles
$ grep -c 'prefers-color-scheme:dark' $TMP/r.html
  1
$ grep -c 'class="map narrow"' $TMP/r.html
  2

# What is wrong comes first: a sentence, the worst with their paths, a chart; then the memory as a bar.
$ grep -o '<p class="verdict">[^<]*' $TMP/r.html
  <p class="verdict">* high* low findings in a heap of * MiB: the worst keeps * MiB, * % of it.
$ grep -c 'held by a path of' $TMP/r.html
  *
$ grep -o '<li class="high"><span>[^<]*' $TMP/r.html | head -1
  <li class="high"><span>shop.events.REPORTS*
$ grep -c 'div class="usage"' $TMP/r.html
  1
$ grep -o '<li><i class="k0"></i>[a-z ]*' $TMP/r.html
  <li><i class="k0"></i>python objects*
$ grep -o 'Invoice.order -&gt; Order.invoice' $TMP/r.html | sort -u
  Invoice.order -&gt; Order.invoice

# Only its owner may read it; it is written over what was there, and nothing is left beside it.
$ stat -c %a $TMP/r.html
  600
$ ouro $CORE report $TMP/r.html --format json
  *
  */r.html *json *
$ python3 -m json.tool $TMP/r.html | head -1
  {
$ ls $TMP
  r.html

# The sections are the commands' rows.
$ ouro $CORE report --format json | python3 -c 'import json, sys; [print(json.dumps(s)) for s in json.load(sys.stdin)["sections"]]; print(json.dumps({"summary": {}}))'
@ [row["section"] for row in rows] == "verdict memory findings threads variables packages types map owners rings generations collector mapped what exact".split()
@ one(section="verdict")["rows"][0]["says"].endswith(" of it.") and any(step["edge"] for step in one(section="verdict")["rows"][1]["path"])
@ one(section="types")["rows"][0]["type"] == "str" and len(one(section="types")["rows"]) == 25
@ one(section="types")["truncated"] is True and one(section="rings")["truncated"] is False
@ sum(row["copies"] * row["objects"] for row in one(section="rings")["rows"]) > 800
@ any(row["function"] == "Mailer.run" for row in one(section="threads")["rows"])
@ sum(t["retained"] for t in one(section="map")["rows"] if t["parent"] is None) > 10e6
@ all(t["retained"] <= one(section="map")["rows"][t["parent"]]["retained"] for t in one(section="map")["rows"] if t["parent"] is not None)
@ any(t["name"] and t["name"].startswith("shop.events") for t in one(section="map")["rows"])

# Without a file the lines are the answer; as JSON Lines, too.
$ ouro $CORE report | head -3
  <!-- ouro report -->
  *CPython *leaky.py*
  ...
$ ouro --json $CORE report --format html
@ rows[0] == {"line": "<!doctype html>"} and rows[-1] == {"line": "</html>"}
$ ouro $CORE report --format pdf
! ouro: report: --format pdf: use markdown, json, html, sarif or junit
? 2
$ ouro $CORE report $TMP/no/such/folder.md
! ouro: *folder.md: *
? 1

# What the program holds is escaped, whatever it is.
core private
$ ouro $CORE report $TMP/p.html && $SOURCE/tests/cmd/check-html $TMP/p.html
  *
  *
  well-formed: 16 sections, * tiles
$ grep -c '&lt;script&gt;zyxscr' $TMP/p.html
  *
$ grep -c '<script' $TMP/p.html
  1
$ ouro $CORE report $TMP/p.md && grep -c -i zyx $TMP/p.md
  *
  *
  *
$ python3 -c 'import re, sys; t = open(sys.argv[1]).read(); print(sorted(set(len(re.findall(r"(?<!\\)\|", l)) for l in t.splitlines() if l.startswith("| type |") or l.startswith("| str |"))), "<script" in t)' $TMP/p.md
  [*] False

# Names of classes, modules, attributes, functions and variables that are markup themselves.
core hostile
$ ouro $CORE report $TMP/h.html && $SOURCE/tests/cmd/check-html $TMP/h.html
  *
  *
  well-formed: * sections, * tiles
$ grep -c 'zyx' $TMP/h.html | grep -vx 0
  *
$ grep -o '<[a-z]*[^<>]*zyx[^<>]*>' $TMP/h.html | grep -v '^<[a-z]*>' | wc -l
  0
$ ouro $CORE report $TMP/h.md && sed 's/`[^`]*`//g' $TMP/h.md | grep -c '<[a-z/!]'
  *
  *
  0
? 1

# Redacted: none of the program's words, in any form, but the names of its types and modules.
core private
$ ouro $CORE report $TMP/q.html --redact && $SOURCE/tests/cmd/check-html $TMP/q.html
  *
  *
  well-formed: 16 sections, * tiles
$ ouro $CORE report $TMP/q.md --redact && ouro $CORE report $TMP/q.json --redact
  *
  *
  *
  *
$ cat $TMP/q.html $TMP/q.md $TMP/q.json | grep -i -o 'zyx[a-z]*' | wc -l
  0
$ cat $TMP/q.html $TMP/q.md $TMP/q.json | grep -o 'private\.py\|/[a-z]*/python[0-9.]*' | wc -l
  0
$ grep -o 'Patient' $TMP/q.html $TMP/q.md $TMP/q.json | sort -u | wc -l
  3
$ grep -c 'reference cycles that nothing holds, by shape' $TMP/q.html
  *
$ stat -c %a $TMP/q.html | grep -c 6.4
  1

# A saved heap has the same page; one that was saved redacted stays so.
core traced
$ ouro $CORE save $TMP/t.heap && ouro $TMP/t.heap report $TMP/t.html && grep -c 'traced.py:18\|traced.py</td>' $TMP/t.html
  *
  *
  *
  *
  *
$ ouro $CORE save --redact $TMP/s.heap && ouro $TMP/s.heap report $TMP/s.html && $SOURCE/tests/cmd/check-html $TMP/s.html
  *
  *
  *
  *
  well-formed: 16 sections, * tiles
$ grep -c 'Redacted: ' $TMP/s.html
  1
$ grep -c 'traced.py' $TMP/s.html | cat
  0
$ ouro $TMP/s.heap traces
! ouro: traces: *
? 1

# The findings for CI systems.
core leaky
$ ouro $CORE report $TMP/f.sarif && python3 -c 'import json, sys; run = json.load(open(sys.argv[1]))["runs"][0]; results = run["results"]; print({r["ruleId"] for r in results} == {r["id"] for r in run["tool"]["driver"]["rules"]}, {r["level"] for r in results} <= {"error", "warning", "note"}, all(r["message"]["text"] for r in results), "closure" in {r["ruleId"] for r in results})' $TMP/f.sarif
  *
  *
  True True True True
$ ouro $CORE report $TMP/f.xml && ouro --json $CORE findings > $TMP/f.json && python3 -c 'import json, sys, xml.etree.ElementTree as tree; suite = tree.parse(sys.argv[1]).getroot()[0]; rows = [json.loads(line) for line in open(sys.argv[2])]; rows = [r for r in rows if "severity" in r]; print(int(suite.get("tests")) == len(suite) > 5, int(suite.get("failures")) == sum(r["severity"] in ("high", "medium") for r in rows) == len(suite.findall("testcase/failure")) > 0)' $TMP/f.xml $TMP/f.json
  *
  *
  True True
$ ouro $CORE report --format sarif --redact | python3 -c 'import json, sys; print("REPORTS" in sys.stdin.read())'
  False
