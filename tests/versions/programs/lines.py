# SPDX-License-Identifier: GPL-3.0-or-later
# The line that a traceback, a frame, a generator, a coroutine and a thread stand at. Nothing here asks for tb_lineno before the core is
# there: from 3.12 on asking stores it. What is right is read off the source.
#
# $ objects -t traceback
# @ sorted(int(re.match(r"line (\d+) in", row["preview"]).group(1)) for row in rows) == facts["tracebacks"]
# @ all(re.search(r"lines\.py:%s$" % re.match(r"line (\d+) in", row["preview"]).group(1), row["preview"]) for row in rows)
# $ objects -t frame
# @ [int(row["preview"].rpartition(":")[2]) for row in rows if row["preview"].startswith("frame of fails ")] == facts["frames"]
# $ objects -t generator
# @ [row["preview"] for row in rows if row["preview"].startswith("generator numbers lines.py:%d" % facts["generator"])]
# $ objects -t coroutine
# @ [row["preview"] for row in rows if row["preview"].startswith("coroutine waits lines.py:%d" % facts["coroutine"])]
# $ threads
# @ facts["thread"] in {row["line"] for row in rows if row["function"] == "sleeps"}
# $ path {local}
# @ any("sleeps() lines.py:%d local mine" % facts["thread"] in row["edge"] for row in rows)
import inspect
import json
import sys
import threading
import time
import types


def line_of(mark):
    with open(__file__) as file:
        return [n for n, text in enumerate(file, 1) if text.rstrip().endswith("# " + mark)][0]


def fails(n):
    values = list(range(n))

    return values[n]                # fails


def keep():
    try:
        1 + 1
        fails(
            1000)                   # (the call's line is the one above)
    except IndexError as error:
        return error


def longer():
    try:
        keep2 = [n for n in range(10)]
        for one in keep2:
            if one == 5:
                raise ValueError(one)       # raise
    except ValueError as error:
        return error


def numbers():
    yield 1
    yield 2                         # yield

    yield 3


@types.coroutine
def pause():
    yield                           # pause


async def waits():
    x = 1
    await pause()                   # await
    return x


def sleeps():
    mine = Marked()
    STARTED.append(id(mine))
    time.sleep(
        10000)
    return mine


class Marked(object):
    pass


STARTED = []
ERROR, OTHER = keep(), longer()
GENERATOR = numbers()
next(GENERATOR), next(GENERATOR)
COROUTINE = waits()
COROUTINE.send(None)
thread = threading.Thread(target=sleeps, daemon=True)
thread.start()
while not STARTED:
    time.sleep(0.01)
time.sleep(0.3)


def fact(name, value):
    print("fact %s %s" % (name, json.dumps(value)))


call = line_of("(the call's line is the one above)") - 1
sleep = [n for n, text in enumerate(open(__file__), 1) if text.strip() == "time.sleep("][0]
fact("tracebacks", sorted([line_of("fails"), call, line_of("raise")]))
fact("frames", [line_of("fails")])
fact("generator", line_of("yield"))
fact("coroutine", line_of("await"))
fact("thread", sleep)
fact("local", "%#x" % STARTED[0])
print("ready", flush=True)
time.sleep(10000)
