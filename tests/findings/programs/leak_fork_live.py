# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.7
# live
# finds: fork os.fork() has forked 3 workers, and gc.freeze() was not called: a full collection unshares up to
# says: fork by owner: python objects * shared and * private
"""A parent of three workers by os.fork() alone: only the kernel knows of them, and what they share."""
import os
import sys
import time


def load():
    return {n: [n, {"next": n + 1}] for n in range(60000)}


def serve(parent):
    while os.getppid() == parent:
        time.sleep(0.3)
    os._exit(0)


TABLE = load()
parent = os.getpid()
for _ in range(3):
    if not os.fork():
        serve(parent)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
