# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture is taken deep inside running code: a generator in a comprehension in a handler in a
class body in a context manager in a thread's coroutine; what runs is not what is suspended."""
import contextlib
import gc
import sys

from kinds import since

SNAPSHOT = [None]


class Node(object):
    pass


def ring():
    a = Node()
    a.me = a
    return a


def generator(data):
    local = [data]
    yield local
    try:
        raise KeyError(data)
    except KeyError:
        ring()
        enter_class(local)
        yield 2


def enter_class(data):
    class Body(object):
        attribute = [data]
        result = with_manager(attribute)
    return Body


@contextlib.contextmanager
def manager(data):
    held = [data]
    yield held
    held.append(1)


def with_manager(data):
    with manager(data) as held:
        return [recurse(n, held) for n in range(1)]


def recurse(depth, data):
    local = {'depth': depth, 'data': data}
    if depth < 30:
        return recurse(depth + 1, local)
    return sorted([3, 1, 2], key=lambda n: finish(n, local))


def finish(n, data):
    if n == 2:
        try:
            raise ValueError(data)
        except ValueError as error:
            kept = error
            frame = sys._getframe()
            deepest(kept, frame)
    return n


def deepest(error, frame):
    ring()
    started = generator('suspended')
    next(started)
    SNAPSHOT[0]()


since((3, 6), '''
async def outer(data):
    held = [data]
    async for one in agen(held):
        data.append(one)
    return data

async def agen(data):
    async with Manager() as manager:
        await inner(data)
        yield manager

class Manager:
    async def __aenter__(self):
        return self
    async def __aexit__(self, *args):
        return None

async def inner(data):
    return list(delegate(generator(data)))

def delegate(one):
    result = yield from one
    return result

def start(data):
    try:
        outer(data).send(None)
    except StopIteration:
        pass
''', globals())


def run(snapshot):
    gc.disable()
    SNAPSHOT[0] = snapshot
    if 'start' in globals():
        start([1])
    else:
        list(generator([1]))
