# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low queues __main__.QUEUE, an unbounded queue.Queue, has 4,999 items waiting
"""A queue without a bound: the producer is faster than the thread that takes from it."""
import queue
import sys
import threading

QUEUE = queue.Queue()
stopped = threading.Event()


class Reading:
    def __init__(self, n):
        self.values = [n + i / 10 for i in range(30)]


def consume():
    QUEUE.get()
    stopped.wait()


thread = threading.Thread(target=consume, daemon=True)
thread.start()
for n in range(5000):
    QUEUE.put(Reading(n))
print("ready")
sys.stdout.flush()
sys.stdin.readline()
