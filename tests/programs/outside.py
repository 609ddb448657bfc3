# SPDX-License-Identifier: GPL-3.0-or-later
"""Greenlets that wait in the middle of a function: greenlet's tp_is_gc keeps those from the
collector."""
import gc
import time

import greenlet


class Kept:
    pass


class Let(greenlet.greenlet):
    pass


def wait():
    greenlet.getcurrent().parent.switch()


def ring(of):
    """A ring through a greenlet that waits: nobody outside knows of it."""
    let, kept = of(wait), Kept()
    let.kept = kept
    kept.let = let
    let.switch()


gc.collect()
gc.disable()
ring(greenlet.greenlet)
ring(Let)
fresh, lost = greenlet.greenlet(wait), Kept()   # this one never ran: the collector's
fresh.lost = lost
lost.fresh = fresh
del fresh, lost
print('ready', flush=True)
while True:
    time.sleep(1000)
