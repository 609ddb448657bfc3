# Suspended greenlets: each has its stack, and holds what is on it.
needs greenlet
core greenlets
$ ouro --json $CORE threads
@ [row["function"] for row in rows if row["owner"] and row["local"] in ("token", "request")] == ["wait", "handle"] * 2
@ len({row["owner"] for row in rows if row["owner"]}) == 3
@ {row["line"] for row in rows if row["function"] == "wait"} == {21} and {row["line"] for row in rows if row["function"] == "handle"} == {16}
@ [row["function"] for row in rows if row["local"] == "first"] == ["numbers", "consume"]

$ ouro --json $CORE referents "__main__.waiting[0]"
@ any(re.match(r"local (request|answer|token) in ", row["edge"]) for row in rows)

# Their locals are held by them, and by no C code; neither are the arguments in saved stacks.
$ ouro --json $CORE native --objects -t __main__.Request
@ rows == []
$ ouro --json $CORE native
@ not [row for row in rows if row["type"] in ("tuple", "function", "__main__.Request", "generator") and row["unexplained"]]
