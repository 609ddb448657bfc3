# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
# finds: low slots __slots__ in *Point would save
"""Very many small objects, each with a dict or values of its own."""
import sys


class Shape(object):
    pass


class Point(Shape):
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z


points = [Point(n % 200, n % 200, n % 200) for n in range(60000)]
for point in points[:20000]:
    point.__dict__
print("ready")
sys.stdout.flush()
sys.stdin.readline()
