# The stacks with their locals.
core held

$ ouro --json $CORE threads
@ len({row["thread"] for row in rows if row["thread"] is not None}) == 2
@ one(function="wait", local="private")["type"] == "__main__.Local"
@ one(function="wait", local="number")["preview"] == "3"
@ all(row["line"] > 0 and row["file"].endswith(".py") for row in rows if row["function"])
@ open(one(function="wait", local="number")["file"]).read().splitlines()[one(function="wait", local="number")["line"] - 1].strip() == "time.sleep(1000)"
@ [row["depth"] for row in rows if row["function"] == "<module>"] == [0]
@ one(function="generate", local="value")["type"] == "__main__.Generated" and one(function="generate", local="value")["thread"] is None
@ one(function="generate", local="value")["owner"] is not None
@ open(one(function="generate", local="value")["file"]).read().splitlines()[one(function="generate", local="value")["line"] - 1].strip() == "yield number"
$ ouro --json $CORE threads --running
@ all(row["thread"] is not None for row in rows)
$ ouro --json $CORE threads -t 1
@ rows == []
