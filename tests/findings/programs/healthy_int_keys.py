# SPDX-License-Identifier: GPL-3.0-or-later
"""Dicts keyed by times, offsets, threads, and ids of what lives: numbers that may look like ids, and nothing is kept too long."""
# versions: all
# never: keys are ids
import sys
import threading
import time


class Metrics(object):
    def __init__(self):
        self.by_hour = {}

    def count(self, now, what):
        bucket = self.by_hour.setdefault(now // 3600 * 3600, {"requests": 0, "errors": 0})
        bucket[what] += 1
        for old in [hour for hour in self.by_hour if hour < now - 30 * 86400]:
            del self.by_hour[old]


class Blocks(object):
    def __init__(self, size):
        self.by_offset = {offset: b"crc" for offset in range(16 << 20, size, 4096)}


class Connection(object):
    def __init__(self):
        self.buffer = bytearray(20000)


class Pool(object):
    """One connection for each thread that runs: much of the heap, and no more than there are threads."""

    def __init__(self):
        self.by_thread = {}
        self.by_object = {}

    def connection(self):
        me = threading.current_thread().ident
        if me not in self.by_thread:
            self.by_thread[me] = Connection()
        return self.by_thread[me]

    def settle(self):
        self.by_object[threading.current_thread()] = Connection()

    def drop(self):
        self.by_thread.pop(threading.current_thread().ident, None)


class Socket(object):
    def __init__(self, hub):
        self.buffer = bytearray(2000)
        hub.live[id(self)] = self

    def close(self, hub):
        del hub.live[id(self)]


class Hub(object):
    def __init__(self):
        self.live = {}


class Model(object):
    pass


METRICS = Metrics()
BLOCKS = Blocks(64 << 20)
POOL = Pool()
HUB = Hub()
STOP = threading.Event()
CLASSES = tuple(type("Model%d" % i, (Model,), {}) for i in range(300))


def worker():
    POOL.connection()
    POOL.settle()
    try:
        STOP.wait()
    finally:
        POOL.drop()


def main():
    for now in range(1700000000, 1700000000 + 40 * 86400, 3600):
        METRICS.count(now, "requests")
    threading.stack_size(256 * 1024)
    for _ in range(100):
        thread = threading.Thread(target=worker)
        thread.daemon = True
        thread.start()
    sockets = [Socket(HUB) for _ in range(300)]
    for socket in sockets[200:]:
        socket.close(HUB)


main()
print("ready")
sys.stdout.flush()
time.sleep(1000)
