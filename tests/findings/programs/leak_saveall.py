# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
"""Somebody looked for a leak with gc.DEBUG_LEAK, which is one."""
# finds: medium gc-debug gc.set_debug(DEBUG_SAVEALL)
# finds: low gc-garbage gc.garbage holds
import gc
import sys
import time


class Node(object):
    def __init__(self):
        self.me = self


gc.set_debug(gc.DEBUG_SAVEALL)
for _ in range(500):
    Node()
gc.collect()
print("ready")
sys.stdout.flush()
time.sleep(1000)
