# SPDX-License-Identifier: GPL-3.0-or-later
"""Unreachable rings of every shape in every generation, beside others just like them that live."""
import collections
import functools
import gc
import sys
import weakref

from kinds import since

# What outlives the rings: it must never be shown as garbage, whatever points at it or from it.
ALIVE = []
SEEN = []


class Node(object):
    cache = []

    def __init__(self, name=None, **more):
        self.name = name
        self.__dict__.update(more)

    def method(self):
        return self


class Attributes(object):
    """Attributes set one by one keep their values in the instance where the version has that."""
    def __init__(self, other):
        self.one = 1
        self.two = [2]
        self.other = other


class Slots(object):
    __slots__ = ('a', 'b')


class Finalized(Node):
    def __del__(self):
        SEEN.append(1)


class Resurrected(Node):
    def __del__(self):
        ALIVE.append(self)


class WeakNode(object):
    __slots__ = ('other', 'ref', '__weakref__')


def two():
    a, b = Node('a'), Node('b')
    a.other, b.other = b, a
    return a


def itself():
    a = Node('self')
    a.me = a
    return a


def inline():
    a = Attributes(None)
    b = Attributes(a)
    a.other = b
    return a


def materialised():
    a = Attributes(None)
    a.other = a
    a.__dict__
    return a


def by_its_dict():
    a = Attributes(None)
    a.other = a.__dict__
    return a


def many_attributes():
    a = Node()
    for n in range(50):
        setattr(a, 'n%d' % n, [a])
    return a


def atoms_behind():
    """Untracked containers hang off the ring: they die with it, but are no part of the set."""
    a = Node('atoms', data={'x': 1}, pair=(1, 2), deep=((1,), (2, (3,))), text=u'\u0416' * 40)
    a.me = a
    return a


def long_chain():
    first = last = Node(0)
    for n in range(300):
        last.next = Node(n)
        last = last.next
    last.next = first
    return first


def double_links():
    nodes = [Node(n) for n in range(50)]
    for n, node in enumerate(nodes):
        node.left, node.right = nodes[n - 1], nodes[(n + 1) % 50]
    return nodes[0]


def tree():
    def grow(parent, depth):
        node = Node(depth, parent=parent)
        node.children = [grow(node, depth - 1) for _ in range(3)] if depth else []
        return node
    return grow(None, 4)


def containers():
    one_list, one_dict, one_set, one_deque = [], {}, set(), collections.deque()
    one_list.append(one_dict)
    one_dict['deque'] = one_deque
    holder = Node('holder', content=one_set)
    one_set.add(holder)
    one_deque.extend([one_list, (one_list,), (holder,), collections.OrderedDict(o=one_list)])
    one_list.append(holder)
    holder.default = collections.defaultdict(list, d=[one_list])
    return one_list


def tuple_ring():
    inside = []
    outside = ((inside, 1), (2, (inside,)))
    inside.append(outside)
    return outside


def frozen_set():
    a = Node('frozen')
    a.members = frozenset([a, (a, 1)])
    return a


def slots():
    a, b = Slots(), Slots()
    a.a, a.b, b.a = b, [a], a
    return a


def closures():
    def outer():
        def first():
            return second

        def second():
            return first
        return first
    return outer()


def bound_methods():
    a = Node('bound')
    a.call = a.method
    a.listeners = [a.method, functools.partial(a.method, a), a.call.__func__]
    return a


def a_class():
    class Local(object):
        attribute = []

        def method(self):
            return Local

        @property
        def value(self):
            return 1
    instance = Local()
    Local.attribute.append(instance)
    return Local


def subclasses():
    class Dict(dict):
        pass

    class List(list):
        __slots__ = ('slot',)
    one, other = Dict(), List()
    one['other'], one.attribute = other, [other]
    other.append(one)
    other.slot = other
    return one


def exception():
    def fail(data):
        local = [data]
        raise ValueError(local)
    try:
        fail('x')
    except ValueError:
        error = sys.exc_info()
    error[1].itself = error
    return error[1]


def frame():
    kept = []

    def call():
        local = Node('local')
        local.frame = sys._getframe()
        kept.append(local)
    call()
    return kept.pop()


def generator():
    def make():
        local = Node('held by a generator')
        holder = yield local
        local.holder = holder
        yield 2
    one = make()
    next(one)
    box = [one]
    one.send(box)
    return box


def fresh_generator():
    def make(argument):
        yield argument
    box = []
    box.append(make(box))
    return box


def finished_generator():
    box = Node()
    box.generator = (x for x in [box])
    list(box.generator)
    box.other = box
    return box


def iterators():
    a = Node('iterators')
    a.all = [iter([a]), enumerate([a]), zip([a], [a]), map(repr, [a]), iter({'a': a}),
             iter(set([a])), reversed([a]), iter((a,)), iter(lambda: a, 5), slice(a, a),
             {1: a}.items()]
    return a


def descriptors():
    a = Node('descriptors')
    a.all = [property(lambda self: a), classmethod(a.method), staticmethod(a.method), super(Node,
                                                                                            a),
             a.all if hasattr(a, 'all') else None]
    return a


def cached():
    if not hasattr(functools, 'lru_cache'):
        return Node()
    a = Node('cached')
    a.call = functools.lru_cache(maxsize=5)(lambda n: [n, a])
    for n in range(8):
        a.call(n)
    return a


def with_del():
    a, b = Finalized('a'), Node('b')
    a.other, b.other = b, a
    return a


def all_with_del():
    a, b = Finalized('a'), Finalized('b')
    a.other, b.other = b, a
    b.tail = Node('tail', more=[Node()])
    return a


def resurrecting():
    a = Resurrected('phoenix')
    a.other = Node('carried', back=a)
    return a


def weakref_inside():
    a = WeakNode()
    a.other = a
    a.ref = weakref.ref(a, SEEN.append)
    return a


def weakref_outside():
    a = WeakNode()
    a.other = a
    ALIVE.append(weakref.ref(a))
    return a


def callback_outside():
    a = WeakNode()
    a.other = a
    ALIVE.append(weakref.ref(a, lambda ref: None))
    ALIVE.append(weakref.proxy(a, lambda ref: None))
    return a


def in_weak_containers():
    a, values, keys, members = (WeakNode(), weakref.WeakValueDictionary(),
                                weakref.WeakKeyDictionary(), weakref.WeakSet())
    a.other = a
    values['a'], keys[a] = a, 1
    members.add(a)
    ALIVE.extend([values, keys, members])
    return a


def half_alive():
    """A ring that something living still holds: never garbage."""
    a = Node('held')
    a.other = Node('other', back=a)
    ALIVE.append(a.other)
    return a


def points_out():
    a = Node('points out', living=ALIVE, cls=Node, module=sys)
    a.me = a
    return a


def held_by_untracked():
    """A tuple of atoms is untracked; what only an untracked container held would look alive."""
    a = Node('untracked')
    a.me, a.keys = a, (1, 'x', (2.5, None))
    a.table = {1: 'x', 'y': 2.5}
    return a


def many_small():
    first = None
    for n in range(400):
        node = Node(n)
        node.me, node.previous = node, first
        first = node
    return first


since((3, 6), '''
def coroutine():
    class Wait:
        def __await__(self):
            yield self
    async def wait(box):
        held = Node('held by a coroutine', box=box)
        await Wait()
        return held
    box = []
    box.append(wait(box))
    box[0].send(None)
    return box

def async_generator():
    async def make(box):
        held = [box]
        yield held
    box = []
    box.append(make(box))
    try:
        box[0].asend(None).send(None)
    except StopIteration:
        pass
    return box
''', globals())
since((3, 7), '''
import contextvars
def context():
    var = contextvars.ContextVar('ring')
    box = [contextvars.copy_context()]
    box[0].run(var.set, box)
    return box
''', globals())
since((3, 9), '''
def alias():
    box = []
    box.append(list[int, (box.append,)])
    return box
''', globals())

SHAPES = [two, itself, inline, materialised, by_its_dict, many_attributes, atoms_behind, long_chain,
          double_links, tree, containers, tuple_ring, frozen_set, slots, closures, bound_methods,
          a_class, subclasses, exception, frame, generator, fresh_generator, finished_generator,
          iterators, descriptors, cached, with_del, all_with_del, resurrecting, weakref_inside,
          weakref_outside, callback_outside, in_weak_containers, half_alive, points_out,
          held_by_untracked, many_small]
SHAPES += [globals()[name] for name in ('coroutine', 'async_generator', 'context', 'alias')
           if name in globals()]


def leftovers():
    """gc.garbage is not empty, and what is in it lives."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    two(), closures(), with_del()
    gc.collect()
    gc.set_debug(0)


def run(snapshot):
    gc.disable()
    leftovers()
    held = [shape() for shape in SHAPES]
    gc.collect(0)
    gc.collect(1)
    held += [shape() for shape in SHAPES]
    gc.collect(0)
    held += [shape() for shape in SHAPES]
    kept = [shape() for shape in SHAPES]
    del held[:]
    snapshot()
    return kept
