# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders: two-node cycles, self references, and a ring that waits for the collector in an old
generation.
"""


class Order:
    """An order and its invoice hold each other: dropping both leaves a ring of two.

    ouro shows: `cycles` groups all of them as one shape,
        Order .invoice -> Invoice .order -> Order
    and proposes one of the two references to break (a weak reference, or none at all).
    """

    def __init__(self, number, lines):
        self.number = number
        self.lines = lines
        self.invoice = Invoice(self)

    def total(self):
        return sum(price for _, price in self.lines)


class Invoice:
    def __init__(self, order):
        self.order = order
        self.text = "invoice %06d: %d" % (order.number, order.total())


class Queue:
    """A circular list whose empty state is a sentinel that points at itself: the smallest ring
    there is.

    ouro shows: a ring of length one, `.next`, and `.previous` beside it.
    """

    __slots__ = ("next", "previous", "label")

    def __init__(self, label):
        self.label = label
        self.next = self
        self.previous = self


def make_order(number):
    return Order(number, [("article %d" % (number % 7), 5), ("shipping", 2)])


def take_orders(first, count):
    """Orders that nobody keeps: unreachable the moment this returns, and too young to have been
    collected.
    """
    for number in range(first, first + count):
        make_order(number)


def open_queues(count):
    for number in range(count):
        Queue("queue %d" % number)
