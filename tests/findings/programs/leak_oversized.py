# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
# finds: low oversized __main__.QUEUE.pending has room for
# finds: low oversized __main__.QUEUE.seen has room for
# finds: low empty-containers set objects are empty
"""A burst of jobs is over: the dict and the set that had them keep their tables. Every client has a set that it never uses."""
import sys


class Queue:
    """Jobs by number; most have gone."""

    def __init__(self):
        self.pending = {}
        self.seen = set()

    def add(self, number):
        self.pending[number] = None
        self.seen.add(number)

    def finish(self, number):
        del self.pending[number]
        self.seen.discard(number)


class Client:
    __slots__ = ("number", "tags")

    def __init__(self, number):
        self.number = number
        self.tags = set()


QUEUE = Queue()
for job in range(150000):
    QUEUE.add(job)
for job in range(149990):
    QUEUE.finish(job)
CLIENTS = [Client(n) for n in range(20000)]
print("ready")
sys.stdout.flush()
sys.stdin.readline()
