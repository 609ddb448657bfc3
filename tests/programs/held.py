# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that are held in known ways, for `path`, `retained`, `threads`, `native`, `instances`, `find` and `graph`.

What is asked about has a class of its own, so that a test finds it by its type.
"""
import ctypes
import gc
import threading
import time
import weakref

LEAKS = 7          # references that C code takes of each Leaked and never gives back
LEAKED = 3
BLOCK = 100000     # bytes of each bytearray


class Leaked(object):
    """C code holds these; Python forgot two of the three."""


class Weakly(object):
    """A weak reference is no reason to live: nothing but its own ring holds it."""


class Owner(object):
    def __init__(self):
        self.first = bytearray(BLOCK)
        self.parts = {"second": [bytearray(BLOCK), bytearray(BLOCK)]}


class Shared(object):
    def __init__(self):
        self.block = bytearray(BLOCK)


class Borrower(object):
    def __init__(self, shared):
        self.shared = shared


class Part(object):
    __slots__ = ("number", "next")

    def __init__(self, number, following):
        self.number = number
        self.next = following


class Special(Owner):
    pass


class User(object):
    def __init__(self, name, age):
        self.name = name
        self.age = age


class Local(object):
    """Held by a variable of a thread."""


class Generated(object):
    """Held by a variable of a suspended generator."""


class Deep(object):
    """At the end of a long chain."""


def leak():
    """What an extension does that forgets to give references back."""
    kept = [Leaked() for _ in range(LEAKED)]
    for number, leaked in enumerate(kept):
        for _ in range(LEAKS):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(leaked))
    return kept[0]


def generate(value):
    number = 1
    while True:
        yield number
        number += 1


def wait(private, number):
    in_use = IN_USE  # noqa: F841
    begun.set()
    while number:
        time.sleep(1000)


def chain(length):
    part = Deep()
    for number in range(length):
        part = Part(number, part)
    return part


LEFT = leak()
OWNER = Owner()
SPECIAL = Special()
SHARED_BY = [Borrower(None), Borrower(None)]
SHARED_BY[0].shared = SHARED_BY[1].shared = Shared()
CHAIN = chain(50000)
USERS = {"bob": User("bob", 41), "alice": User("alice", 42), "bob's friend": User("it's", 41)}
BIG = dict.fromkeys(range(12345))
SECRET = "-----BEGIN RSA PRIVATE KEY----- and so on"
SECRET_BYTES = bytearray(b"-----BEGIN RSA in bytes")
SNOW = u"\u2603 BEGIN RSA with a snowman \U0001F600"
IN_USE = [b"-" * 12000000]
GENERATOR = generate(Generated())
next(GENERATOR)
gc.disable()    # what is garbage has to stay, whenever the collector would have come
weakly = Weakly()
weakly.itself = weakly
WATCHED = weakref.ref(weakly)
del weakly

begun = threading.Event()
waiter = threading.Thread(target=wait, args=(Local(), 3), name="waiter")
waiter.daemon = True
waiter.start()
begun.wait()
print("ready", flush=True)
time.sleep(1000)
