# SPDX-License-Identifier: GPL-3.0-or-later
# Finalizers that are followed, and those that are not: what gc.collect() returns in a fork of this very process is the number, or none is told.
#
# cases: nothing docstring none stores deletes chained clears_list clears_dict closes slots default shares deep young old many mixed resurrects missing branch prop setattr hidden handler callback outside twice traced argument
# cases: clears_deque clears_bytearray viewed_bytearray text lines bytes mapping tries bare_text bare_bytes shared_text closed held handlers python_close subclass shadowed shadowed_text viewed viewed_bare exported shared_bytes file socket late
# $ collect
# @ not (facts["threaded"] and summary["returns"] is not None)
# @ facts["threaded"] or (summary["returns"] == facts["returns"] if facts["known"] else summary["returns"] is None)
# @ facts["threaded"] or facts["known"] == (summary["uncertain"] == 0) or facts["case"] == "callback"
import collections
import gc
import io
import json
import mmap
import os
import socket
import sys
import time
import weakref

CASE = sys.argv[1]
KEPT = []


class Plain(object):
    pass


class Nothing(Plain):
    def __del__(self):
        pass


class Docstring(Plain):
    def __del__(self):
        """Nothing to do."""


class ReturnsNone(Plain):
    def __del__(self):
        return None


class Stores(Plain):
    def __del__(self):
        self.other = None
        self.more = 0


class Deletes(Plain):
    def __del__(self):
        del self.other
        del self.more


class Chained(Plain):
    def __del__(self):
        self.other = self.more = None


class ClearsList(Plain):
    def __del__(self):
        self.many.clear()


class ClearsDict(Plain):
    def __del__(self):
        self.table.clear()
        self.other = None


class Closes(Plain):
    def __del__(self):
        self.close()

    def close(self):
        self.release()
        self.other = None

    def release(self):
        self.many.clear()


class Slots(object):
    __slots__ = ("me", "other", "more")

    def __del__(self):
        self.other = None
        del self.more


class Default(Plain):
    other = None

    def __del__(self):
        self.other = None


class Resurrects(Plain):
    def __del__(self):
        KEPT.append(self)


class Branch(Plain):
    def __del__(self):
        if self.other:
            self.other = None


class Prop(Plain):
    @property
    def value(self):
        return None

    @value.setter
    def value(self, value):
        KEPT.append(self.other)

    def __del__(self):
        self.value = None


class Sets(Plain):
    def __del__(self):
        self.other = None

    def __setattr__(self, name, value):
        KEPT.append(self)


class ClearsFile(Plain):
    def __del__(self):
        self.file.clear()


class ClosesFile(Plain):
    def __del__(self):
        self.file.close()
        self.other = None


class TriesFile(Plain):
    def __del__(self):
        try:
            self.file.close()
        except Exception:
            pass


class ClosesLate(Plain):
    def __del__(self):
        self.file = None
        self.file.close()


class PythonClose(Plain):
    def close(self):
        KEPT.append(self)


class Stream(io.BytesIO):
    def close(self):
        KEPT.append(self)


class Argument(Plain):
    def __del__(self, more=None):
        self.other = None


def bare(n):
    """n lists that hold one another in a row: nothing else holds any but the first."""
    first = []
    for _ in range(n - 1):
        first = [first]
    return first


def ring(kind):
    one = kind()
    one.me = one
    one.other, one.more = bare(3), [bare(2)]
    if kind is not Slots:
        one.many, one.table = [bare(2), bare(4)], {"a": bare(5), "b": [1]}
    return one


KINDS = {"nothing": Nothing, "docstring": Docstring, "none": ReturnsNone, "stores": Stores, "deletes": Deletes, "chained": Chained,
         "clears_list": ClearsList, "clears_dict": ClearsDict, "closes": Closes, "slots": Slots, "default": Default, "resurrects": Resurrects,
         "branch": Branch, "prop": Prop, "setattr": Sets, "argument": Argument}
UNKNOWN = {"viewed_bytearray", "handlers", "python_close", "subclass", "shadowed", "shadowed_text", "viewed", "viewed_bare", "exported",
           "shared_bytes", "file", "socket", "late", "resurrects", "missing", "branch", "prop", "setattr", "hidden", "handler", "callback", "outside", "traced", "argument"}


class Handler(Plain):
    def __del__(self):
        KEPT.append(self.back)


class Weak(object):
    __slots__ = ("__weakref__",)


def lines():
    """A StringIO that has a decoder of its own, and has written."""
    text = io.StringIO("a\r\nb", newline=None)
    text.write("more")
    return text


def viewed(maker):
    """With a view of it, which the ring holds as well."""
    one = ring(ClosesFile)
    one.file = maker()
    one.view = one.file.getbuffer() if hasattr(one.file, "getbuffer") else memoryview(one.file)


def shadowed(maker):
    file = maker()
    file.close = KEPT.clear
    return file


# What `file` is, in a ring whose `__del__` clears or closes it.
FILES = {"clears_deque": lambda: collections.deque([bare(2), bare(3)]), "clears_bytearray": lambda: bytearray(10),
         "text": io.StringIO, "lines": lines, "bytes": lambda: io.BytesIO(b"abc" * 1000), "mapping": lambda: mmap.mmap(-1, 4096), "tries": lines,
         "handlers": lambda: collections.deque([ring(Resurrects)]), "python_close": PythonClose, "subclass": Stream,
         "shadowed": lambda: shadowed(io.BytesIO), "shadowed_text": lambda: shadowed(io.StringIO), "late": io.StringIO,
         "file": lambda: open(os.devnull), "socket": socket.socket}
CLASSES = {"clears_deque": ClearsFile, "clears_bytearray": ClearsFile, "handlers": ClearsFile, "tries": TriesFile, "late": ClosesLate}


def build():
    if CASE in KINDS:
        if CASE == "setattr":
            one = Plain()
            one.me, one.other = one, bare(3)
            one.__class__ = Sets
        else:
            ring(KINDS[CASE])
    elif CASE in FILES:
        ring(CLASSES.get(CASE, ClosesFile)).file = FILES[CASE]()
    elif CASE == "viewed_bytearray":
        one = ring(ClearsFile)
        one.file = bytearray(10)
        one.view = memoryview(one.file)
    elif CASE == "viewed":  # close() raises, and the next line does not run
        viewed(io.BytesIO)
    elif CASE == "exported":
        viewed(lambda: mmap.mmap(-1, 4096))
    elif CASE == "viewed_bare":  # the stream's own finalizer raises
        one = ring(Nothing)
        one.view = io.BytesIO(b"abc").getbuffer()
    elif CASE in ("shared_bytes", "shared_text"):  # two close it
        one, two = ring(ClosesFile), ring(ClosesFile)
        one.two, two.file = two, io.BytesIO() if CASE == "shared_bytes" else lines()
        one.file = two.file
    elif CASE == "bare_text":  # nobody closes it but itself
        ring(Plain).file = lines()
    elif CASE == "bare_bytes":
        ring(Plain).file = io.BytesIO(b"abc")
    elif CASE == "closed":
        one = ring(ClosesFile)
        one.file = lines()
        one.file.close()
    elif CASE == "held":  # something else holds the stream
        one = ring(ClosesFile)
        one.file = lines()
        KEPT.append(one.file)
    elif CASE == "shares":  # the list is held by another object of the ring as well: nothing falls
        one, two = ring(Stores), Plain()
        one.two, two.list = two, one.other
        one.more = two.more = one
    elif CASE == "deep":  # what falls has a finalizer of the same kind, and so on
        one = ring(Stores)
        for _ in range(5):
            two = ring(Stores)
            del two.me
            two.other, one = one, two
        one.me = one
    elif CASE == "young":
        for _ in range(10):
            ring(Nothing), ring(Stores), ring(ClearsDict)
    elif CASE == "old":
        one = ring(Stores)
        gc.collect()
        one.other = [one.other, bare(7)]
    elif CASE == "many":
        one = ring(Stores)
        one.other = [ring(Nothing) for _ in range(100)]
    elif CASE == "mixed":
        one, two = ring(Nothing), ring(Deletes)
        one.two, two.one = two, one
    elif CASE == "twice":  # the second line does not find what the first took away
        ring(Stores)
        ring(ClearsList)
    elif CASE == "missing":
        del ring(Deletes).more
    elif CASE == "hidden":  # an attribute in the method's place
        ring(Closes).close = KEPT.clear
    elif CASE == "handler":  # what falls runs code of its own
        one = ring(Stores)
        one.other = Handler()
        one.other.back = one.many
    elif CASE == "callback":  # of a weak reference to what falls and is none of the collector's
        one = ring(Stores)
        one.other = Weak()
        KEPT.append(weakref.ref(one.other, KEPT.append))
    elif CASE == "outside":  # one that is followed beside one that is not
        ring(Stores)
        ring(Resurrects)
    elif CASE == "traced":
        ring(Nothing)


def fact(name, value):
    print("fact %s %s" % (name, json.dumps(value)))


gc.collect()
gc.disable()
build()
if CASE == "traced":
    sys.setprofile(lambda *arguments: None)
reader, writer = os.pipe()
child = os.fork()
if not child:
    sys.stderr = open(os.devnull, "w")
    os.write(writer, str(gc.collect()).encode())
    os._exit(0)
os.waitpid(child, 0)
fact("returns", int(os.read(reader, 100)))
fact("known", CASE not in UNKNOWN and (CASE != "tries" or sys.version_info >= (3, 11)))
fact("case", CASE)
fact("threaded", not getattr(sys, "_is_gil_enabled", lambda: True)() or bool(__import__("sysconfig").get_config_var("Py_GIL_DISABLED")))
print("ready")
sys.stdout.flush()
time.sleep(1000)
