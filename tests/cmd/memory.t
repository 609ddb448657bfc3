# Every byte has one row.
core leaky

$ ouro $CORE memory
@ text.splitlines()[0].split() == "kind name bytes resident private swapped count what".split()
@ any(line.startswith("malloc free ") and " fragmentation" in line for line in text.splitlines())

$ ouro --json $CORE memory
@ sum(row["bytes"] for row in rows) == summary["total"]
@ sum(row["resident"] or 0 for row in rows) == summary["resident"] <= summary["total"]
@ 0.9 * summary["total"] < summary["explained"] <= summary["total"]
@ 0 <= summary["trim"] <= summary["resident"]
@ summary["malloc"] == "glibc" and summary["mapped_agree"] is True
@ {"python objects", "pymalloc free", "malloc in use", "malloc free", "stack", "program", "library"} <= {row["kind"] for row in rows}
@ one(kind="stack", name="main thread")["count"] == 1
@ one(kind="malloc free", name="top")["count"] >= 1
@ all(row["private"] is None for row in rows)

$ ouro --json $CORE memory -n 1
@ len(rows) == 1 and summary["truncated"] and rows[0]["resident"] > 0
