# SPDX-License-Identifier: GPL-3.0-or-later
"""A collection runs, out of a deallocator: it has found a ring of two unreachable, and the finalizer of one of them does not end."""
import gc
import sys
import time


class Node(object):
    def __init__(self):
        self.other = None


class Last(Node):
    def __del__(self):
        print("ready")
        sys.stdout.flush()
        time.sleep(1000)


class Inner(object):
    def __del__(self):
        gc.collect()


class Outer(object):
    __slots__ = ("inner",)


gc.collect()
gc.disable()
node, last = Node(), Last()
node.other, last.other = last, node
outer = Outer()
outer.inner = Inner()
NODE, OUTER = id(node), id(outer)
del node, last
del outer
