# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low gc-off the collector's threshold is 0, and 6,0* objects
# finds: low garbage-rings 1,000 reference cycles of garbage through __main__.Command
# finds: low garbage-rings 1,000 reference cycles of garbage through __main__.Machine: Machine.me
"""Objects that refer to themselves: through an attribute, a bound method, a dict of handlers; threshold 0 leaves them."""
import gc
import sys

gc.set_threshold(0)


class Machine(object):
    def __init__(self, n):
        self.me = self
        self.number = n
        self.table = [n] * 50


class Command(object):
    def __init__(self, n):
        self.handlers = {"run": self.run, "undo": self.undo}
        self.text = "command %d" % n

    def run(self):
        pass

    def undo(self):
        pass


for n in range(1000):
    Machine(n)
    Command(n)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
