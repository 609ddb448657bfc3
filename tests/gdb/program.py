# SPDX-License-Identifier: GPL-3.0-or-later
"""A small heap for the tests in gdb: rings that leak, a cache, and with `grow` more of them all the time."""

import gc
import sys
import time


class Node(object):
    def __init__(self):
        self.me = self
        self.payload = [1, 2, 3]


CACHE = {"list": [1], "node": Node()}


def leak(count):
    for _ in range(count):
        Node()


gc.collect()
gc.disable()
leak(50)
print("ready")
sys.stdout.flush()
if "grow" in sys.argv:
    number = 0
    while True:
        time.sleep(0.05)
        CACHE[number] = Node()
        number += 1
sys.stdin.readline()
