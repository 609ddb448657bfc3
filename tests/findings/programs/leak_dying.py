# SPDX-License-Identifier: GPL-3.0-or-later
"""A finalizer that runs for long, in a collection that has found its ring unreachable."""
# finds: info collecting a collection was running: 41 objects
# says: collecting and are being destroyed
# versions: all
import gc
import sys
import time


class Node(object):
    __slots__ = ("me",)

    def __init__(self):
        self.me = self


class Last(Node):
    __slots__ = ()

    def __del__(self):
        print("ready")
        sys.stdout.flush()
        time.sleep(1000)


gc.collect()
nodes = [Node() for _ in range(20)] + [Last()] + [Node() for _ in range(20)]
del nodes[:]
gc.collect()
