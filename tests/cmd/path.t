# Why an object is alive.
core held

# A global's item is named as in the source; the steps' edges and the whole name agree.
$ ouro --json $CORE path "__main__.OWNER.parts['second'][1]" -n 1
@ rows[0]["step"] == 0 and rows[0]["edge"].startswith("sys.modules['__main__']")
@ rows[-1]["name"] == "sys.modules['__main__'].OWNER.parts['second'][1]" and rows[-1]["source"] is True
@ summary["name"] == rows[-1]["name"] and [row["step"] for row in rows] == list(range(len(rows)))
@ rows[-1]["type"] == "bytearray" and all(row["path"] == 1 for row in rows)

# The end of a chain of fifty thousand: no recursion, one step each.
$ ouro --json $CORE find Deep
@ len(rows) == 1
$ ouro --json $CORE path $(ouro --json $CORE find Deep | sed -n 's/.*"object":"\(0x[0-9a-f]*\)".*/\1/p') -n 1 --whole
@ len(rows) == 50002 and rows[-1]["type"] == "__main__.Deep" and rows[-1]["name"].endswith(".next")

# Two ways that share nothing in between; a third there is not.
$ ouro --json $CORE path '__main__.SHARED_BY[0].shared' -n 9 --count --from module
@ summary["paths"] == 1
$ ouro --json $CORE path '__main__.SHARED_BY[0].shared' -n 9 --hide '*Borrower'
@ rows == [] and summary["paths"] == 0

# --hide may be given again, and hides one object, too: each takes the ways that lead through it.
$ ouro --json $CORE path '__main__.SHARED_BY[0].shared' -n 1
@ len(rows) > 2 and rows[-2]["type"] == "__main__.Borrower"
$ ouro --json $CORE path '__main__.SHARED_BY[0].shared' -n 1 --hide $(ouro --json $CORE path '__main__.SHARED_BY[0]' -n 1 | grep Borrower | tail -1 | sed -n 's/.*"object":"\(0x[0-9a-f]*\)".*/\1/p')
@ len(rows) > 2 and rows[-2]["type"] == "__main__.Borrower" and "[0]" not in rows[-2]["edge"]
$ ouro --json $CORE path '__main__.SHARED_BY[0].shared' -n 1 --hide '*Borrower' --hide nothing
@ rows == []

# A local variable of a thread, and one of a suspended generator.
$ ouro --json $CORE path $(ouro --json $CORE find Local | sed -n 's/.*"object":"\(0x[0-9a-f]*\)".*/\1/p') -n 1
@ len(rows) == 1 and "wait() held.py:" in rows[0]["edge"] and rows[0]["edge"].endswith(" local private")
@ rows[0]["source"] is False
$ ouro --json $CORE path $(ouro --json $CORE find Generated | sed -n 's/.*"object":"\(0x[0-9a-f]*\)".*/\1/p') -n 1
@ "GENERATOR" in rows[-1]["name"] and "local value" in rows[-1]["edge"] and rows[-1]["source"] is False

# What only C code holds says so; what a ring of its own holds is garbage: weak references count for nothing.
$ ouro --json $CORE path $(ouro --json $CORE instances Leaked | grep -v '"refcount":8' | sed -n 's/.*"object":"\(0x[0-9a-f]*\)".*/\1/p' | head -1) -n 1
@ len(rows) == 1 and rows[0]["edge"] == "held by C code"
$ ouro --json $CORE path $(ouro --json $CORE find Weakly | sed -n 's/.*"object":"\(0x[0-9a-f]*\)".*/\1/p')
@ rows == [] and "it is garbage" in summary["end"]

# Only from some roots; only so many; and it says when the search was stopped.
$ ouro --json $CORE path __main__.OWNER --from module -n 1
@ rows[0]["edge"] == "sys.modules['__main__']"
$ ouro --json $CORE path '__main__.OWNER.first' --from nothing-like-this
! ouro: no root has the name or kind nothing-like-this
? 1
$ ouro $CORE path __main__.OWNER --count -n 1
  ...
! ouro: * path* no inner object
$ ouro --json $CORE path "__main__.OWNER.parts['second'][1]" --budget 1
@ summary["truncated"] is True and "stopped" in summary["end"]
$ ouro $CORE path
? 2
! ouro: path: *

# Of a run of steps that repeat the middle is one row, and names stay short.
core linked
$ ouro --json $CORE path $(ouro $CORE objects -t __main__.End | grep -o '0x[0-9a-f]*' | head -1) -n 1
@ any(re.search(r"^\(-> \.before\) x 2,99\d$", row["edge"]) and row["object"] is None for row in rows)
@ len(rows) < 12 and rows[-1]["type"] == "__main__.End" and 3000 <= rows[-1]["step"] and len(rows[-1]["name"]) < 200
@ not rows[-1]["source"] and rows[2]["source"]
$ ouro --json $CORE path $(ouro $CORE objects -t __main__.End | grep -o '0x[0-9a-f]*' | head -1) -n 1 --whole
@ len(rows) == rows[-1]["step"] + 1 and all(row["object"] for row in rows)
$ ouro --json $CORE path $(ouro $CORE objects -t __main__.Inner | grep -o '0x[0-9a-f]*' | head -1) -n 1
@ any(re.search(r"^\(-> \.__closure__\[0\]\.cell_contents\) x 299\d$", row["edge"].replace(",", "")) for row in rows) and len(rows) < 24

# The ways to all of a class, merged: each object counts once, for its shortest way.
core orders
$ ouro --json $CORE path --class Order
@ [(r["shape"], r["objects"], r["share"]) for r in rows] == [("__main__.CACHE[*].orders[*]", 978, 0.978), ("__main__.RECENT[*]", 22, 0.022)]
@ summary["objects"] == 1000 and summary["shapes"] == 2 and summary["bytes"] == sum(r["bytes"] for r in rows)
@ summary["says"] == "98 % of 1,000 are reached through __main__.CACHE[*].orders[*]"
$ ouro --json $CORE path -t bytearray
@ {r["shape"]: r["objects"] for r in rows} == {"__main__.CACHE[*].orders[*].invoice.body": 978, "__main__.RECENT[*].invoice.body": 22, "__main__.LOG[*].line": 2}

# A chain and a tree are folded.
$ ouro --json $CORE path --class Link
@ [(r["shape"], r["objects"]) for r in rows] == [("__main__.CHAIN(-> .following) x 199", 199), ("__main__.CHAIN", 1)]
$ ouro --json $CORE path --class Tree
@ {r["shape"]: r["objects"] for r in rows} == {"__main__.TREE": 1, "__main__.TREE.left(-> .left | .right) x 5": 63, "__main__.TREE.right(-> .left | .right) x 5": 63}

# Other selections; and what does not go together.
$ ouro --json $CORE path --group owner:__main__.Invoice --min-size 1000
@ sum(r["objects"] for r in rows) == 1000 == summary["objects"] and all(r["shape"].endswith(".invoice.body") for r in rows)
$ ouro $CORE path --class Order __main__.CACHE
? 2
! ouro: path: name one object, or a --class*
core held
$ ouro --json $CORE path --class Weakly
@ [(r["shape"], r["objects"]) for r in rows] == [("garbage: no root reaches it", 1)]
$ ouro --json $CORE path --class Local
@ [r["shape"] for r in rows] == ["__main__.waiter._args[*]"]
