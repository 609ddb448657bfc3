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
