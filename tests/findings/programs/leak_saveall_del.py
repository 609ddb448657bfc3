# SPDX-License-Identifier: GPL-3.0-or-later
"""DEBUG_SAVEALL kept rings of all kinds in gc.garbage, those with __del__, too, which 2.7's collector would have put there anyway."""
# versions: all
# needs: 2.7
# finds: low gc-garbage gc.garbage holds
# says: gc-garbage gc.set_debug(gc.DEBUG_SAVEALL) or DEBUG_LEAK is or was on
# never: dares not call
import gc
import sys
import time


class Node(object):
    def __init__(self):
        self.me = self


class Closing(Node):
    def __del__(self):
        pass


gc.set_debug(gc.DEBUG_SAVEALL)
for _ in range(500):
    Closing()
    Node()
gc.collect()
gc.set_debug(0)
print("ready")
sys.stdout.flush()
time.sleep(1000)
