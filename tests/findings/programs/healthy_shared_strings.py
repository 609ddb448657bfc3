# SPDX-License-Identifier: GPL-3.0-or-later
"""The same parcels, whose words and pairs are shared."""
import sys

STATES = ["waiting for payment", "packed and handed over", "on its way to the customer", "delivered"]
PLACES = ["north harbour", "central station", "old market"]
labels = {}


class Parcel:
    __slots__ = ("number", "state", "label")

    def __init__(self, line):
        number, state, place, town = line.split(";")
        self.number = int(number)
        self.state = sys.intern(state)
        label = (sys.intern(place), sys.intern(town))
        self.label = labels.setdefault(label, label)


parcels = [Parcel("%d;%s;%s;Rotterdam-Zuid" % (n, STATES[n % 4], PLACES[n % 3])) for n in range(40000)]
print("ready")
sys.stdout.flush()
sys.stdin.readline()
