# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low finalizer-rings 200 reference cycles of garbage with __main__.Node.__del__() in each
# finds: low gc-off the collector is off, and 3,0* objects
"""Parents and children that refer to each other, with __del__ in both, dropped by the hundred; the collector was turned off to be fast."""
import gc
import sys

gc.disable()


class Node(object):
    def __init__(self, parent=None):
        self.parent = parent
        self.children = []
        self.payload = [0] * 100
        if parent is not None:
            parent.children.append(self)

    def __del__(self):
        self.payload = None


def build():
    root = Node()
    for _ in range(4):
        Node(root)


for n in range(200):
    build()
print("ready")
sys.stdout.flush()
sys.stdin.readline()
