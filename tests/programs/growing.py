#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service at three moments, between which it grows: what `diff` is for.

    tests/programs/moments OURO PYTHON tests/programs/growing.py FOLDER

leaves FOLDER/1.core, 2.core, 3.core of one process and, beside each, N.ids: a line for every object
that the collector tracks (its id), and "id serial" for each Session, which says who is who where
an address was used again.

    1 -> 2     200 sessions go into CACHE, 80 into WORKING; 60 of the old ones die, and 60 orders
               and 60 sessions are born into the places that were left
    2 -> 3     WORKING is emptied, 40 more go into CACHE
    3 -> 5     with the word `on`: 40 more each time, some of the old ones die, WORKING fills and empties
"""

import gc
import os
import sys

CACHE = {}
WORKING = []
OLD = []
COUNT = [0]


class Session(object):
    made = []           # a list at a class: the other classic

    def __init__(self):
        COUNT[0] += 1
        self.serial = COUNT[0]
        self.name = "session %d" % self.serial


class Order(object):
    def __init__(self):
        self.serial = -1
        self.name = "order"


def moment(path, number):
    """Writes the ids of this very moment, and waits until the core is taken."""
    ids = []
    serials = [None]
    ids.extend(map(id, gc.get_objects()))
    serials[0] = "\n".join("%d %d" % (id(s), s.serial) for s in gc.get_objects() if type(s) is Session)
    with open(path, "w") as file:
        file.write("\n".join(map(str, ids)) + "\n" + serials[0] + "\n")
    del file
    if not number:
        return
    sys.stdout.write("moment %d\n" % number)
    sys.stdout.flush()
    sys.stdin.readline()


def begin():
    for _ in range(300):
        OLD.append(Session())
    Session.made.append(["a list", "of two"])


def grow():
    del OLD[::5]                    # 60 places
    if "collect" in sys.argv:
        gc.collect()                # what is left is old from here on
    for _ in range(60):
        WORKING.append(Order())
    for _ in range(60):
        OLD.append(Session())
    for i in range(200):
        CACHE["user %d" % i] = Session()
    for _ in range(80):
        WORKING.append(Session())
    Session.made.append(["another", "one"])


def shrink():
    del WORKING[:]
    for i in range(200, 240):
        CACHE["user %d" % i] = Session()


def go_on(number):
    del OLD[::7]
    if "collect" in sys.argv:
        gc.collect()
    WORKING[:] = [Session() for _ in range(50 if number == 4 else 0)]
    for i in range(40):
        CACHE["user %d" % (40 * number + i + 80)] = Session()
    for _ in range(10):
        OLD.append(Session())


def main():
    folder = sys.argv[1]
    gc.disable()
    moment(os.devnull, 0)   # what opening a file leaves behind for good is there before the first one
    begin()
    moment(folder + "/1.ids", 1)
    grow()
    moment(folder + "/2.ids", 2)
    shrink()
    moment(folder + "/3.ids", 3)
    for number in (4, 5) if "on" in sys.argv else ():
        go_on(number)
        moment(folder + "/%d.ids" % number, number)


main()
