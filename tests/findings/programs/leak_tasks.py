# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that wait for an answer which nobody can give any more, and a coroutine that was never awaited."""
# finds: low suspended 30 tasks of ask() leak_tasks.py:
# finds: low suspended 1 coroutine of forget() leak_tasks.py:
# versions: all
import asyncio
import sys


TASKS = []
LOST = []


async def ask(number):
    letter = "dear server %d " % number * 100
    await asyncio.get_running_loop().create_future()
    return letter


async def forget(number):
    return number


async def main():
    for number in range(30):
        TASKS.append(asyncio.ensure_future(ask(number)))
    LOST.append(forget(1))
    await asyncio.sleep(0.01)
    print("ready")
    sys.stdout.flush()
    await asyncio.sleep(1000)


asyncio.run(main())
