# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
# finds: low weak *.CACHE is weak, but *.RECENT holds 3,000 of its 3,000 *Document
# finds: low weak *.EXTRAS keeps 3,000 of its 3,000 weakly held *Document alive by itself
"""Two weak dictionaries that never forget: a list of what was opened has all values of one; values of the other have their keys."""
import sys
import weakref


class Document(object):
    def __init__(self, name):
        self.name = name
        self.text = name * 50


class Layout(object):
    """Computed for a document, and refers to it."""

    def __init__(self, document):
        self.document = document
        self.lines = list(range(20))


CACHE = weakref.WeakValueDictionary()
RECENT = []
EXTRAS = weakref.WeakKeyDictionary()


def open_document(name):
    document = CACHE.get(name)
    if document is None:
        document = CACHE[name] = Document(name)
        RECENT.append((name, document))
    return document


def lay_out(document):
    if document not in EXTRAS:
        EXTRAS[document] = Layout(document)


for n in range(3000):
    open_document("document %d" % n)
    lay_out(Document("draft %d" % n))
print("ready")
sys.stdout.flush()
sys.stdin.readline()
