# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.7
"""A server on asyncio streams under load: two hundred connections open, each with a request that is being served."""
import asyncio
import json
import sys

CONNECTIONS = 200


class Store:
    """What the server serves, behind a queue with a worker."""

    def __init__(self):
        self.items = {str(n): {"id": n, "name": "item %d" % n} for n in range(500)}
        self.queue = asyncio.Queue(maxsize=1000)
        self.pending = 0
        self.enough = asyncio.Event()
        self.released = asyncio.Event()

    async def work(self):
        while True:
            key, future = await self.queue.get()
            if not future.cancelled():
                future.set_result(self.items.get(key))
            self.queue.task_done()

    async def look_up(self, key):
        future = asyncio.get_running_loop().create_future()
        await self.queue.put((key, future))
        return await future

    async def serve(self, reader, writer):
        while True:
            line = await reader.readline()
            if not line:
                break
            answer = await self.look_up(json.loads(line)["key"])
            if json.loads(line).get("slow"):
                self.pending += 1
                if self.pending == CONNECTIONS:
                    self.enough.set()
                await self.released.wait()
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()


async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for n in range(10):
        writer.write(json.dumps({"key": str(n)}).encode() + b"\n")
        await reader.readline()
    writer.write(json.dumps({"key": "1", "slow": True}).encode() + b"\n")
    await reader.readline()


async def main():
    store = Store()
    worker = asyncio.ensure_future(store.work())
    server = await asyncio.start_server(store.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clients = [asyncio.ensure_future(client(port)) for _ in range(CONNECTIONS)]
    await store.enough.wait()
    print("ready")
    sys.stdout.flush()
    await asyncio.gather(worker, *clients)


asyncio.run(main())
