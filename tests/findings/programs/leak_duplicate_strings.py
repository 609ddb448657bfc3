# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
# finds: low duplicate-strings texts duplicate others
# finds: low equal-containers containers hold exactly what another one holds
"""Rows that were split from a file keep their own copy of each of the few words in them, and of each pair."""
import sys

STATES = ["waiting for payment", "packed and handed over", "on its way to the customer", "delivered"]
PLACES = ["north harbour", "central station", "old market"]


class Parcel:
    __slots__ = ("number", "state", "label")

    def __init__(self, line):
        number, self.state, place, town = line.split(";")
        self.number = int(number)
        self.label = (place, town)


def read(lines):
    return [Parcel(line) for line in lines]


parcels = read("%d;%s;%s;Rotterdam-Zuid" % (n, STATES[n % 4], PLACES[n % 3]) for n in range(40000))
print("ready")
sys.stdout.flush()
sys.stdin.readline()
