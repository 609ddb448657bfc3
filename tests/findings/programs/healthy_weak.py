# SPDX-License-Identifier: GPL-3.0-or-later
"""Weak dictionaries that work: values are held by their users for a while, and what is beside a key does not lead back."""
import sys
import weakref


class Document(object):
    def __init__(self, name):
        self.name = name


class Window(object):
    def __init__(self, document):
        self.document = document
        self.parts = [Document("part")]


CACHE = weakref.WeakValueDictionary()
SIZES = weakref.WeakKeyDictionary()
NAMES = weakref.WeakSet()
windows = {}
for n in range(3000):
    document = Document("document %d" % n)
    CACHE[n] = document
    SIZES[document] = [n, n + 1]
    NAMES.add(document)
    if n % 10 == 0:
        windows[n] = Window(document)
del document
print("ready")
sys.stdout.flush()
sys.stdin.readline()
