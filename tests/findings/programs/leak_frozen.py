# SPDX-License-Identifier: GPL-3.0-or-later
"""gc.freeze() without a collection before it: the dead are frozen with the living."""
# finds: low frozen-garbage objects of garbage in the permanent generation
# needs: 3.7
# versions: all
import gc
import sys
import time


class Node(object):
    def __init__(self):
        self.itself = self
        self.block = [None] * 50


gc.disable()
for _ in range(3000):
    Node()
gc.freeze()
gc.enable()

print("ready")
sys.stdout.flush()
time.sleep(1000)
