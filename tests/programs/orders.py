# SPDX-License-Identifier: GPL-3.0-or-later
"""A shop whose orders are held in two ways, for merged paths, `retained --without` and `diff --suspects`.

    CACHE       49 customers of 20 orders each: 980
    RECENT      20 more; and the first two of the first customer are in it as well
    order <-> invoice is a ring; an invoice has 1,000 bytes of its own
    CHAIN       200 links; TREE: 127 nodes, `left` and `right`; NESTED: lists in a list
    LOG         only with the word "leak": 2,000 lines of 1,000 bytes
"""
import gc
import sys
import time


class Order(object):
    def __init__(self, number):
        self.number = number
        self.invoice = Invoice(self)


class Invoice(object):
    def __init__(self, order):
        self.order = order
        self.body = bytearray(1000)


class Customer(object):
    def __init__(self):
        self.orders = [Order(number) for number in range(20)]


class Link(object):
    def __init__(self, following):
        self.following = following


class Tree(object):
    def __init__(self, depth):
        self.left = Tree(depth - 1) if depth else None
        self.right = Tree(depth - 1) if depth else None


class Entry(object):
    def __init__(self):
        self.line = bytearray(1000)


CACHE = dict((number, Customer()) for number in range(49))
RECENT = [Order(number) for number in range(20)] + CACHE[0].orders[:2]
CHAIN = None
for _ in range(200):
    CHAIN = Link(CHAIN)
TREE = Tree(6)
LOG = [Entry() for _ in range(2000 if "leak" in sys.argv else 2)]

gc.collect()
print("ready")
sys.stdout.flush()
time.sleep(1000)
