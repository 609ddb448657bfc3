# SPDX-License-Identifier: GPL-3.0-or-later
"""An asyncio program in mid-flight: a server with clients, tasks waiting on futures, locks, queues
and each other; the picture is taken from a task of the running loop."""
# needs: 3.7
import asyncio
import gc
import sys

KEPT = []


class Request:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.headers = reader, writer, {}
        self.itself = self


async def handle(reader, writer):
    request = Request(reader, writer)
    line = await reader.readline()
    request.headers[line] = [line]
    writer.write(b'echo ' + line)
    await writer.drain()
    await reader.readline()


async def client(port, number):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(b'request %d\n' % number)
    await writer.drain()
    answer = await reader.readline()
    KEPT.append(answer)
    await asyncio.get_running_loop().create_future()


async def waiting(what):
    held = {'what': what}
    await what
    return held


async def numbers(queue):
    try:
        while True:
            yield await queue.get()
    finally:
        queue.task_done()


async def consumer(queue):
    async for one in numbers(queue):
        KEPT.append(one)


async def failing(data):
    local = [data]
    await asyncio.sleep(0)
    raise ValueError(local)


async def locked(lock):
    async with lock:
        await asyncio.sleep(10000)


def ring():
    box = []
    box.append(asyncio.get_event_loop().create_future())
    box[0].add_done_callback(box.append)
    box[0].box = box


async def main(snapshot):
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(handle, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    make = loop.create_task
    tasks = [make(client(port, n)) for n in range(5)]
    future, done, failed, cancelled = (loop.create_future() for _ in range(4))
    done.set_result([1])
    failed.set_exception(ValueError([2]))
    failed.exception()
    cancelled.cancel()
    for n in range(4):
        future.add_done_callback(lambda f, n=n: KEPT.append(n))
    lock, queue, event = asyncio.Lock(), asyncio.Queue(), asyncio.Event()
    queue.put_nowait([3])
    inner = make(waiting(future))
    tasks += [inner, make(waiting(inner)), make(waiting(event.wait())), make(consumer(queue)),
              make(failing('x')), make(waiting(asyncio.shield(future))), make(locked(lock)),
              make(locked(lock)), make(waiting(asyncio.sleep(10000))),
              make(waiting(asyncio.wait([inner], timeout=1000)))]
    gathered = asyncio.gather(*[make(waiting(future)) for _ in range(3)], return_exceptions=True)
    finished = make(asyncio.sleep(0, ['result']))
    dropped = make(waiting(future))
    await asyncio.sleep(0.2)
    dropped.cancel('why') if sys.version_info >= (3, 9) else dropped.cancel()
    await asyncio.sleep(0.05)
    KEPT.extend([server, tasks, future, done, failed, cancelled, gathered, finished, iter(done),
                 done.__await__(), loop.call_later(1000, KEPT.append, [4])])
    ring()
    fresh = make(waiting(future))
    snapshot()
    return fresh


def run(snapshot):
    gc.disable()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main(snapshot))
