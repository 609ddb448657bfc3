# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
"""A hundred threads wait for work in one function, each with a connection of its own; up to 3.10 their frames are objects."""
import sys
import threading
import time


class Connection(object):
    def __init__(self):
        self.buffer = bytearray(20000)


class Pool(object):
    def __init__(self):
        self.by_thread = {}

    def connection(self):
        me = threading.get_ident()
        if me not in self.by_thread:
            self.by_thread[me] = Connection()
        return self.by_thread[me]

    def drop(self):
        self.by_thread.pop(threading.get_ident(), None)


def work():
    POOL.connection()
    STARTED.release()
    try:
        STOP.wait()
    finally:
        POOL.drop()


POOL, STOP, STARTED = Pool(), threading.Event(), threading.Semaphore(0)
threading.stack_size(256 * 1024)
for _ in range(100):
    threading.Thread(target=work, daemon=True).start()
for _ in range(100):
    STARTED.acquire()
print("ready")
sys.stdout.flush()
time.sleep(10000)
