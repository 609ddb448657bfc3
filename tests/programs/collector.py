#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heap of doc/collector.md: a ring that nothing holds, a tail that hangs from it, and a chain that a variable holds."""

import gc
import sys
import time


class Node(object):
    __slots__ = ("next", "tail")


class Tail(object):
    __slots__ = ("x",)


gc.collect()
gc.disable()
first, second = Node(), Node()
first.next, second.next, second.tail = second, first, Tail()
del first, second
HELD = Node()
HELD.next = Node()
HELD.next.tail = Tail()

print("ready")
sys.stdout.flush()
time.sleep(1000)
