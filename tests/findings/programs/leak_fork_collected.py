# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
# needs: 3.7
# live
# finds: fork one of 3 forked by os.fork(), and gc.freeze() was not called: collections have unshared
# says: fork in all 4 processes
"""One of three workers by os.fork(), which have collected since: the harm is done, and next to nothing is shared any more."""
import gc
import os
import sys
import time


def load():
    return {n: [n, {"next": n + 1}] for n in range(60000)}


def serve(parent, done):
    gc.collect()
    os.write(done, b"x")
    while os.getppid() == parent:
        time.sleep(0.3)
    os._exit(0)


TABLE = load()
parent = os.getpid()
collected, done = os.pipe()
for _ in range(3):
    worker = os.fork()
    if not worker:
        serve(parent, done)
for _ in range(3):
    os.read(collected, 1)
print("pid %d" % worker)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
