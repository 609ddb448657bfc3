# SPDX-License-Identifier: GPL-3.0-or-later
"""5,000 nodes hang in one chain; 2,500 others stand alone, and are not counted."""
# finds: low chain __main__.BOOK.last leads to a chain of __main__.Node that keep one another alive: 5,000 of them
# versions: all
import sys
import time


class Node(object):
    def __init__(self, before):
        self.before = before
        self.text = "x%d" % id(self) * 40


class Book(object):
    pass


BOOK = Book()
BOOK.last = None
for i in range(5000):
    BOOK.last = Node(BOOK.last)
OTHERS = {i: Node(None) for i in range(2500)}

print("ready")
sys.stdout.flush()
time.sleep(1000)
