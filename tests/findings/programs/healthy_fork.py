# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.7
"""The server of leak_fork.py, which freezes its table before it forks."""
import gc
import multiprocessing
import os
import sys
import time


def load():
    return {n: [n, {"next": n + 1}] for n in range(60000)}


def serve(table, parent):
    while os.getppid() == parent:
        time.sleep(0.3)


if __name__ == "__main__":
    TABLE = load()
    gc.freeze()
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=serve, args=(TABLE, os.getpid()), daemon=True) for _ in range(3)]
    for worker in workers:
        worker.start()
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
