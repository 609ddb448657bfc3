#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small shop service with every classic leak in it, always of the same size.

    tests/programs/make-core /tmp/shop.core && ouro /tmp/shop.core

or run this file, and `ouro -p PID` while it waits. The classes are in shop/, each with a word on
what ouro shows; this file runs a day of the shop and says "ready". In order:

    frozen      what was there at gc.freeze() is in the permanent generation, dead rings among it:
                never collected
    gc.garbage  left over from a debugging session with DEBUG_SAVEALL that ended long ago
    old         rings of orders that died after they had reached the oldest generation
    live leaks  sessions in a class-level list, caches, listeners, closures, an exception:
                reachable, and too many
    young       rings of orders, queues, widgets and connections that the next collection would free
    waiting     two threads, a generator and some suspended tasks, each with locals that live as
                long as they wait

`ouro CORE info` says that the collector is off: somebody read that this makes a service faster.
"""

# What `findings` has to say about it:
# finds: low gc-off the collector is off
# finds: low gc-garbage gc.garbage holds
# finds: low garbage-rings 350 reference cycles of garbage through shop.orders.Invoice: *Order.invoice*
# finds: garbage-rings 40 reference cycles of garbage through shop.orders.Queue: *Queue.
# finds: garbage-rings 30 reference cycles of garbage through shop.events.Widget: *Widget.on_click*
# finds: low finalizer-rings 20 reference cycles of garbage with shop.sessions.Connection.__del__()
# finds: finalizer-rings 3 reference cycles of garbage with shop.sessions.PooledConnection.__del__()
# finds: frozen-garbage objects of garbage in the permanent generation
# finds: container shop.sessions.Session.everyone* 500 shop.sessions.Session
# finds: container shop.sessions.PAGE_CACHE* 500 shop.sessions.Page
# finds: low cache shop.sessions.price_of has an unbounded lru_cache of 500 entries
# finds: low listeners shop.events.BUS.listeners['price'] holds 150 bound methods shop.events.Basket.on_price
# finds: low closure 4 closures shop.events.make_report.<locals>.report keep * alive through `table`
# finds: low exceptions shop.sessions.LAST_ERROR keeps the locals
# finds: low suspended 6 tasks of * events.py:
# finds: suspended 1 generator of * events.py:*is suspended
# finds: thread-locals local letter keeps
# versions: all

import asyncio
import gc
import queue
import sys
import threading

from shop import events, orders, sessions

GARBAGE_ORDERS = 5      # pairs that DEBUG_SAVEALL left in gc.garbage
FROZEN_ORDERS = 10      # pairs that died before gc.freeze()
OLD_ORDERS = 200        # pairs that died in generation 2
MIDDLE_ORDERS = 50      # pairs that died in generation 1
YOUNG_ORDERS = 100      # pairs that died in generation 0
QUEUES = 40
WIDGETS = 30
CONNECTIONS = 20
POOLED_CONNECTIONS = 3
SESSIONS = 500
BASKETS = 150
REPORTS = 4
REPORT_ROWS = 5000
REMINDERS = 6


def freeze_the_start():
    """gc.freeze() belongs into a pre-forking parent, after a collection; here it comes before
    one.
    """
    orders.take_orders(900000, FROZEN_ORDERS)
    if hasattr(gc, "freeze"):  # 3.7
        gc.freeze()


def debug_a_leak():
    """DEBUG_SAVEALL keeps all that a collection finds. The flag is off again; gc.garbage was
    never emptied.
    """
    gc.collect()
    orders.take_orders(800000, GARBAGE_ORDERS)
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)


def grow_old():
    """Objects that die right after the collection they survived: their ring sits in generation 2,
    or 1.
    """
    doomed = [orders.make_order(number) for number in range(OLD_ORDERS)]
    gc.collect()
    del doomed


def grow_older(count):
    doomed = [orders.make_order(700000 + number) for number in range(count)]
    gc.collect(0)
    del doomed


def open_shop():
    sessions.open_sessions(SESSIONS)
    sessions.remember_error(sessions.Session.everyone[0])
    events.fill_baskets(BASKETS)
    for _ in range(REPORTS):
        events.REPORTS.append(events.make_report(REPORT_ROWS))


def lose_things():
    orders.take_orders(0, YOUNG_ORDERS)
    orders.open_queues(QUEUES)
    events.drop_widgets(WIDGETS)
    sessions.lose_connections(CONNECTIONS, POOLED_CONNECTIONS)


def start_threads():
    letters = queue.Queue()
    mailer = events.Mailer(letters)
    mailer.start()
    letters.put("Dear visitor, " * 100)
    letters.join()
    watchdog = events.Watchdog(threading.Event())
    watchdog.start()
    watchdog.started_up.wait()
    return mailer, watchdog


async def serve(workers, numbers):
    tasks = await events.start_reminders(REMINDERS)
    lose_things()
    print("ready", flush=True)
    await asyncio.wait(tasks)
    return workers, numbers


def main():
    gc.disable()
    freeze_the_start()
    debug_a_leak()
    grow_old()
    open_shop()
    grow_older(MIDDLE_ORDERS)
    workers = start_threads()
    numbers = events.numbered("order")
    next(numbers)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(serve(workers, numbers))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
