# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
# needs: 3.7
# finds: fork multiprocessing has forked 3 workers, and gc.freeze() was not called: a full collection unshares up to
"""A server that loads a large table and forks workers that all use it."""
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
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=serve, args=(TABLE, os.getpid()), daemon=True) for _ in range(3)]
    for worker in workers:
        worker.start()
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
