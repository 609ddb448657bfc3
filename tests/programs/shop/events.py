# SPDX-License-Identifier: GPL-3.0-or-later
"""Events: listeners held by their bound methods, closures over big objects, and tasks nobody
wakes.
"""

import asyncio
import threading
import weakref


class Bus:
    """Holds whoever listens. A closed basket that never unsubscribed stays alive through its
    method.

    ouro shows: `path` to a Basket goes `BUS.listeners['price'][3].__self__`: the bound method is
    the holder.
    """

    def __init__(self):
        self.listeners = {}

    def subscribe(self, topic, listener):
        self.listeners.setdefault(topic, []).append(listener)


BUS = Bus()

# Live baskets for the statistics page; weak, so it keeps none of them: never part of a path.
BASKETS = weakref.WeakSet()

# Ready-made reports. Each is a small function, and each holds a whole table.
REPORTS = []


class Basket:
    def __init__(self, owner):
        self.owner = owner
        self.items = [owner, "article"]
        BASKETS.add(self)
        BUS.subscribe("price", self.on_price)

    def on_price(self, article, price):
        self.items.append((article, price))


class Widget:
    """Stores its own bound method: a ring through a method object, garbage once dropped."""

    def __init__(self, name):
        self.name = name
        self.on_click = self.clicked

    def clicked(self):
        return self.name


def fill_baskets(count):
    for number in range(count):
        Basket("visitor %d" % number)


def drop_widgets(count):
    for number in range(count):
        Widget("widget %d" % number)


def make_report(rows):
    """A closure over a big object: the report needs one number, and keeps the table.

    ouro shows: the function's edge `closure table`, and the table's size beside it.
    """
    table = [[row, "row %d" % row] for row in range(rows)]
    picture = bytes(rows * 100)

    def report():
        return len(table) + len(picture)

    return report


def numbered(prefix):
    """A generator that is never finished: its frame and its locals wait with it."""
    scratch = [prefix] * 10
    number = 0
    while scratch:
        yield "%s-%d" % (prefix, number)
        number += 1


class Mailer(threading.Thread):
    """A worker that waits for mail. What it took last stays in its frame: `local letter in
    run()`.
    """

    def __init__(self, queue):
        threading.Thread.__init__(self, name="mailer", daemon=True)
        self.queue = queue
        self.sent = 0

    def run(self):
        while True:
            letter = self.queue.get()
            self.sent += len(letter)
            self.queue.task_done()


class Watchdog(threading.Thread):
    """Sleeps on an event that nobody sets, with a context of its own in a thread-local."""

    def __init__(self, woken):
        threading.Thread.__init__(self, name="watchdog", daemon=True)
        self.woken = woken
        self.started_up = threading.Event()
        self.local = threading.local()

    def run(self):
        self.local.history = ["started", "idle"]
        self.started_up.set()
        self.woken.wait()


async def remind(basket, answer):
    """A task that waits for an answer which never comes; the basket lives as long as it does."""
    subject = "your basket, %s" % basket.owner
    await answer
    return subject


async def start_reminders(count):
    """The tasks, suspended at their await; whoever holds the futures could wake them, and nobody
    will.
    """
    loop = asyncio.get_event_loop()
    tasks = []
    for number in range(count):
        basket = Basket("sleeper %d" % number)
        tasks.append(loop.create_task(remind(basket, loop.create_future())))
    await asyncio.sleep(0)
    return tasks
