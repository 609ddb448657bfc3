# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that wait for one another, several calls deep, and a coroutine that nobody awaits."""
import asyncio
import time


class Held(object):
    """A local of the innermost coroutine."""


async def innermost(future):
    held = Held()
    await future
    return held


async def middle(future):
    depth = 1
    await innermost(future)
    return depth


async def outermost(future):
    await middle(future)


async def numbers():
    for number in range(3):
        await asyncio.sleep(0)
        yield number
        await FUTURE


async def counting():
    async for number in numbers():
        last = number  # noqa: F841


async def waits_for_task(task):
    await task


class Keeping(asyncio.Task):
    """A task that keeps a coroutine which it does not run."""
    __slots__ = ("aside",)


async def kept_aside(future):
    await future


async def main():
    global FUTURE, TASKS
    FUTURE = asyncio.get_running_loop().create_future()
    first = asyncio.ensure_future(outermost(FUTURE))
    TASKS = [first, asyncio.ensure_future(waits_for_task(first)),
             asyncio.ensure_future(counting())]
    loop = asyncio.get_running_loop()
    keeping = Keeping(waits_for_task(first), loop=loop)
    keeping.aside = kept_aside(loop.create_future())
    keeping.aside.send(None)
    in_python = asyncio.tasks._PyTask(waits_for_task(keeping), loop=loop)
    TASKS += [keeping, in_python]
    for _ in range(10):
        await asyncio.sleep(0)
    print("ready", flush=True)
    time.sleep(1000)


FORGOTTEN = middle(None)
asyncio.run(main())
