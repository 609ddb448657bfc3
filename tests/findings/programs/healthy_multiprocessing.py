# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.7
"""The parent of a pool of processes: two workers, a manager's queue, a shared value. Small, so nothing to freeze."""
import multiprocessing
import sys


def square(n):
    return n * n


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    pool = context.Pool(2)
    shared = context.Value("i", 0)
    queue = context.Queue()
    results = pool.map(square, range(2000))
    pending = [pool.apply_async(square, (n,)) for n in range(20)]
    assert [one.get() for one in pending] == results[:20]
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
