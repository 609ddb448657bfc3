# SPDX-License-Identifier: GPL-3.0-or-later
# An object's bytes are what sys.getsizeof says, for one of each type whose __sizeof__ is its own, empty and full; sums count every
# byte once: what an object shares with another one (a BytesIO and its buffer) is in one of them only.
#
# $ export
# @ not [(row["type"], row["size"], facts["sizes"][row["addr"]]) for row in rows if facts["sizes"].get(row["addr"], [row["size"]])[0] != row["size"]]
# @ not set(facts["sizes"]) - {row["addr"] for row in rows}
# $ types
# @ one(type="_io.BytesIO")["bytes"] == facts["bare_bytesio"]
# @ facts["written"] <= sum(row["bytes"] for row in rows if row["type"] in ("bytes", "bytearray")) < 1.3 * facts["written"]
# $ sql "SELECT sum(own) AS own, sum(bytes) AS bytes, (SELECT sum(bytes) FROM types) AS types FROM objects"
# @ rows[0]["own"] == rows[0]["types"] < rows[0]["bytes"] - facts["written"] / 3
# $ types --quick
# @ one(type="_io.BytesIO")["bytes"] == facts["bare_bytesio"]
# $ retained __main__.BIG
# @ rows[0]["retained"] == rows[0]["bytes"] == facts["big_size"]
# $ info
# @ values("heap")["bytes"] < 1.8 * facts["written"]
# $ verify
# @ not rows
# @ summary["overlapping"] == 0 and summary["ranges"] > 10000
import array
import collections
import csv
import datetime
import decimal
import fractions
import io
import itertools
import json
import mmap
import pickle
import random
import struct
import sys
import time
import uuid
import xml.etree.ElementTree

KEEP = []


def keep(one):
    KEEP.append(one)
    return one


def bytesio(count, shared=False):
    one = keep(io.BytesIO())
    for _ in range(count):
        one.write(b"z" * 1000)
    if shared:
        keep(one.getvalue())
    return one


class Sub(io.BytesIO):
    pass


BIG = bytesio(15000)
bytesio(0), bytesio(7), bytesio(3000, True), bytesio(1)
keep(io.BytesIO(b"from" * 10000))
keep(Sub(b"sub")).write(b"x" * 100000)
used = keep(pickle.Pickler(bytesio(0)))
used.dump([str(n) for n in range(1000)])
keep(pickle.Pickler(io.BytesIO()))
reader = keep(pickle.Unpickler(io.BytesIO(pickle.dumps([str(n) for n in range(1000)], 4))))
keep(reader.load())
for n in 0, 1, 7, 1000, 1000000:
    keep(bytearray(n)), keep(bytearray(b"x" * n)), keep(list(range(n % 10007))), keep(array.array("d", range(n % 10007)))
trimmed = keep(bytearray(b"y" * 5000))
del trimmed[:100]
view = keep(memoryview(keep(bytearray(50000))))
for n in 0, 1, 5, 6, 100, 5000:
    keep(dict.fromkeys(range(n))), keep(dict.fromkeys(map(str, range(n)))), keep(set(range(n))), keep(frozenset(range(n)))
    keep(collections.OrderedDict.fromkeys(range(n))), keep(collections.deque(range(n))), keep(collections.defaultdict(list, dict.fromkeys(range(n))))
    keep(tuple(range(n))), keep("x" * n), keep(u"\u0436" * n), keep(u"\U0001f600" * n), keep(10 ** n), keep(b"b" * n)
    keep(-(10 ** n)), keep(collections.Counter(range(n)))
latin = keep(u"\xe9" * 1000)
mixed = keep("".join([u"\u0436", "abc"] * 500))
latin.encode("utf-8"), hash(mixed)
keep(struct.Struct("3i4h2d10s")), keep(struct.Struct(""))
keep(itertools.combinations(range(100), 5)), keep(itertools.combinations_with_replacement(range(9), 3))
keep(itertools.permutations(range(50), 4)), keep(itertools.product(range(9), "abc"))
keep(decimal.Decimal(1)), keep(decimal.Decimal("1." + "3" * 1000)), keep(fractions.Fraction(1, 3))
element = keep(xml.etree.ElementTree.Element("a", {"k": "v"}))
for n in range(20):
    element.append(xml.etree.ElementTree.Element("b"))
keep(xml.etree.ElementTree.Element("bare"))
keep(open(__file__, "rb")), keep(open(__file__)), keep(io.BytesIO(b"")), keep(io.StringIO(u"text" * 1000))
keep(io.BufferedReader(io.BytesIO(b"abc"))), keep(io.BufferedWriter(io.BytesIO())), keep(io.BufferedRandom(io.BytesIO()))
keep(random.Random()), keep(uuid.uuid4()), keep(datetime.datetime.now()), keep(csv.reader([])), keep(mmap.mmap(-1, 65536))


class Slots(object):
    __slots__ = ("a", "b")


class Plain(object):
    def __init__(self):
        self.a = self.b = 1


class IntSub(int):
    pass


def generator():
    a, b, c = 1, 2, 3
    yield a + b + c


def fail():
    raise ValueError


plain, dictful = keep(Plain()), keep(Plain())
keep(dictful.__dict__)
keep(Slots()), keep(IntSub(5)), keep(generator()), keep(generator().gi_frame), keep(Slots), keep(Plain), keep(int), keep(generator.__code__)
try:
    fail()
except ValueError as error:
    keep(error), keep(error.__traceback__), keep(error.__traceback__.tb_frame)
try:
    import ctypes
except ImportError:
    pass
else:
    class Point(ctypes.Structure):
        _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int), ("z", ctypes.c_char * 100)]

    keep(Point), keep(Point()), keep((Point * 100)()), keep(ctypes.c_int(5)), keep(ctypes.create_string_buffer(1000))
try:
    import queue
    keep(queue.SimpleQueue()).put(1)
except (ImportError, AttributeError):
    pass

# Nothing but the list refers to them while they are measured: a bare loop would hold one.
SIZES = dict((("0x%x" % id(KEEP[n])), (sys.getsizeof(KEEP[n]), type(KEEP[n]).__name__)) for n in range(len(KEEP)))
del latin, mixed, element, used, reader, trimmed, view, plain, dictful
print("fact sizes %s" % json.dumps(SIZES))
print("fact big_size %d" % sys.getsizeof(BIG))
print("fact written %d" % (18000 * 1000))
plain = io.BytesIO()
plain.close()
import gc
print("fact bare_bytesio %d" % (sys.getsizeof(plain) * sum(type(one) is io.BytesIO for one in gc.get_objects() if one is not plain)))
del plain
gc.collect()
print("ready", flush=True)
time.sleep(10000)
