# SPDX-License-Identifier: GPL-3.0-or-later
"""Heaps, types and objects as Python sees them: what `import ouro` offers.

Knows nothing of gdb. Every answer is a command's rows (lib.py), except for the arrays, which are shared memory.
An Object keeps its heap alive. Only one thread at a time may use a heap.
"""

import ast
import bisect
import fnmatch
import json
import mmap
import os

from ouro import lib as library

NONE, GENERATIONS = 4, (0, 1, 2, "permanent", None)
COLLECTABLE, EVIDENCE_SHIFT, EVIDENCE = 8, 4, ("decoded", "traversed", "guessed", "disputed")
TO_OBJECT, TO_HELD, TO_BORROWED = 0x3fffffff, 0x40000000, 0x80000000


class Error(Exception):
    """ouro could not answer; its sentence."""


class UsageError(Error, ValueError):
    """A command line is invalid."""


class Cancelled(Error):
    """Ctrl-C ended the work."""


def _raise(failed):
    kind = {library.USAGE: UsageError, library.CANCELLED: Cancelled}.get(failed.status, Error)
    raise kind(str(failed)) from None


def _data():
    """The folder that holds layouts/ and this package."""
    return os.environ.get("OURO_DATA") or os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


_library = None


def _lib():
    global _library
    if _library is None:
        try:
            _library = library.load(_data())
        except OSError as error:
            raise Error("libouro.so could not be loaded: %s; OURO_LIBRARY says where it is" % error) from None
    return _library


def _quote(word):
    """Quotes a word of a command line for src/cmd/session/words.h."""
    return "'" + str(word).replace("'", "'\"'\"'") + "'"


def open(path, *, exe=None, sysroot=None, layout=None, gdb=True, python=0, warn=None):
    """The heap of a core dump or of a file that `save` wrote. gdb=False: no gdb is run to read debug information.
    python: which of several in the process, as `info` counts them. warn: called with each warning. Cost: opening; objects are read at the first question."""
    return Heap._open("core", os.fspath(path), exe, sysroot, layout, gdb, python, warn)


def attach(pid, *, hold=False, exe=None, sysroot=None, layout=None, gdb=True, python=0, warn=None):
    """The heap of a running process: it stands still while its private memory is copied, about 0.3 s per GiB. hold=True:
    it stays stopped until close(), and nothing is copied."""
    return Heap._open("pid", (int(pid), bool(hold)), exe, sysroot, layout, gdb, python, warn)


class Answer(list):
    """The rows of a command, as dicts; `summary` is its last line."""

    summary = {}


class Type:
    """A type that has instances. bytes: the sum of sys.getsizeof over them."""

    __slots__ = ("heap", "name", "count", "bytes", "garbage")

    def __init__(self, heap, row):
        self.heap, self.name, self.count, self.bytes = heap, row["type"], row["count"], row["bytes"]
        self.garbage = row["garbage"]

    def objects(self):
        """All instances, in the order of their addresses."""
        return self.heap.objects(type=self.name)

    def __repr__(self):
        return "<ouro.Type %s: %d object%s, %d byte%s>" % (
            self.name, self.count, "s" * (self.count != 1), self.bytes, "s" * (self.bytes != 1))


class Reference:
    """A reference from one object to another. edge: what Python calls it, `.attr`, `['key']`; evidence: who says so; slot:
    the address of the word that holds it, None where it is worked out."""

    __slots__ = ("edge", "object", "evidence", "slot")

    def __init__(self, heap, row):
        self.edge, self.evidence = row["edge"], row.get("evidence")
        self.slot = int(row["slot"], 16) if row.get("slot") else None
        self.object = heap._at(row["object"])

    def __repr__(self):
        return "<ouro.Reference %s %r>" % (self.edge, self.object)


class Step:
    """A step of a path from a root. name: the path so far, as Python source where Python can say it."""

    __slots__ = ("path", "edge", "name", "object")

    def __init__(self, heap, row):
        self.path, self.edge, self.name = row["path"], row["edge"], row.get("name")
        self.object = heap._at(row["object"])

    def __repr__(self):
        return "<ouro.Step %s %r>" % (self.edge, self.object)


class Arrays:
    """The whole heap as memoryviews, which numpy.asarray() takes without copying. Object i has the references
    to[first[i]:first[i + 1]]; a word of `to` is an object's number with TO_HELD and TO_BORROWED on top.

    address, size, retained (None unless asked for), first: 64 bits; type, to: 32; generation, flags: 8 (ouro.h)."""

    def __init__(self, raw):
        # Mapped a second time: the views remain valid after the heap is closed.
        self._map, self._base = mmap.mmap(raw.file, raw.base_size, mmap.MAP_SHARED, mmap.PROT_READ), raw.base
        n = self.object_count = raw.object_count
        self.reference_count = raw.reference_count
        self.address, self.size = self._view(raw.address, "Q", n), self._view(raw.size, "Q", n)
        self.retained = self._view(raw.retained, "Q", n) if raw.retained else None
        self.first, self.to = self._view(raw.first, "Q", n + 1), self._view(raw.to, "I", raw.reference_count)
        self.type, self.flags = self._view(raw.type, "I", n), self._view(raw.flags, "B", n)
        self.generation = self._view(raw.generation, "B", n)
        names = bytes(self._view(raw.type_names, "B", raw.type_names_size))
        self.type_names = [name.decode(errors="replace") for name in names.split(b"\0")[:-1]]

    def _view(self, at, code, count):
        start, size = at - self._base, {"Q": 8, "I": 4, "B": 1}[code]
        return memoryview(self._map)[start:start + size * count].cast(code)

    def number(self, address):
        """The number of the object that starts there, or None."""
        at = bisect.bisect_left(self.address, address)
        return at if at < self.object_count and self.address[at] == address else None


class Object:
    """An object of the target. Compares and hashes by its heap and address."""

    __slots__ = ("heap", "address", "_facts")

    def __init__(self, heap, address):
        self.heap, self.address, self._facts = heap, address, None

    def _fact(self, name):
        if self._facts is None:
            self._facts = {row["name"]: row["value"] for row in self.heap.command("object", hex(self.address))}
        return self._facts.get(name)

    def _number(self):
        number = self.heap.arrays().number(self.address)
        if number is None:
            raise Error("there is no object at %#x" % self.address)
        return number

    @property
    def type(self):
        """Its type's name: module.Qualname, without builtins."""
        arrays = self.heap.arrays()
        return arrays.type_names[arrays.type[self._number()]]

    @property
    def size(self):
        """Bytes, as sys.getsizeof says."""
        return self.heap.arrays().size[self._number()]

    @property
    def gen(self):
        """0, 1, 2, "permanent", or None when the collector does not track it."""
        return GENERATIONS[self.heap.arrays().generation[self._number()]]

    @property
    def collectable(self):
        """Whether gc.collect() would find it unreachable."""
        return bool(self.heap.arrays().flags[self._number()] & COLLECTABLE)

    @property
    def evidence(self):
        """Who told its references: decoded, traversed, guessed or disputed."""
        return EVIDENCE[self.heap.arrays().flags[self._number()] >> EVIDENCE_SHIFT & 3]

    @property
    def refcount(self):
        """As stored; None when immortal or unreadable."""
        return self._fact("refcount")

    @property
    def retained(self):
        """Bytes that would be freed with it; None where a part of the target is missing."""
        retained = self.heap.arrays(retained=True).retained
        return None if retained is None else retained[self._number()]

    @property
    def preview(self):
        """Its value on one line, cut where it is long."""
        return self._fact("preview")

    def referents(self):
        """[Reference]: what it refers to, by the names that Python gives them. Cost: one look at the object."""
        return [Reference(self.heap, row) for row in self.heap.command("referents", hex(self.address)) if row["object"]]

    def referrers(self):
        """[Reference]: who refers to it, where that is an object. Cost: one look at each of them."""
        return [Reference(self.heap, row) for row in self.heap.command("referrers", hex(self.address)) if row["object"]]

    def path(self):
        """[Step]: the shortest path from a root; [] where none was found."""
        return [Step(self.heap, row) for row in self.heap.command("path", hex(self.address), "-n", "1") if row["object"]]

    @property
    def attrs(self):
        """{name: Object}: its attributes: members, slots, instance dictionary."""
        found = {}
        for reference in self.referents():
            if reference.edge == ".__dict__" and reference.object.type == "dict":
                for key, value in reference.object.items():
                    if isinstance(key, str):
                        found.setdefault(key, value)
            elif reference.edge.startswith(".") and reference.edge[1:].isidentifier():
                found.setdefault(reference.edge[1:], reference.object)
        return found

    def items(self):
        """[(key, Object)]: of a dict by its keys, of a sequence by its indexes. A key that is no literal is its text."""
        found = []
        for reference in self.referents():
            edge = reference.edge
            if not (edge.startswith("[") and edge.endswith("]")):
                continue
            try:
                key = ast.literal_eval(edge[1:-1])
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                key = edge[1:-1]
            found.append((key, reference.object))
        return sorted(found, key=lambda item: item[0]) if all(type(key) is int for key, _ in found) else found

    def value(self):
        """The Python value of a number, a text, bytes, a truth value or None. Error: it is another object, or its
        value cannot be read."""
        text, kind = self.preview, self.type
        if kind not in ("str", "bytes", "int", "float", "bool", "NoneType", "complex"):
            raise Error("the %s has no value here" % kind)
        if kind in ("str", "bytes"):
            return self._whole(kind)
        if text is None or text.endswith("..."):
            raise Error("%#x: longer than its preview" % self.address)
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            if kind == "float":
                return float(text)
            raise Error("%#x: %s is no literal" % (self.address, text)) from None

    def _whole(self, kind):
        row = self.heap.query("SELECT typeof(value(%d)) AS kind, hex(value(%d)) AS hex" % (self.address, self.address))[0]
        if row["kind"] not in ("text", "blob"):
            raise Error("%#x: the %s cannot be read whole, or is no Unicode" % (self.address, kind))
        raw = bytes.fromhex(row["hex"])
        return raw.decode() if kind == "str" else raw

    def __eq__(self, other):
        if not isinstance(other, Object):
            return NotImplemented
        return self.heap is other.heap and self.address == other.address

    def __hash__(self):
        return hash((id(self.heap), self.address))

    def __repr__(self):
        return "<ouro.Object %s at %#x>" % (self.type, self.address)


class Heap:
    """One opened target. Use it in a with statement, or close() it."""

    _current = None     # a function of commands.py that opens the heap of gdb's process

    def __init__(self, handle, is_borrowed=False):
        self._handle, self._arrays, self._types, self._is_borrowed = handle, {}, None, is_borrowed

    @classmethod
    def _open(cls, kind, target, exe, sysroot, layout, gdb, python, warn):
        lib = _lib()
        options = {"exe": exe, "sysroot": sysroot, "layout": layout, "data": _data(), "programs": library.programs(lib),
                   "no_gdb": not gdb, "python": python}
        tell = (lambda _, text: warn(library.decode(text))) if warn else None
        handle = library.Heap(lib, options, tell)
        try:
            if kind == "core":
                handle.open_core(target)
            else:
                handle.open_pid(*target)
        except library.Failed as failed:
            _raise(failed)
        return cls(handle)

    @classmethod
    def current(cls):
        """The heap of the process that gdb looks at, the one that gdb's `ouro` commands use. Error outside of gdb.
        Ask again after the process ran: objects and arrays are those of one stop."""
        if cls._current is None:
            raise Error("this is not gdb, or ouro-gdb.py was not sourced there")
        return cls(cls._current(), is_borrowed=True)

    def close(self):
        """Ends the engine. Arrays stay good; objects can no longer be asked. In gdb, its own heap stays open."""
        self._arrays.clear()
        if not self._is_borrowed:
            self._handle.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, name, *words):
        """Answer: the rows of a command line, `heap.command("objects", "-t", "dict")`."""
        parts = []
        line = " ".join([name] + [_quote(word) for word in words])
        try:
            self._handle.run(line, lambda data: parts.append(data), json=True)
        except library.Failed as failed:
            _raise(failed)
        rows = [json.loads(row) for row in b"".join(parts).decode().splitlines()]
        answer = Answer(rows[:-1])
        answer.summary = rows[-1]["summary"] if rows else {}
        return answer

    def query(self, sql):
        """Answer: the rows of an SQL query over the tables objects, refs and types (`ouro help sql`)."""
        return self.command("sql", sql)

    def arrays(self, retained=False):
        """Arrays. Kept: asking again costs nothing; retained=True works out the dominators, once."""
        if not self._arrays or (retained and self._arrays["now"].retained is None):
            raw = library.Arrays()
            try:
                self._handle.arrays(retained, raw)
            except library.Failed as failed:
                _raise(failed)
            self._arrays["now"] = Arrays(raw)
        return self._arrays["now"]

    @property
    def types(self):
        """[Type], the most bytes first."""
        if self._types is None:
            self._types = [Type(self, row) for row in self.command("types")]
        return self._types

    def objects(self, type=None, gen=None, garbage=False, min_size=0):
        """Iterates over objects in the order of their addresses. type: a name, exact or its last part, or a pattern with
        * and ?; gen: 0, 1, 2, "permanent". Cost: a pass over the arrays."""
        arrays = self.arrays()
        wanted = None if type is None else self._wanted(arrays, type)
        level = None if gen is None else GENERATIONS.index(gen)
        for i, kind in enumerate(arrays.type):
            if (wanted is None or kind in wanted) and (level is None or arrays.generation[i] == level) and \
                    (not garbage or arrays.flags[i] & COLLECTABLE) and arrays.size[i] >= min_size:
                yield Object(self, arrays.address[i])

    @staticmethod
    def _wanted(arrays, name):
        names = arrays.type_names
        found = {i for i, known in enumerate(names) if known == name}
        found = found or {i for i, known in enumerate(names) if known.endswith("." + name)}
        found = found or {i for i, known in enumerate(names) if fnmatch.fnmatchcase(known, name)}
        if not found:
            raise UsageError("no type %s" % name)
        return found

    def __getitem__(self, name):
        """The object of that name ("app.CACHE['k']"), number ("#5") or address (an int)."""
        try:
            return Object(self, self._handle.object(hex(name) if isinstance(name, int) else name))
        except library.Failed as failed:
            raise KeyError(str(failed)) from None

    def _at(self, address):
        return Object(self, int(address, 16))

    def __len__(self):
        return self.arrays().object_count
