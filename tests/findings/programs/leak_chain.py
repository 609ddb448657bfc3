# SPDX-License-Identifier: GPL-3.0-or-later
"""Every event remembers the one before it, and the last one is kept: so are all."""
# finds: medium chain __main__.Journal.last leads to a chain of __main__.Event that keep one another
# versions: all
import sys
import time


class Event(object):
    __slots__ = ("text", "before")

    def __init__(self, text, before):
        self.text = text
        self.before = before


class Journal(object):
    last = None

    def add(self, text):
        Journal.last = Event("%s happened and was written down at length for later" % text, Journal.last)


journal = Journal()
for number in range(40000):
    journal.add("event %d" % number)
print("ready")
sys.stdout.flush()
time.sleep(1000)
