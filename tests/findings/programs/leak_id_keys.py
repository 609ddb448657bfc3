# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes by id(): the objects go, the notes stay."""
# finds: low id-keys __main__.NOTES has 2,000 entries whose keys are ids
# versions: all
import sys
import time


NOTES = {}


class Thing(object):
    pass


def note(thing, text):
    NOTES[id(thing)] = text


things = [Thing() for _ in range(2000)]
for thing in things:
    note(thing, "a note")
del things, thing

print("ready")
sys.stdout.flush()
time.sleep(1000)
