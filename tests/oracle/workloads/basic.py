# SPDX-License-Identifier: GPL-3.0-or-later
"""About every kind of object, three times: once in each generation (the collector untracks, moves
and clears as it goes, so an old object is not stored like a young one)."""
import gc
import sys
import warnings

warnings.simplefilter('ignore')     # coroutines that nobody awaits are wanted here
from kinds import classes, containers, functions, library   # noqa: E402

KEEP = []
HOLD = KEEP.append


def build():
    for subject in containers, classes, functions, library:
        subject.build(lambda *objects: HOLD(objects))


def run(snapshot):
    gc.disable()
    build()
    gc.collect()
    if hasattr(gc, 'freeze') and '--freeze' in sys.argv:
        gc.freeze()
    build()
    gc.collect(0)
    build()
    snapshot()
