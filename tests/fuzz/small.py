# SPDX-License-Identifier: GPL-3.0-or-later
"""A core of some thousand objects, for fuzzing: opened and answered in a few milliseconds.

make(ouro, python, folder) runs a program that has an object of about every kind, takes its core, and leaves in
`folder`/core what belongs to these: their pages, the interpreter's own data, relinked lists of the collector. The
objects of the interpreter's start are taken out, and what referred to one refers to None. It is a sound core: ouro
must open it, without faults in its objects.
"""

import array
import json
import os
import struct
import subprocess

import dump
import image

TABLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "gdb", "layouts")
PAGE = 4096
GC_HEAD = 16
TYPE_SLOTS = "tp_dict", "tp_subclasses", "tp_cache", "tp_weaklist"
BASES = {".__mro__", ".__bases__", ".__base__"}
SHALLOW = {".__globals__", ".__builtins__"}    # namespaces that the program does not own
MOST = 3000

PROGRAM = '''
import sys, time, collections, functools, operator, itertools, weakref, contextvars, array, _asyncio, _io, _queue, _thread
class Node: pass
class Slots:
    __slots__ = "a", "b", "__weakref__"
class Named(str): pass
class Mine(dict): pass
class Sad(Exception): pass
KEEP = []
def outer(n):
    def inner():
        return n, KEEP
    return inner
def counting(n):
    for i in range(n):
        yield i, KEEP
async def waiting():
    return 1
class Awaited:
    def __await__(self):
        yield self
async def suspended():
    await Awaited()
def failed():
    try:
        raise Sad("failed", [1])
    except Sad as error:
        return error
def build():
    ring = Node()
    nodes = [Node() for i in range(8)]
    for i, node in enumerate(nodes):
        node.next, node.items, node.text = nodes[i - 1], [i, {i: str(i)}, (i, {i})], "text %d" % i
    slots = Slots()
    slots.a, slots.b = slots, nodes
    mine = Mine(a=nodes)
    mine.extra = [mine]
    begun = counting(5)
    next(begun)
    stopped = suspended()
    stopped.send(None)
    never = waiting()
    cached = functools.lru_cache(maxsize=4)(lambda n: [n])
    for i in range(6):
        cached(i)
    order = collections.OrderedDict((str(i), [i]) for i in range(8))
    variable = contextvars.ContextVar("variable", default=[1])
    variable.set([2])
    context = contextvars.copy_context()
    local = _thread._local()
    local.x = [local]
    queue = _queue.SimpleQueue()
    queue.put([queue])
    stream = _io.BytesIO(b"bytes" * 20)
    text = _io.TextIOWrapper(stream)
    split = [type("Split%d" % i, (Node,), {"f": outer(i)}) for i in range(3)]
    first, second = itertools.tee(iter(nodes))
    next(first)
    KEEP[:] = [nodes, slots, mine, begun, stopped, never, cached, order, variable, context, local, queue, stream, text,
            split, first, second, collections.deque(nodes, 70), collections.defaultdict(list, {1: nodes}),
            functools.partial(max, nodes, key=len), operator.itemgetter(1, "a"), operator.attrgetter("a.b"),
            operator.methodcaller("m", nodes), weakref.ref(nodes[0]), weakref.proxy(nodes[1]), array.array("d", [1, 2]),
            itertools.chain(nodes, nodes), itertools.cycle(nodes), itertools.product(nodes, nodes), zip(nodes, nodes),
            map(len, nodes), enumerate(nodes), reversed(nodes), iter(nodes), iter({1: 2}), iter({1}), iter("text"),
            {1, "a", (2,)}, frozenset(["x", nodes[0]]), (1, (2, [3])), {"a": 1, 2: nodes, None: "x", (1,): {}},
            1 << 200, -1, 1.5, 2j, True, "ascii", "latin \\xe9", "wide \\u0416", "\\U0001f600", b"bytes", bytearray(b"more"),
            memoryview(bytearray(b"view")), range(5), slice(1, nodes), property(len), classmethod(len), staticmethod(len),
            super(Mine, mine), outer(3), nodes[0].__init__, [].append, len, Node.__dict__, types, sys, failed(),
            Named("named"), operator, object(), type, int.__add__, dict.fromkeys, str.join, Slots.a, Mine.__dict__]
    ring = Node()
    ring.ring = [ring]
    del ring
    return KEEP
types = type(sys)
def main(kept):
    for name in "__loader__", "__spec__", "__cached__", "__builtins__":
        globals().pop(name, None)
    print("ready", flush=True)
    time.sleep(600)
import gc
gc.disable()
del gc
main(build())
'''


class Heap:
    """The whole core, what ouro finds in it, and which of that is to stay."""

    def __init__(self, ouro, core):
        self.ouro, self.core = ouro, core
        with open(core, "rb") as file:
            self.bytes = bytearray(file.read())
        self.read_headers()
        self.rows = {int(row["object"], 16): row for row in self.ask("objects -n 10000000") if "object" in row}
        self.none = self.named("None")
        facts = {row["name"]: row.get("value") for row in self.ask("info") if row.get("section") == "python"}
        self.executable = facts["executable"]
        self.table = os.path.join(TABLES, "cpython-%s-%s.layout" % (facts["version"], os.uname().machine))

    def read_headers(self):
        at, = struct.unpack_from("<Q", self.bytes, 32)
        count, = struct.unpack_from("<H", self.bytes, 56)
        self.headers = [struct.unpack_from("<IIQQQQQQ", self.bytes, at + 56 * i) for i in range(count)]
        self.loads = [(h[3], h[3] + h[5], h[2], h[1], h[6]) for h in self.headers if h[0] == 1]

    def ask(self, *lines):
        done = subprocess.run([self.ouro, "-q", "--json", "--no-gdb", "--traverse", "off", "-i", self.core],
                              input="\n".join(lines).encode() + b"\n", stdout=subprocess.PIPE, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def named(self, name):
        return next(int(row["value"], 16) for row in self.ask("object %s" % name) if row.get("name") == "address")

    def referents(self, objects):
        """[(object, edge, referent)]"""
        found, i = [], 0
        for row in self.ask(*("referents 0x%x -n 100000" % at for at in objects)):
            if "summary" in row:
                i += 1
            elif row["object"]:
                found.append((objects[i], row["edge"], int(row["object"], 16)))
        return found

    def place(self, address):
        for start, end, offset, _, _ in self.loads:
            if start <= address < end:
                return offset + address - start
        return None

    def word(self, address):
        at = self.place(address)
        return struct.unpack_from("<Q", self.bytes, at)[0] if at is not None else 0

    def put(self, address, value):
        at = self.place(address)
        if at is not None:
            struct.pack_into("<Q", self.bytes, at, value)

    # --- what stays

    def choose(self):
        """The objects of the program, with all behind them that is its own."""
        self.kept, following = set(), []
        self.keep([self.named("__main__")], following)
        while following and len(self.kept) < MOST:
            edges = self.referents(following)
            following = []
            self.keep([to for _, edge, to in edges if edge in SHALLOW or self.is_foreign(to)], [])
            self.keep([to for _, _, to in edges], following)
        modules = [self.named("sys"), self.named("builtins")]
        self.keep([self.none, self.named("sys.modules")] + modules + [to for _, _, to in self.referents(modules)], [])
        start, size = self.runtime
        own = [at for at in self.rows if start <= at < start + size]
        self.keep([at for at in map(self.word, range(start, start + size, 8)) if self.is_plain(at)] + own, [])
        self.keep_bases()
        self.dropped = self.rows.keys() - self.kept

    def is_foreign(self, at):
        """A class or module of the interpreter's, or a namespace of one."""
        row = self.rows.get(at)
        said = row and row["preview"] or ""
        return (said.startswith("class ") and not said.startswith("class __main__.")
                or row and row["type"] == "module" and "__main__" not in said)

    def is_plain(self, at):
        return at in self.rows and self.rows[at]["type"] in ("list", "dict", "tuple", "module")

    def keep_bases(self):
        asked = set()
        while True:
            classes = {at for at in self.kept if self.rows[at]["preview"].startswith("class ")} - asked
            if not classes:
                return
            asked |= classes
            self.keep([to for _, edge, to in self.referents(sorted(classes)) if edge in BASES], [])
            tuples = {to for at in classes for to in (self.word(at + self.slots["tp_mro"]), self.word(at + self.slots["tp_bases"]))}
            self.keep([to for _, _, to in self.referents(sorted(tuples & self.kept))], [])

    def keep(self, objects, following):
        """These, and the types of all."""
        for at in objects:
            first = at
            while at in self.rows and at not in self.kept:
                self.kept.add(at)
                following += [at] if at == first or not self.is_foreign(at) else []
                at = self.word(at + 8)

    # --- what goes

    def relink(self):
        """The collector's lists, with what stays on them."""
        known = {at - GC_HEAD: at for at in self.rows}
        heads, seen = set(), set()
        for at, row in self.rows.items():
            link = at - GC_HEAD
            if row["gen"] is None or link in seen:
                continue
            while link in known and link not in seen:
                seen.add(link)
                link = self.word(link) & ~3
            if link not in known:
                heads.add(link)
        for head in heads:
            ring, link = [head], self.word(head) & ~3
            while link != head:
                ring += [link] if known[link] in self.kept else []
                link = self.word(link) & ~3
            for i, link in enumerate(ring):
                self.put(link, ring[(i + 1) % len(ring)] | self.word(link) & 3)
                self.put(link + 8, ring[i - 1] | self.word(link + 8) & 3)

    def forget(self):
        """No word leads to what goes, and that is no object any more."""
        slots = [self.slots[name] for name in TYPE_SLOTS if name in self.slots]
        for at in self.kept:
            if self.rows[at]["type"] == "type":
                for offset in slots:
                    if self.word(at + offset) in self.dropped:
                        self.put(at + offset, 0)
        for at in self.dropped:
            self.put(at, 0)
            self.put(at + 8, 0)
        for start, end, offset, flags, _ in self.loads:
            if not flags & 2:
                continue
            words = array.array("Q", bytes(self.bytes[offset:offset + (end - start) // 8 * 8]))
            for i, word in enumerate(words):
                if word in self.dropped:
                    words[i] = self.none
            self.bytes[offset:offset + len(words) * 8] = words.tobytes()

    def pages(self):
        """Those of the process's own memory with what stays, and with the blocks it leads to."""
        own = [load for load in self.loads if load[3] & 2 and load[0] not in self.library_starts]
        kept, blocks = set(), set()
        inside = lambda at: any(start <= at < end for start, end, *_ in own)  # noqa: E731

        def look(at, size, depth):
            for page in range(at // PAGE, (at + size - 1) // PAGE + 1):
                kept.add(page)
            if not depth:
                return
            for word_at in range(at & ~7, at + size, 8):
                to = self.word(word_at)
                if inside(to) and to not in self.rows and to + GC_HEAD not in self.rows and (to, depth) not in blocks:
                    blocks.add((to, depth))
                    look(to, 192, depth - 1)
        for at in self.kept:
            look(at - GC_HEAD, GC_HEAD + max(16, self.rows[at]["bytes"] or 0), 2)
        start, size = self.runtime
        look(start, size, 1)
        return own, kept

    def is_program(self, load):
        return self.program[0] <= load[0] < self.program[1] or load[3] & 2 and load[0] == self.program[1]

    def files(self):
        """Of the file notes, the interpreter's alone; which libraries there were."""
        notes = next(h for h in self.headers if h[0] == 4)
        out, at, end = b"", notes[2], notes[2] + notes[5]
        while at < end:
            name, size, kind = struct.unpack_from("<III", self.bytes, at)
            following = at + 12 + (name + 3 & ~3) + (size + 3 & ~3)
            if kind != image.NT_FILE:
                out += self.bytes[at:following]
            else:
                out += self.program_alone(bytes(self.bytes[at:at + 12 + (name + 3 & ~3)]),
                                          bytes(self.bytes[at + 12 + (name + 3 & ~3):following]))
            at = following
        return out

    def program_alone(self, head, note):
        count, page = struct.unpack_from("<QQ", note, 0)
        rows = [struct.unpack_from("<QQQ", note, 16 + 24 * i) for i in range(count)]
        names = note[16 + 24 * count:].split(b"\\0".decode("unicode_escape").encode())[:count]
        program = self.executable.encode()
        mine = [row for row, name in zip(rows, names) if name == program]
        self.program = min(r[0] for r in mine), max(r[1] for r in mine)
        self.library_starts = {row[0] for row, name in zip(rows, names) if name != program}
        desc = struct.pack("<QQ", len(mine), page) + b"".join(struct.pack("<QQQ", *r) for r in mine) + (program + b"\0") * len(mine)
        head = struct.pack("<III", struct.unpack_from("<I", head)[0], len(desc), image.NT_FILE) + head[12:]
        return head + desc + bytes(-len(desc) % 4)


def write(heap, path):
    notes = heap.notes
    own, kept = heap.pages()
    rows = []
    for load in heap.loads:
        start, end, offset, flags, size = load
        if heap.is_program(load) and not flags & 2:
            rows.append((start, end - start, size, offset, flags))
        elif load in own:
            rows += runs(load, kept)
    at = 64 + 56 * (1 + len(rows))
    body, headers = notes, [struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(notes), 0, 4)]
    body += bytes(-(at + len(body)) % PAGE)
    for start, size, memory, offset, flags in rows:
        headers.append(struct.pack("<IIQQQQQQ", 1, flags, at + len(body), start, 0, size, memory, PAGE))
        body += heap.bytes[offset:offset + size]
    head = bytearray(heap.bytes[:64])
    struct.pack_into("<Q", head, 32, 64)
    struct.pack_into("<Q", head, 40, 0)
    struct.pack_into("<HHHHH", head, 54, 56, len(headers), 0, 0, 0)
    with open(path, "wb") as file:
        file.write(bytes(head) + b"".join(headers) + body)


def runs(load, kept):
    start, end, offset, flags, _ = load
    out, begin = [], None
    for page in range(start // PAGE, end // PAGE + 1):
        if page in kept and page * PAGE < end:
            begin = page if begin is None else begin
        elif begin is not None:
            size = (page - begin) * PAGE
            out.append((begin * PAGE, size, size, offset + begin * PAGE - start, flags))
            begin = None
    return out


def symbol(path, name, base):
    """Where a variable of the program is, and how large."""
    lines = subprocess.run(["nm", "-D", "-S", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    words = next(line.split() for line in lines.splitlines() if line.endswith(" " + name))
    with open(path, "rb") as file:
        is_moved = file.read(17)[16] == 3
    return int(words[0], 16) + (base if is_moved else 0), int(words[1], 16)


def make(ouro, python, folder):
    """The core's path, and the addresses of what is in it."""
    program, whole, core = (os.path.join(folder, name) for name in ("program.py", "whole", "core"))
    with open(program, "w") as file:
        file.write(PROGRAM)
    dump.make_core(whole, [python, "-I", "-S", "-B", program])
    heap = Heap(ouro, whole)
    heap.slots = {member: place[0] for member, place in image.read_layout(heap.table)["PyTypeObject"].items()}
    heap.notes = heap.files()
    heap.runtime = symbol(heap.executable, "_PyRuntime", heap.program[0])
    heap.choose()
    heap.relink()
    heap.forget()
    write(heap, core)
    os.unlink(whole)
    return core, sorted(heap.kept)
