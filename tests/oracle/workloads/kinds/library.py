# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the standard library's C modules, fresh, half used and used up."""
import csv
import datetime
import decimal
import functools
import io
import itertools
import operator
import os
import pickle
import re
import struct
import sys
import threading

from kinds import optional, since


def half(iterator):
    for _ in range(2):
        next(iterator, None)
    return iterator


def itertools_():
    some = [[1], [2], [3], [4]]
    count, tools = itertools.count, itertools
    left, right = tools.tee(iter(some * 40))
    for _ in range(100):
        next(left)
    groups = tools.groupby([1, 1, 2, 2], key=lambda n: n)
    key_and_group = next(groups)
    made = [count(), count(1.5, [].__len__() + 1), count(1 << 70), half(count(5)), left, right,
            groups, key_and_group, tools.repeat([1]), tools.repeat([1], 3)]
    fresh = [
        lambda: tools.chain(some, iter(some)), lambda: tools.chain.from_iterable([some]),
        lambda: tools.cycle(some), lambda: tools.islice(some, 1, 3), lambda: tools.product(some,
                                                                                           some),
        lambda: tools.starmap(max, [[1, 2], [3, 4], [5, 6]]), lambda: tools.takewhile(bool, some),
        lambda: tools.dropwhile(bool, some), lambda: tools.compress(some, [1, 0, 1]),
        lambda: tools.permutations(some, 2), lambda: tools.combinations(some, 2),
        lambda: tools.combinations_with_replacement(some, 2), lambda: tools.groupby(some)]
    for name, args in (('accumulate', (some,)), ('zip_longest', (some, [1])), ('filterfalse',
                                                                               (None, some)),
                       ('pairwise', (some,)), ('batched', (some, 2)), ('izip_longest', (some, [1])),
                       ('imap', (str, some)), ('izip', (some, some)), ('ifilter', (None, some))):
        tool = getattr(tools, name, None)
        if tool:
            fresh.append(lambda tool=tool, args=args: tool(*args))
    for make in fresh:
        used_up = make()
        for _ in range(300):
            next(used_up, None)
        made += [make(), half(make()), used_up]
    if hasattr(tools, 'accumulate') and sys.version_info >= (3, 8):
        made.append(half(tools.accumulate(some, initial=[0])))
    return made


def functools_():
    part = functools.partial(max, [1], key=len)
    part.attribute = [1]
    made = [part, functools.partial(int), functools.cmp_to_key(lambda a, b: 0),
            functools.cmp_to_key(len)([1]), operator.itemgetter(1), operator.itemgetter('a',
                                                                                        [2][0]),
            operator.attrgetter('a.b', 'c'), operator.attrgetter('x'), operator.methodcaller('m'),
            operator.methodcaller('m', [1], key=[2])]
    if hasattr(functools, 'lru_cache'):
        for maxsize in (None, 0, 4, 100):
            cached = functools.lru_cache(maxsize=maxsize)(lambda n, key=None: [n])
            for n in range(12):
                cached(n)
                cached(n, key='k%d' % n)
            made.append(cached)
        typed = functools.lru_cache(maxsize=3, typed=True)(lambda *args: args)
        typed(1), typed(1.0), typed((1, 2))

        class Cached(object):
            @functools.lru_cache(maxsize=8)
            def method(self, n):
                return [n]
        one = Cached()
        one.method(1), one.method(2)
        generic = functools.singledispatch(lambda n: n)
        generic.register(int, lambda n: -n)
        generic(5), generic([])
        made += [typed, one, Cached, generic]
    if hasattr(functools, 'cached_property'):
        class Lazy(object):
            @functools.cached_property
            def value(self):
                return [1]
        one = Lazy()
        one.value
        made += [one, Lazy]
    return made


def input_output():
    source = os.path.abspath(__file__)
    read_some = io.open(source, encoding='utf-8')
    read_some.readline()
    told = io.open(source, encoding='utf-8')
    told.readline()
    told.tell()
    bytes_io, string_io = io.BytesIO(b'bytes'), io.StringIO(u'text\n\u0416')
    bytes_io.attribute = [1]
    string_io.read(2)
    closed = io.BytesIO(b'closed')
    closed.close()
    reader, writer = os.pipe()
    pair = io.BufferedRWPair(io.FileIO(reader), io.FileIO(writer, 'w'))
    exported = io.BytesIO(b'exported')
    made = [read_some, told, bytes_io, string_io, closed, pair, io.BytesIO(), io.StringIO(),
            io.open(source, 'rb'), io.open(source, 'rb', buffering=0), io.FileIO(source),
            io.open(os.devnull, 'w'), io.open(os.devnull, 'r+b'), io.StringIO(newline=None),
            io.BufferedRandom(io.BytesIO(b'random')), io.TextIOWrapper(io.BytesIO(b'x'), 'latin-1'),
            io.TextIOWrapper(io.BytesIO(), 'utf-16', newline='\n'), sys.stdout,
            io.IncrementalNewlineDecoder(None, True), exported]
    if hasattr(exported, 'getbuffer'):
        made.append(exported.getbuffer())

    class Raw(io.RawIOBase):
        pass
    raw = Raw()
    raw.attribute = [1]
    return made + [raw, io.BufferedIOBase()]


def text_tools():
    pattern = re.compile(u'(?P<name>a)(b)?\u0416?')
    match = pattern.match(u'ab')
    groups = re.match('(x)(y)', 'xy')
    groups.groups()
    made = [pattern, match, re.finditer('a', 'banana'), re.compile(b'bytes'), groups,
            pattern.scanner(u'aaa'), struct.Struct('<iq'), struct.Struct('d')]
    reader = csv.reader(['a,b', 'c,"d'])
    next(reader)
    lines = io.StringIO() if str is not bytes else io.BytesIO()
    made += [reader, csv.writer(lines), csv.writer(lines, delimiter='|'), csv.DictReader(['a',
                                                                                          '1']),
             csv.get_dialect('excel'), csv.reader([], quotechar="'")]
    sink = io.BytesIO()
    pickler = pickle.Pickler(sink)
    if hasattr(pickler, 'persistent_id') or sys.version_info >= (3,):
        pickler.dump({'a': [1, (2, 3)]})
    unpickler = pickle.Unpickler(io.BytesIO(pickle.dumps([1, [2]])))
    unpickler.load()
    made += [pickler, unpickler, pickle]
    if hasattr(pickle, 'PickleBuffer'):
        made.append(pickle.PickleBuffer(bytearray(b'held by its buffer alone')))
    iterated = struct.Struct('i')
    if hasattr(iterated, 'iter_unpack'):
        made.append(half(iterated.iter_unpack(b'\0' * 16)))
    return made


def times():
    made = [datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2), datetime.timedelta(5, 6),
            datetime.time(1, 2), decimal.Decimal('1.5'), decimal.Decimal(10) ** 60,
            decimal.Decimal('1' * 500),
            decimal.getcontext(), decimal.Context(), decimal.localcontext()]
    if hasattr(datetime, 'timezone'):
        zone = datetime.timezone(datetime.timedelta(hours=1), 'CET')
        made += [zone, datetime.datetime(2020, 1, 2, tzinfo=zone), datetime.time(1, tzinfo=zone),
                 datetime.timezone.utc]
    zoneinfo = optional('zoneinfo')
    if zoneinfo:
        try:
            made.append(zoneinfo.ZoneInfo('Europe/Berlin'))
        except Exception:
            made.append(zoneinfo)
    return made


def synchronisation():
    local = threading.local()
    local.value, local.other = [1], 2

    class Local(threading.local):
        def __init__(self, given):
            self.given = given
    sub = Local([3])
    sub.own = sub
    held = threading.Lock()
    held.acquire()
    recursive = threading.RLock()
    recursive.acquire()
    recursive.acquire()
    queue = optional('queue') or optional('Queue')
    made = [local, sub, held, recursive, threading.Condition(), threading.Event(), queue.Queue(5),
            threading.Semaphore(2), threading.Thread(target=len), threading.Timer(100, len, [[1]])]
    if hasattr(queue, 'SimpleQueue'):
        simple = queue.SimpleQueue()
        for n in range(20):
            simple.put([n])
        for n in range(7):
            simple.get()
        made += [simple, queue.SimpleQueue(), queue.PriorityQueue()]
    return made


def foreign():
    ctypes = optional('ctypes')
    if not ctypes:
        return []

    class Point(ctypes.Structure):
        _fields_ = [('x', ctypes.c_int), ('name', ctypes.c_char_p), ('next', ctypes.c_void_p)]

    class Either(ctypes.Union):
        _fields_ = [('i', ctypes.c_int), ('p', ctypes.POINTER(Point))]
    point = Point(1, b'name')
    numbers = (ctypes.c_int * 5)(1, 2, 3)
    pointers = (ctypes.POINTER(Point) * 3)()
    pointers[1] = ctypes.pointer(point)
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n)
    objects = ctypes.py_object([1])
    return [point, Either(), numbers, pointers, callback, objects, ctypes.pointer(point), Point.x,
            ctypes.c_int(5), ctypes.byref(point), ctypes.create_string_buffer(b'buffer'), Point,
            ctypes.c_char_p(b'text'), ctypes.cast(numbers, ctypes.c_void_p), Point._fields_]


def miscellany():
    import random
    import socket
    import zlib
    made = [random.Random(5), zlib.compressobj(), zlib.decompressobj(), socket.socket(),
            sys.getfilesystemencoding(), os.environ, os.stat('/'), sys.modules[__name__]]
    hashlib, ssl, elements = optional('hashlib'), optional('ssl'), optional('xml.etree.ElementTree')
    made += [hashlib.md5(b'x') if hashlib else None, hashlib.sha256() if hashlib else None]
    if ssl:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    if hasattr(ssl, 'PROTOCOL_TLS_CLIENT') else ssl)
    if elements:
        tree = elements.fromstring('<a x="1"><b>text</b><c/>tail</a>')
        made += [tree, tree.iter(), elements.XMLParser(), elements.TreeBuilder(), tree.find('b')]
    for name in ('bz2', 'lzma', 'sqlite3', 'select', 'selectors', 'json', 'unicodedata', 'array',
                 'heapq'):
        made.append(optional(name))
    bz2, lzma, sqlite3 = made[-9:-6]
    if bz2:
        made += [bz2.BZ2Compressor(), bz2.BZ2Decompressor()]
    if lzma:
        made += [lzma.LZMACompressor(), lzma.LZMADecompressor()]
    if sqlite3:
        base = sqlite3.connect(':memory:')
        base.row_factory = sqlite3.Row
        cursor = base.execute('select 1 as one, ? as two', ('text',))
        base.create_function('f', 1, lambda n: n)
        made += [base, cursor, cursor.fetchone(), base.cursor()]
    select, selectors = optional('select'), optional('selectors')
    if hasattr(select, 'epoll'):
        made.append(select.epoll())
    if selectors:
        selector = selectors.DefaultSelector()
        selector.register(made[3], selectors.EVENT_READ, [1])
        made.append(selector)
    json = optional('json')
    if json:
        made += [json.JSONDecoder(), json.JSONEncoder(), json.loads('{"a": [1, {"b": null}]}')]
        made += [json.JSONDecoder().scan_once, json.encoder.c_make_encoder]
    return made


since((3, 7), '''
import contextvars

def contexts():
    bare, default = contextvars.ContextVar('bare'), contextvars.ContextVar('default', default=[1])
    token = bare.set([2])
    many = [contextvars.ContextVar('many%d' % n) for n in range(500)]
    def fill():
        for n, var in enumerate(many):
            var.set([n])
    full = contextvars.copy_context()
    full.run(fill)
    few = contextvars.Context()
    few.run(many[3].set, 'x')
    iterating = iter(full)
    next(iterating)
    items = iter(full.items())
    next(items)
    used = bare.set([3])
    bare.reset(used)
    inside = []
    def nested():
        inside.append(contextvars.copy_context())
        many[0].set(inside)
    contextvars.copy_context().run(nested)
    return [bare, default, token, many, full, few, contextvars.Context(), iterating, items, used,
            inside, contextvars.Token.MISSING, full.keys(), full.values()]
''', globals())


def build(keep):
    for part in (itertools_, functools_, input_output, text_tools, times, synchronisation, foreign,
                 miscellany):
        keep(part())
    if 'contexts' in globals():
        keep(contexts())
