# SPDX-License-Identifier: GPL-3.0-or-later
"""Very many objects with slots; many with attributes of all names; and many whose base in a library has a dict."""
import sys
import threading


class Point(object):
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z


class Anything(object):
    pass


class Event(threading._Event if hasattr(threading, "_Event") else threading.Event):
    pass


points = [Point(n, n, n) for n in range(20000)]
things = []
for n in range(3000):
    thing = Anything()
    setattr(thing, "name%d" % n, n)
    things.append(thing)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
