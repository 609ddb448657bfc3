# SPDX-License-Identifier: GPL-3.0-or-later
"""A few objects of a few kinds and one ring per generation: the first thing to get right."""
import gc


class Node(object):
    def __init__(self, name):
        self.name = name
        self.other = None


def ring(name):
    a, b = Node(name), Node(name + "'")
    a.other, b.other = b, a
    return a


def counting():
    yield 1

    yield 2


def failing():
    try:
        counting().throw(ValueError)
    except ValueError as error:
        return error


STARTED, ERROR = counting(), failing()
next(STARTED)

# A ring ages only while something holds it, so each is let go at the very end.
gc.disable()
gc.collect()
KEEP = [Node('kept'), {'a': [1]}, (1, [2]), {3, 4}, frozenset([(5,)]), lambda: KEEP]
HELD = [ring('old')]
gc.collect(0)
gc.collect(1)
HELD.append(ring('middle'))
OLD = [KEEP]
gc.collect(0)
HELD.append(ring('young'))
KEEP.append({'young': OLD})
HELD = None
