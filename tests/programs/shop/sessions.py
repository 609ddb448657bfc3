# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: a class-level list, caches without an end, finalizers in rings, and an error kept too
long.
"""

from functools import lru_cache

# Keyed by request, never emptied: grows by one entry a visitor for as long as the process lives.
# ouro shows: `path` to any Page ends in `shop.sessions.PAGE_CACHE['/article/17?visitor=17']`.
PAGE_CACHE = {}

LAST_ERROR = None


class Session:
    """Every session ever opened is in a list of the class, so that none of them is ever garbage.

    ouro shows: `referrers` of a session names the holder as shop.sessions.Session.everyone[17].
    """

    everyone = []

    def __init__(self, user):
        self.user = user
        self.basket = {}
        Session.everyone.append(self)


class Page:
    def __init__(self, url):
        self.url = url
        self.body = "<h1>%s</h1>" % url * 8


@lru_cache(maxsize=None)
def price_of(article, visitor):
    """A cache without bound whose key contains the visitor: no entry is ever asked for again."""
    return article * 100 + visitor % 10 + 0.5


class Connection:
    """A connection and its transaction hold each other and both want to tidy up: __del__ in a ring.

    ouro shows: `collect` lists them with their finalizers as the reason; whether they are freed
    depends on what the finalizers do, and they count as uncertain.
    """

    closed = 0

    def __init__(self, number):
        self.number = number
        self.transaction = Transaction(self)

    def __del__(self):
        Connection.closed += 1


class Transaction:
    def __init__(self, connection):
        self.connection = connection
        self.statements = ["begin", "update stock", "commit"]

    def __del__(self):
        self.statements.append("rollback")


class PooledConnection(Connection):
    """Goes back to the pool instead of dying: its __del__ resurrects it, and the ring with it.

    ouro shows: garbage whose fate is uncertain. Up to 3.8 one such object saves all that its
    collection found, so that gc.collect() returns 0 there; from 3.9 on only what the pool can
    reach is saved.
    """

    pool = []

    def __del__(self):
        PooledConnection.pool.append(self)


def open_sessions(count):
    for number in range(count):
        session = Session("visitor %d" % number)
        session.basket["article"] = number
        url = "/article/%d?visitor=%d" % (number, number)
        PAGE_CACHE[url] = Page(url)
        price_of(number % 50, number)


def lose_connections(count, pooled):
    for number in range(count):
        Connection(number)
    for number in range(pooled):
        PooledConnection(number)


def charge(session, amount):
    receipt = "receipt " * 4096  # a local that lives as long as the traceback does
    if amount < 0:
        raise ValueError("negative amount for %s: %d letters" % (session.user, len(receipt)))


def remember_error(session):
    """An exception kept for later keeps its traceback, the frames in it, and all their locals.

    ouro shows: `.__traceback__`, `.tb_frame`, and then `local receipt in charge()`.
    """
    global LAST_ERROR
    try:
        charge(session, -1)
    except ValueError as error:
        LAST_ERROR = error
