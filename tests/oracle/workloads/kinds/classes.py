# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes, their instances in every form (dicts, inline and managed values, slots), subclasses."""
import abc
import collections
import datetime
import decimal
import fractions
import sys
import types
import weakref

from kinds import optional, since


def plain():
    class Plain(object):
        shared = []

        def method(self):
            return self

    class Empty(object):
        pass

    a, b, c = Plain(), Plain(), Plain()
    a.x, a.y = [1], 'atom'
    b.y, b.x = 1, 2
    c.x = c
    materialised, assigned, deleted, many, odd = (Plain() for _ in range(5))
    for one in materialised, assigned, deleted, many:
        one.x, one.y = [2], 3
    materialised.__dict__
    assigned.__dict__ = {'new': [], 5: 6}
    del deleted.x
    for n in range(60):
        setattr(many, 'attribute%d' % n, [n])
    odd.__dict__[5] = [5]
    held = Plain()
    held.x = [1]
    its_dict = held.__dict__
    del held
    crowd = []
    for n in range(40):
        one = Plain()
        one.x, one.n = [n], n
        setattr(one, 'own%d' % n, n)
        crowd.append(one)
    return [a, b, c, materialised, assigned, deleted, many, odd, its_dict, crowd, Empty(), Empty(),
            Plain, Empty, a.method, Plain.method, Plain.__dict__, Empty.__mro__]


def atoms_only():
    class Atoms(object):
        def __init__(self):
            self.number, self.text, self.nothing = 5, 'five', None
    looked = Atoms()
    looked.__dict__
    return [Atoms() for _ in range(5)] + [looked]


def slotted():
    class Slots(object):
        __slots__ = ('a', 'b', '__weakref__')

    class SlotsToo(Slots):
        __slots__ = ('c',)

    class SlotsAndDict(SlotsToo):
        pass

    class DictSlot(object):
        __slots__ = ('z', '__dict__')

    class Nothing(object):
        __slots__ = ()

    class Mangled(object):
        __slots__ = ('__private', 'plain')

    s, t, d, n, m, unset = Slots(), SlotsToo(), SlotsAndDict(), DictSlot(), Mangled(), SlotsToo()
    s.a, s.b = [1], 2
    t.a, t.c = t, [3]
    d.a, d.c, d.free, d.other = [4], [5], [6], 7
    n.z, n.q = [8], [9]
    m.plain = []
    unset.b = 1
    weak = weakref.ref(s)
    return [s, t, d, n, m, unset, Nothing(), weak, Slots, Slots.a, SlotsAndDict, Mangled,
            SlotsAndDict(), DictSlot()]


BUILTINS = [
    (int, 5), (type(1 << 80), 1 << 80), (float, 2.5), (complex, 1j), (str, 'text'),
    (bytes, b'bytes'),
    (bytearray, b'array'), (tuple, (1, [2])), (tuple, ()), (list, [1, [2]]), (set, [1, 2]),
    (frozenset, [1, (2,)]), (dict, {'a': [1]}), (dict, {1: 2}), (collections.deque, [1, [2]]),
    (collections.OrderedDict, [('a', [1])]), (Exception, 'message'), (OSError, 5),
    (datetime.date, None), (decimal.Decimal, '1.5'), (fractions.Fraction, 3),
]


def make(cls, value):
    return cls(2020, 1, 2) if value is None else cls(value)


def subclasses():
    made = []
    for base, value in BUILTINS:
        with_dict = type(str('With' + base.__name__), (base,), {})
        one = make(with_dict, value)
        one.attribute, one.more = [1], 2
        bare = make(with_dict, value)
        no_dict = type(str('No' + base.__name__), (base,), {'__slots__': ()})
        looked = make(with_dict, value)
        looked.attribute = looked
        looked.__dict__
        made += [one, bare, looked, with_dict, no_dict, make(no_dict, value)]
        if not getattr(no_dict, '__itemsize__', 0):
            slot = type(str('Slot' + base.__name__), (base,), {'__slots__': ('slot',)})
            filled = make(slot, value)
            filled.slot = [filled]
            made += [slot, filled, make(slot, value)]
            both = type(str('Both' + base.__name__), (slot,), {})
            filled = make(both, value)
            filled.slot, filled.free = [1], [2]
            made += [filled, make(both, value)]
    default = type(str('Default'), (collections.defaultdict,), {})(list, {'a': [1]})
    default.attribute = [1]
    module = type(str('Module'), (types.ModuleType,), {})(str('made'))
    module.inside = [1]
    text = type(str('Text'), (str,), {})(u'\u0416' if str is not bytes else 'x')
    prop = type(str('Prop'), (property,), {})(len)
    prop.attribute = []
    return made + [default, module, text, prop, types.ModuleType(str('empty'))]


def metaclasses():
    class Meta(type):
        registry = []

        def __init__(cls, name, bases, space):
            type.__init__(cls, name, bases, space)
            cls.registry.append(name)

    class MetaSlots(Meta):
        extra = []

    Made = Meta(str('Made'), (object,), {'value': [1]})
    Slotted = MetaSlots(str('Slotted'), (Made,), {'__slots__': ('a', 'b')})
    one = Slotted()
    one.a = [one]
    Abstract = abc.ABCMeta(str('Abstract'), (object,), {'f': abc.abstractmethod(lambda self: 1)})
    Abstract.register(int)
    isinstance([], Abstract)
    isinstance(5, Abstract)
    no_module = type(str('NoModule'), (object,), {})
    try:
        del no_module.__module__
    except (AttributeError, TypeError):
        pass
    odd = type(str('OddModule'), (object,), {'__module__': 5})

    class Sentinel(type):  # as h11 makes them: each class is its own instance
        def __new__(cls, name, bases, space):
            made = type.__new__(cls, name, bases, space)
            made.__class__ = made
            return made

    alone = Sentinel(str('CLIENT'), (Sentinel,), {})
    one_way, other_way = (type.__new__(Sentinel, str(n), (Sentinel,), {}) for n in ('A', 'B'))
    one_way.__class__, other_way.__class__ = other_way, one_way
    return [alone, {alone: alone}, one_way, other_way, Meta, MetaSlots, Made, Slotted, one, Made(), Abstract, no_module, no_module(), odd,
            odd()]


def inheritance():
    class A(object):
        def who(self):
            return super(A, self)

        @classmethod
        def klass(cls):
            return cls

        @staticmethod
        def static():
            return 1

        @property
        def value(self):
            """The value's own words."""
            return 1

        @value.setter
        def value(self, new):
            self.new = new

    class B(A):
        pass

    class C(A):
        pass

    class D(B, C):
        def __del__(self):
            pass

    one = D()
    one.value = [1]
    A.klass.__func__ if hasattr(A.klass, '__func__') else None
    getset = dict(type.__dict__)
    return [A, B, C, D, one, one.who(), D.klass, A.__dict__['static'], A.__dict__['klass'],
            A.__dict__['value'], one.who, super(B, one), super(B), D.__subclasses__(), D.mro(),
            property(), property([1], [2], [3], 'doc'), classmethod([1]), staticmethod([2]),
            classmethod(len), getset['__mro__'], getset['__dict__'], getset['mro'],
            dict.__dict__['fromkeys'], list.append, [].append, (5).__add__, int.__add__,
            str.__len__, len, type.__call__, dict.fromkeys, weakref.ref(D), one.__init__]


def weak():
    class Target(object):
        pass

    class Ref(weakref.ref):
        pass

    class RefSlots(weakref.ref):
        __slots__ = ('key',)

    target, dying = Target(), Target()
    dead, with_callback = weakref.ref(dying), weakref.ref(target, lambda ref: None)
    dead_callback = weakref.ref(dying, lambda ref: None)
    del dying
    sub, slots = Ref(target), RefSlots(target, repr)
    sub.attribute, slots.key = [1], [2]
    values, keys, members = (weakref.WeakValueDictionary(), weakref.WeakKeyDictionary(),
                             weakref.WeakSet())
    values['a'], keys[target] = target, [1]
    members.add(target)
    extra = [weakref.finalize(target, list, [1])] if hasattr(weakref, 'finalize') else []
    if hasattr(weakref, 'WeakMethod'):
        inheritance_target = type(str('Owner'), (object,), {'m': lambda self: 1})()
        extra += [inheritance_target, weakref.WeakMethod(inheritance_target.m)]
    return [target, dead, with_callback, dead_callback, sub, slots, values, keys, members,
            weakref.proxy(target), weakref.proxy(target, repr), weakref.ref(Target),
            weakref.ref(target), extra]


since((3, 7), '''
import dataclasses
import enum
import typing

class Colour(enum.Enum):
    RED = [1]
    BLUE = 'b'

class Flag(enum.IntFlag):
    A = 1
    B = 2

@dataclasses.dataclass
class Data:
    name: str
    items: list = dataclasses.field(default_factory=list)

@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str = 'frozen'

class Named(typing.NamedTuple):
    a: int
    b: list = []

T = typing.TypeVar('T')
class Generic(typing.Generic[T]):
    item: T

class Hook:
    def __init_subclass__(cls, **kw):
        cls.kw = kw
    def __class_getitem__(cls, item):
        return item
class Hooked(Hook, word=[1]):
    def __set_name__(self, owner, name):
        self.owner = owner
class Owner:
    hooked = Hooked()
    def closure(self):
        return __class__

class Protocol(typing.Protocol if hasattr(typing, 'Protocol') else object):
    def f(self) -> int: ...

def modern():
    return [Colour.RED, Flag.A | Flag.B, Data('x', [1]), Frozen(), Named(1, [2]), Generic[int](),
            Generic[T], typing.List[int], typing.Optional[str], typing.Callable[[int], str], T,
            typing.Union[int, str], Hooked(), Owner(), Owner.hooked, types.SimpleNamespace(a=[1]),
            Protocol, typing.Any, typing.Dict[str, 'Forward'], Data, Colour]
''', globals())
since((3, 9), '''
def aliases():
    return [list[int], dict[str, list[int]], tuple[T, ...], iter(list[int]) if
            sys.version_info >= (3, 11) else 0, list[T], type[int], collections.deque[int]]
''', globals())
since((3, 10), '''
@dataclasses.dataclass(slots=True)
class SlotData:
    a: int
    b: list
def unions():
    return [int | str, int | None, list[int] | str, list[T] | None, SlotData(1, [2]),
            typing.ParamSpec('P'), typing.ParamSpec('P').args, typing.ParamSpec('P').kwargs]
''', globals())
since((3, 11), '''
def variadic():
    Ts = typing.TypeVarTuple('Ts')
    return [Ts, typing.Unpack[Ts], [*Ts], tuple[*Ts], typing.Self, typing.Literal['a', 5]]
''', globals())
since((3, 12), '''
def parameters():
    def generic[A, B: int, C: (int, str), *D, **E](a: A, b: B) -> C: return a
    class Box[A]:
        item: A
    type Alias[A] = list[A]
    type Simple = int
    Alias.__value__
    box = Box[int]()
    box.item = [1]
    return [generic, generic.__type_params__, Box, Box[int], box, Alias, Alias[int], Simple,
            [p.__bound__ for p in generic.__type_params__[:3]],
            generic.__type_params__[2].__constraints__]
''', globals())


def build(keep):
    for part in (plain, atoms_only, slotted, subclasses, metaclasses, inheritance, weak):
        keep(part())
    for name in 'modern', 'aliases', 'unions', 'variadic', 'parameters':
        if name in globals():
            keep(globals()[name]())
    if sys.version_info < (3,):
        exec('class Old:\n  pass\nclass Older(Old):\n  def m(self): pass\n', globals())
        old = Older()
        old.attribute = [old]
        keep(Old, Older, old, old.m, Older.m, Old())
    keep(optional('collections.abc'))
