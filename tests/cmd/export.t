# Every object, for other programs.
core leaky

$ ouro --json $CORE export
@ all(set(row) >= {"addr", "type", "gen", "refcount", "size", "refs", "collectable", "evidence"} for row in rows)
@ len(rows) == summary["rows"] > 50000 and not summary["truncated"]
@ [int(row["addr"], 16) for row in rows] == sorted({int(row["addr"], 16) for row in rows})
# Closed under references.
@ {ref for row in rows for ref in row["refs"]} <= {row["addr"] for row in rows}
@ {row["gen"] for row in rows} == {None, 0, 1, 2, "permanent"}
@ sum(row["collectable"] for row in some(type="shop.orders.Order")) == 350 and len(some(type="shop.orders.Order")) == 365
@ all(row["refs"].count(row["addr"]) == 2 for row in some(type="shop.orders.Queue"))
@ all(row["gen"] is None and row["refs"] == [] for row in some(type="str"))
@ {row["evidence"] for row in rows} <= {"decoded", "traversed", "guessed", "disputed"}
@ sum(row["evidence"] == "guessed" for row in rows) * 100 < len(rows)

# The rows of collect are the collectable ones.
$ ouro --json $CORE export | sed -n 's/{"addr":"\([^"]*\)".*"collectable":true.*/\1/p' | sort >$TMP/a; ouro --json $CORE collect -g 2 | sed -n 's/{"object":"\([^"]*\)".*/\1/p' | sort | diff $TMP/a - && echo same
  same

$ ouro $CORE export -t shop.orders.Queue -n 1
  addr * type * gen * refcount * size * refs * collectable * evidence
  0x* shop.orders.Queue * 0 * 2 * 4 * yes * decoded

# Into a file: the same objects and references in every format, under the names they have everywhere.
$ for f in jsonl csv tsv sqlite; do ouro --json $CORE export --format $f $TMP/x.$f; done | grep -o '"objects":[0-9]*,"references":[0-9]*' | sort | uniq -c | wc -l
  1
$ ouro --json $CORE export >$TMP/rows; python3 $SOURCE/tests/cmd/check-export $TMP/rows $TMP/x.jsonl $TMP/x.csv $TMP/x.tsv $TMP/x.sqlite
  the same in 5 files
$ stat -c %a $TMP/x.csv; ls $TMP | grep -c part
  600
  0
? 1
# Its name says which; what is there stays.
$ ouro --json $CORE export $TMP/some.csv -t shop.orders.Queue --redact
@ rows[0]["format"] == "csv" and rows[0]["objects"] > 0 and summary["redacted"]
$ ouro $CORE export $TMP/some.csv
! ouro: */some.csv: File exists
? 1
$ ouro $CORE export --format xml $TMP/x.xml
! ouro: export: --format may be jsonl, csv, tsv or sqlite, not 'xml'
? 2
$ ouro $CORE export --format csv
! ouro: export --format csv: missing file name
? 2
$ ouro $CORE export --format csv $TMP/none/x.csv
! ouro: */none/x.csv: No such file or directory
? 1
# --all: also what no tracked object leads to, and what is held without being visited.
$ ouro --json $CORE export --all $TMP/all.jsonl; python3 -c 'import json,sys; a=[json.loads(l) for l in open(sys.argv[1])]; b=sum(1 for l in open(sys.argv[2])); print(len(a) > b, any(r["holds"] for r in a))' $TMP/all.jsonl $TMP/x.jsonl
  {"file":*
  {"summary":*
  True True
# Nothing half is left by a file that cannot grow any further.
$ (ulimit -f 100; ouro --traverse off $CORE export $TMP/big.csv); ls $TMP | grep -c big
  0
! ouro: *File too large*
? 1

# A row a reference, with its name and the word that holds it: what `sql` says of them, in every format.
$ for f in jsonl csv tsv sqlite; do ouro $CORE export --edges --all --tables roots,generations $TMP/e.$f >/dev/null 2>&1 || ouro $CORE export --edges --all $TMP/e.$f >/dev/null; done; ouro --json $CORE sql "select source, target, visited, borrowed, edge, slot from refs" >$TMP/edges; python3 $SOURCE/tests/cmd/check-edges $TMP/edges $TMP/e.jsonl $TMP/e.csv $TMP/e.tsv $TMP/e.sqlite
  the same in 5 files
$ python3 -c "import sqlite3; d = sqlite3.connect('$TMP/e.sqlite'); print(d.execute('select count(*) > 100 from roots').fetchall(), d.execute('select count(*) from generations').fetchall())"
  [(1,)] [(4,)]
$ ouro --json $CORE export --edges --redact $TMP/redacted.csv | grep -c '"redacted":true'; grep -c "nightly" $TMP/redacted.csv
? 1
  1
  0

# Packed, and in parts: the same rows.
$ ouro $CORE export $TMP/p.csv.zst >/dev/null; python3 $SOURCE/tests/cmd/check-edges --unpack $TMP/p.csv.zst | cmp - $TMP/x.csv && echo same
  same
$ ouro --json $CORE export --split 20000 $TMP/s.csv | grep -o '"files":[0-9]*'; for i in $TMP/s.*.csv; do tail -n +2 $i; done | cmp - <(tail -n +2 $TMP/x.csv) || tail -n +2 $TMP/x.csv | wc -l; head -1 $TMP/s.0002.csv
  "files":*
  object,type,gen,refcount,bytes,tracked,collectable,evidence,refs
$ ouro $CORE export --split 10 $TMP/many.csv; ls $TMP | grep -c many
! ouro: export: more than 500 files: let --split be larger
? 1
  0
$ ouro $CORE export -n 3 $TMP/three.csv | tail -1; wc -l <$TMP/three.csv
  * csv * 3 * 1
  4
$ ouro $CORE export --tables nothing $TMP/none.sqlite; ls $TMP | grep -c none
! ouro: sql: no such table: nothing
? 1
  0
$ ouro $CORE export --split 10 $TMP/no.sqlite
! ouro: export: a database is one file, and is not packed
? 2

# The same bytes, however many threads write them; files are full when they turn.
$ for N in 1 2 5; do rm -rf $TMP/by; mkdir $TMP/by; ouro --threads $N --json $CORE export --split 30001 $TMP/by/x.jsonl | grep -c summary; cat $TMP/by/* | md5sum; wc -l <$TMP/by/x.0002.jsonl; done | sort -u | wc -l
  3
