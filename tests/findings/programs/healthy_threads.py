# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.6
"""A pool of threads that has answered a thousand questions and waits for more; thread locals, a lock, a timer."""
import concurrent.futures
import hashlib
import sys
import threading

local = threading.local()
lock = threading.Lock()
totals = {"done": 0, "bytes": 0}


def digest(n):
    if not hasattr(local, "buffer"):
        local.buffer = bytearray(4096)
    local.buffer[:8] = n.to_bytes(8, "little")
    with lock:
        totals["done"] += 1
        totals["bytes"] += len(local.buffer)
    return hashlib.sha256(local.buffer).hexdigest()


class Watcher(threading.Thread):
    """Waits until it is told to stop."""

    def __init__(self):
        super().__init__(daemon=True)
        self.stopped = threading.Event()

    def run(self):
        self.stopped.wait()


pool = concurrent.futures.ThreadPoolExecutor(8)
digests = set(pool.map(digest, range(1000)))
watchers = [Watcher() for _ in range(4)]
for watcher in watchers:
    watcher.start()
timer = threading.Timer(100000, print)
timer.daemon = True
timer.start()
print("ready")
sys.stdout.flush()
sys.stdin.readline()
