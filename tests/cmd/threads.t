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
# Threads have their names, and what they are at.
@ {row["name"] for row in rows if row["thread"] is not None} == {"MainThread", "waiter"} and all(row["state"] == "suspended" for row in rows if row["thread"] is None)
@ [row["state"] for row in rows if row["function"] == "<module>"] != [None]
$ ouro --json $CORE threads --running
@ all(row["thread"] is not None for row in rows)
$ ouro --json $CORE threads -t 1
@ rows == []

# Coroutines that await one another are one stack, the innermost call first; a loop over an
# asynchronous generator awaits it; the last of a chain waits for a future or another task.
core awaiting
$ ouro --json $CORE threads
@ [row["function"] for row in rows if row["local"] == "future" and row["task"]] == ["innermost", "middle", "outermost"]
@ [row["depth"] for row in rows if row["local"] == "future" and row["task"]] == [0, 1, 2]
@ len({row["task"] for row in rows if row["local"] == "future"}) == 2
@ one(function="innermost", local="held")["awaits"] == one(function="numbers", local="number")["awaits"] != None
@ one(function="counting", local="last")["awaits"] == one(function="numbers", local="number")["owner"]
@ len([row for row in rows if row["function"] == "waits_for_task" and row["awaits"] == one(function="innermost", local="held")["task"]]) == 2
@ {row["name"] for row in rows if row["function"] == "waits_for_task" and row["task"]} and all(re.match(r"Task-\d+$", row["name"]) for row in rows if row["function"] == "waits_for_task" and row["task"])
# A coroutine that a task of a class of its own has beside the one that it runs; and a task in Python.
@ one(function="kept_aside")["task"] is None and one(function="kept_aside")["owner"] is not None
$ ouro --json $CORE objects -t __main__.Keeping
@ len(rows) == 1
$ ouro --json $CORE objects -t asyncio.tasks.Task
@ len(rows) == 1
$ ouro --json $CORE threads
@ [row["function"] for row in rows if row["awaits"] and row["function"] == "waits_for_task" and row["task"]] == ["waits_for_task"] * 3
@ [(row["awaits"], row["task"], row["depth"]) for row in rows if row["function"] == "middle" and row["task"] is None] == [(None, None, 0)]

# A process forked in C has its parent's thread noted: its own is told by where its TLS lies.
$ python3 $SOURCE/tests/programs/forked.py ouro --json -p PID threads --running
@ {row["thread"] for row in rows[1:]} == {rows[0]["child"]}
