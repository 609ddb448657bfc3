# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.7
# finds: suspended 300 tasks of Client.ask() leak_book_asyncio.py:
"""Tasks that wait for events nobody sets, kept in a set that forgets to discard; futures in a dict of pending requests."""
import asyncio
import sys


class Client:
    def __init__(self):
        self.pending = {}
        self.tasks = set()

    async def ask(self, n):
        payload = bytearray(2000)
        self.pending[n] = future = asyncio.get_running_loop().create_future()
        return await future, payload

    def start(self, n):
        self.tasks.add(asyncio.ensure_future(self.ask(n)))


async def main():
    client = Client()
    for n in range(300):
        client.start(n)
    await asyncio.sleep(0.01)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
