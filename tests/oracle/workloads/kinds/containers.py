# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences, mappings, sets, text and numbers, in all their layouts."""
import array
import collections
import operator
import sys

from kinds import optional, since


class Key(object):
    """A key whose hash collides with others; it makes a dict leave its string-only layout."""
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return self is other


class Sequence(object):
    def __len__(self):
        return 3

    def __getitem__(self, at):
        if at > 2:
            raise IndexError(at)
        return at


LARGE = [dict.fromkeys(range(70000), 'x'), dict(('s%d' % n, n % 200) for n in range(70000)),
         [None] * 70000]
Pair = collections.namedtuple('Pair', 'left right')


def numbers():
    ints = [sign * (1 << bits) + step for sign in (1, -1)
            for bits in (0, 8, 10, 15, 29, 30, 31, 59, 60, 61, 63, 64, 89, 90, 200, 3000)
            for step in (-1, 0, 1)]
    floats = [float(n) for n in range(-3, 4)] + [1e308, float('inf'), float('nan'), 5e-324]
    return [ints, floats, [complex(n, -n) for n in range(5)], [True, False, None],
            [Ellipsis, NotImplemented], list(range(-10, 1100, 37))]


def texts():
    names = [u'', u'a', u'ascii only', u'\xe9', u'caf\xe9' * 9, u'\u0416', u'\u20ac uro',
             u'\U0001f600', u'mixed \xe9 \u0416 \U0001f600', u'x' * 5000, u'\u0416' * 700]
    made = [name + u'!' for name in names]
    for name in made[3:7]:
        name.encode('utf-8')
    fresh = [u'\xe9\u0416%d' % n for n in range(6)]
    interned = [getattr(sys, 'intern', str)(str('made %d' % n)) for n in range(5)]
    split = [str(name) for name in 'one two three'.split()]
    return [names, made, fresh, interned, split, [b'', b'x', b'bytes' * 50, bytes(bytearray(300))],
            [bytearray(), bytearray(b'1'), bytearray(b'x' * 1000)],
            [u'%s' % n for n in range(300)]]


def grown_bytearray():
    grown = bytearray()
    for n in range(400):
        grown.append(n % 250)
    del grown[:37]
    return grown


def lists():
    grown = []
    for n in range(100):
        grown.append([n])
    shrunk = list(range(1000))
    del shrunk[5:]
    itself = []
    itself.append(itself)
    return [[], [None], [[]] * 5, grown, shrunk, itself, list(range(10)), [[[[[]]]]],
            list('text'), LARGE]


def tuples():
    atoms = tuple([1, 'a', 2.5, None])
    return [(), (1,), (1, 'a', 2.5), atoms, (atoms, atoms), ([],), ((([],),),), Pair(1, [2]),
            Pair([], Pair(1, 2)), tuple([n] for n in range(40)), (Pair, object, len)]


def dicts():
    strings = dict(('key%d' % n, [n]) for n in range(70))
    deleted = dict(('key%d' % n, n) for n in range(40))
    for n in range(0, 40, 3):
        del deleted['key%d' % n]
    emptied = dict.fromkeys('abcdef')
    emptied.clear()
    popped = {'a': 1, 'b': []}
    popped.pop('b')
    collided = dict((Key(n), [n]) for n in range(20))
    general = {1: 'one', 'two': [2], (3, 4): None, 2.5: {}, None: 1, Key: Key}
    was_general = {'a': [1]}
    was_general[5] = 1
    del was_general[5]
    looked_up = {'a': [], 'b': 1}
    looked_up.get(3)
    itself = {}
    itself['itself'] = itself
    keyword = (lambda **kw: kw)(a=1, b=[])
    return [{}, {'a': 1}, {'a': 1, 'b': 2.0, 'c': 'atom'}, {'a': []}, {1: 1}, {1: []}, strings,
            deleted, emptied, popped, collided, general, was_general, looked_up, itself, keyword,
            dict.fromkeys(range(200)), {'': ''}, dict(strings), strings.copy(),
            dict((('tuple', n), [n]) for n in range(12)), dict(zip('abc', 'def'))]


def sets():
    big = set(range(5000))
    shrunk = set(range(300))
    for n in range(0, 300, 2):
        shrunk.discard(n)
    return [set(), set([1]), set('abc'), set([(1, 2), (3, (4,))]), set([Key(1), Key(2)]), big,
            shrunk, frozenset(), frozenset([1, 2]), frozenset([(1,)]), frozenset([Key(3)]),
            frozenset([frozenset([1]), frozenset()]), set([frozenset([2])]), set(range(5))]


def collections_():
    short, empty, long_ = collections.deque([1, []]), collections.deque(), collections.deque()
    for n in range(300):
        long_.append([n])
    for n in range(70):
        long_.popleft()
        long_.appendleft(n)
    rotated = collections.deque(range(200), maxlen=150)
    rotated.rotate(77)
    ordered = collections.OrderedDict((name, [name]) for name in 'abcdefgh')
    del ordered['c']
    ordered['z'] = ordered
    attributed = collections.OrderedDict([(1, 2)])
    attributed.extra = []
    default = collections.defaultdict(list, a=[1])
    default['b'].append(2)
    many = collections.OrderedDict((n, str(n)) for n in range(900))
    chain = optional('collections.ChainMap')
    return [short, empty, long_, rotated, ordered, attributed, default, many,
            collections.defaultdict(None), collections.defaultdict(Key, {1: 1}),
            collections.Counter('mississippi'), collections.OrderedDict(), chain]


def iterators():
    some, mapping, one_set = [[1], [2], [3]], {'a': [1], 'b': 2}, set([1, 2])
    started = iter([[1], [2]])
    next(started)
    spent = iter([1])
    list(spent)
    halfway = enumerate([[1], [2]])
    next(halfway)
    return [iter(some), iter((1, 2)), started, spent, reversed(some), reversed((1, 2)), halfway,
            iter(mapping), iter(mapping.values()), iter(mapping.items()), iter(one_set),
            mapping.keys(), mapping.values(), mapping.items(), iter(Key, None),
            iter(lambda: some, 5), iter(Sequence()), reversed(Sequence()), enumerate(some, 1 << 70),
            enumerate(some), zip(some, some), map(str, some), filter(None, some), iter('text'),
            iter(u'\u0416'), iter(b'bytes'), iter(bytearray(b'x')), iter(range(3)), range(3),
            slice(1, [2], None),
            slice(None), iter(collections.deque([1])), reversed(collections.deque([1])),
            iter(collections.OrderedDict(a=1)), collections.OrderedDict(a=1).items(),
            iter(array.array('i', [1])), iter(memoryview(b'abc'))
            if sys.version_info >= (3, 10) else None]


def buffers():
    holder = bytearray(b'hold')
    view = memoryview(holder)
    return [holder, view, view[1:3], memoryview(b'bytes'), memoryview(memoryview(b'twice')),
            array.array('i', range(100)), array.array('d'), array.array('b', b'xyz'),
            sys.version_info, sys.flags, sys.float_info, grown_bytearray(),
            operator.itemgetter(1)]


since((3, 8), '''
def newer():
    mapping = {'a': [1]}
    far = range(1 << 70, (1 << 70) + 5)
    return [far, iter(far), reversed(mapping), reversed(mapping.values()),
            reversed(mapping.items()),
            types.MappingProxyType(mapping), types.MappingProxyType(collections.ChainMap(mapping)),
            {**mapping, 5: 6}, [*mapping], dict(mapping) | {} if sys.version_info >= (3, 9) else 0]
import types
''', globals())
since((3, 15), '''
def frozen_dicts():
    return [frozendict(), frozendict(a=1), frozendict({'a': [1], 2: 3}), {frozendict(b=2): 1},
            frozendict((n, [n]) for n in range(100))]
''', globals())


def build(keep):
    for part in (numbers, texts, lists, tuples, dicts, sets, collections_, iterators, buffers):
        keep(part())
    for name in 'newer', 'frozen_dicts':
        if name in globals():
            keep(globals()[name]())
