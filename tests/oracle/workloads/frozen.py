# SPDX-License-Identifier: GPL-3.0-or-later
"""gc.freeze(): a permanent generation with rings in it, and others around that point into it."""
import gc
import sys


class Node(object):
    pass


def ring():
    a, b = Node(), Node()
    a.other, b.other = b, a
    return a


def run(snapshot):
    if not hasattr(gc, 'freeze'):
        print('gc.freeze came with 3.7')
        sys.exit(77)
    gc.disable()
    gc.callbacks.append(lambda phase, info: None)
    gc.set_threshold(123, 4, 5)
    held = [ring() for _ in range(20)]
    held.append([{'frozen': n} for n in range(50)])
    gc.freeze()
    held[3].young = ring()
    young = ring()
    young.frozen = held[4]
    del held[5:15], young
    thawed = [ring() for _ in range(5)]
    del thawed[2:]
    snapshot()
