# SPDX-License-Identifier: GPL-3.0-or-later
# What waits in asyncio is held by what it waits for: callbacks of futures in C, tasks that nobody else keeps, handles of timers.
#
# $ native --objects -n 100000
# @ not [row for row in rows if "Payload" in row["type"]]
# $ objects -t __main__.Payload -n 1000
# @ len(rows) == facts["count"]
# $ path {called}
# @ [row["edge"] for row in rows if row["path"] == 1][1:] == ["['CALLED']", "callback", ".args", "[0]"]
# $ path {waited}
# @ re.match(r"local payload in waits\(\) futures.py:\d+", [row["edge"] for row in rows if row["path"] == 1][-1])
# $ object {waited}
# @ one(name="unexplained")["value"] == 0
# $ path {timed}
# @ [row["edge"] for row in rows if row["path"] == 1][-1] == "[0]"
import asyncio
import functools
import json
import time

COUNT = 0


class Payload(object):
    def __init__(self):
        global COUNT
        COUNT += 1


def callback(payload, future=None):
    pass


async def waits(payload, future):
    await future


def fact(name, value):
    print("fact %s %s" % (name, json.dumps(value)))


async def main():
    global CALLED
    loop = asyncio.get_running_loop()
    CALLED, many, lone = [loop.create_future() for _ in range(3)]
    CALLED.add_done_callback(functools.partial(callback, Payload()))
    for _ in range(3):
        many.add_done_callback(functools.partial(callback, Payload()))
    fact("called", hex(id(CALLED._callbacks[0][0].args[0])))
    payload = Payload()
    fact("waited", hex(id(payload)))
    loop.create_task(waits(payload, lone))
    payload = Payload()
    fact("timed", hex(id(payload)))
    loop.call_later(10000, callback, payload)
    del payload
    await asyncio.sleep(0.01)
    fact("count", COUNT)
    print("ready", flush=True)
    time.sleep(10000)


asyncio.run(main())
