# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to damage a core. Each takes (random, image, heap), writes, and says what it did."""

import struct

EDGES = [0, 1, 2, 3, 7, -1, -2, -8, 1 << 15, 1 << 16, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 40,
         1 << 47, 1 << 56, 1 << 60, 1 << 61, 1 << 62, (1 << 63) - 1, 1 << 63, -(1 << 40)]
WILD = [0x4141414141414141, 0x7fffffffe000, 0x7ffffffffff8, 0xffffffffff600000, 8, 0xfffffffffffffff8]

# Which struct the object of a type begins with; what is not here is taken for a PyObject.
STRUCTS = {
    "list": "PyListObject", "dict": "PyDictObject", "tuple": "PyTupleObject", "set": "PySetObject",
    "frozenset": "PySetObject", "type": "PyTypeObject", "code": "PyCodeObject",
    "frame": "PyFrameObject", "function": "PyFunctionObject", "method": "PyMethodObject",
    "builtin_function_or_method": "PyCFunctionObject", "module": "PyModuleObject",
    "generator": "PyGenObject", "coroutine": "PyGenObject", "cell": "PyCellObject",
    "weakref.ReferenceType": "PyWeakReference", "weakref": "PyWeakReference",
    "int": "PyLongObject", "str": "PyUnicodeObject", "bytes": "PyBytesObject",
    "bytearray": "PyByteArrayObject", "traceback": "PyTracebackObject",
    "collections.deque": "dequeobject", "collections.OrderedDict": "PyODictObject",
    "functools.partial": "partialobject", "functools._lru_cache_wrapper": "lru_cache_object",
    "property": "propertyobject", "slice": "PySliceObject", "range": "rangeobject",
    "getset_descriptor": "PyGetSetDescrObject", "member_descriptor": "PyMemberDescrObject",
    "method_descriptor": "PyMethodDescrObject", "wrapper_descriptor": "PyWrapperDescrObject",
    "memoryview": "PyMemoryViewObject", "array.array": "arrayobject",
    "_asyncio.Task": "TaskObj", "_asyncio.Future": "FutureObj", "capsule": "PyCapsule",
    "_thread._local": "localobject", "re.Pattern": "PatternObject", "super": "superobject",
    "contextvars.Context": "PyContext", "_contextvars.Context": "PyContext", "hamt": "PyHamtObject",
    "_queue.SimpleQueue": "simplequeueobject", "_io.TextIOWrapper": "textio",
    "_io.BufferedReader": "buffered", "_io.BytesIO": "bytesio", "_io.StringIO": "stringio",
    "itertools.chain": "chainobject", "itertools.tee": "teeobject", "mappingproxy": "mappingproxyobject",
}
# What a member points to, where it is a struct of its own.
INNER = {"PyDictObject.ma_keys": "_dictkeysobject", "PyWeakReference.wr_next": "PyWeakReference",
         "PyModuleObject.md_def": "PyModuleDef", "PyTypeObject.tp_members": "PyMemberDef",
         "PyTypeObject.tp_getset": "PyGetSetDef", "PyTypeObject.tp_methods": "PyMethodDef",
         "dequeobject.leftblock": "BLOCK", "PyODictObject.od_first": "_odictnode",
         "PyGenObject.gi_frame": "PyFrameObject", "PyFrameObject.f_frame": "_PyInterpreterFrame"}


def value(random, heap, old):
    """A number to put in the place of another."""
    kind = random.randrange(6)
    if kind == 0:
        return random.choice(EDGES)
    if kind == 1:
        return random.choice(heap.all) + random.choice([0, 0, 0, 8, -16, 1])
    if kind == 2:
        return random.choice(WILD)
    if kind == 3:
        return old + random.choice([-8, -1, 1, 8, 16, 4096])
    if kind == 4:
        return old ^ 1 << random.randrange(64)
    load = random.choice(heap.image.loads)
    return random.choice([load.start, load.end - 8, load.end - 1, load.end])


def some_object(random, heap):
    if heap.collectable and random.random() < 0.2:
        return random.choice(heap.collectable)
    return random.choice(heap.by_type[random.choice(list(heap.by_type))])


def poke_member(random, image, heap, owner, at):
    members = heap.layout.get(owner)
    if not members:
        return "nothing known of %s" % owner
    member = random.choice(list(members))
    offset, size = members[member]
    if random.random() < 0.4 and "%s.%s" % (owner, member) in INNER:
        target = image.word(at + offset)
        return poke_member(random, image, heap, INNER["%s.%s" % (owner, member)], target)
    size = min(size, 8)
    new = value(random, heap, image.word(at + offset))
    image.poke_number(at + offset, new, size)
    return "%s.%s of 0x%x = 0x%x" % (owner, member, at, new & (1 << 8 * size) - 1)


# --- the heap

def bytes_of_heap(random, image, heap):
    load = random.choice([load for load in image.loads if load.flags & 2] or image.loads)
    count = random.choice([1, 10, 1000, 20000])
    for _ in range(count):
        image.poke(random.randrange(load.start, load.end), bytes([random.randrange(256)]))
    return "%d bytes in 0x%x-0x%x" % (count, load.start, load.end)


def word_of_object(random, image, heap):
    said = []
    for _ in range(random.choice([1, 1, 20, 1000])):
        at = some_object(random, heap) + 8 * random.randrange(-2, 12)
        new = value(random, heap, image.word(at))
        image.poke_number(at, new)
        said.append("0x%x = 0x%x" % (at, new & (1 << 64) - 1))
    return "words " + ", ".join(said[:4])


def type_of_object(random, image, heap):
    said = []
    types = heap.by_type["type"]
    for _ in range(random.choice([1, 5, 200])):
        at = some_object(random, heap)
        new = random.choice(types) if random.random() < 0.7 else value(random, heap, image.word(at + 8))
        image.poke_number(at + 8, new)
        said.append("0x%x is a 0x%x" % (at, new & (1 << 64) - 1))
    return "types " + ", ".join(said[:4])


def size_of_object(random, image, heap):
    names = [name for name in ("list", "tuple", "int", "bytes", "bytearray", "str", "type", "code",
                               "frame", "collections.deque") if heap.by_type.get(name)]
    said = []
    for _ in range(random.choice([1, 5, 200])):
        at = random.choice(heap.by_type[random.choice(names)])
        new = random.choice(EDGES)
        image.poke_number(at + 16, new)
        said.append("0x%x has %d" % (at, new))
    return "sizes " + ", ".join(said[:4])


def member_of_object(random, image, heap):
    said = []
    for _ in range(random.choice([1, 1, 10, 100])):
        name = random.choice([name for name in STRUCTS if heap.by_type.get(name)])
        at = random.choice(heap.by_type[name])
        said.append(poke_member(random, image, heap, STRUCTS[name], at))
    return "; ".join(said[:4])


def member_of_type(random, image, heap):
    said = []
    for _ in range(random.choice([1, 1, 5, 30])):
        at = random.choice(heap.by_type["type"])
        owner = random.choice(["PyTypeObject", "PyTypeObject", "PyHeapTypeObject"])
        said.append(poke_member(random, image, heap, owner, at))
    return "; ".join(said[:4])


def lists_of_collector(random, image, heap):
    said = []
    head = 16 if heap.version >= "3.8" or heap.version.startswith("3.1") else 32
    for _ in range(random.choice([1, 1, 3, 50])):
        at = random.choice(heap.by_type[random.choice(["list", "dict", "tuple", "function"])]) - head
        place = at + random.choice([0, 8])
        new = random.choice([at, random.choice(heap.by_type["list"]) - head,
                             random.choice(heap.by_type["dict"]) - head,
                             value(random, heap, image.word(place))])
        image.poke_number(place, new)
        said.append("0x%x -> 0x%x" % (place, new & (1 << 64) - 1))
    return "gc lists " + ", ".join(said[:4])


def member_of_runtime(random, image, heap):
    said = []
    for _ in range(random.choice([1, 1, 3])):
        if not any(heap.anchors.values()):
            return "no runtime known"
        owner = random.choice([name for name, places in heap.anchors.items() if places])
        at = random.choice(heap.anchors[owner])
        said.append(poke_member(random, image, heap, owner, at))
    return "; ".join(said)


def circular(random, image, heap):
    """The lists of interpreters, threads and frames run into themselves."""
    links = [("PyInterpreterState", "next"), ("PyThreadState", "next"), ("_PyCFrame", "previous"),
             ("_PyInterpreterFrame", "previous"), ("PyFrameObject", "f_back")]
    links = [(owner, member) for owner, member in links
             if heap.anchors.get(owner) and member in heap.layout.get(owner, {})]
    if not links:
        return "no runtime known"
    owner, member = random.choice(links)
    at = random.choice(heap.anchors[owner])
    to = random.choice(heap.anchors[owner])
    image.poke_number(at + heap.layout[owner][member][0], to)
    return "%s.%s of 0x%x = 0x%x" % (owner, member, at, to)


def length_of_text(random, image, heap):
    """Texts, names among them, that claim another length, kind or content."""
    said = []
    for _ in range(random.choice([1, 20, 500])):
        at = random.choice(heap.by_type["str"])
        which = random.randrange(3)
        if which == 0:
            image.poke_number(at + 16, random.choice(EDGES))
        elif which == 1:
            image.poke_number(at + 32, random.getrandbits(32), 4)
        else:
            nasty = random.choice([b"\x1b[2J\x07", b"\n\r\t\0", b"\xff\xfe\x80", b"\x9b31m",
                                   "\u202e\u2066".encode("utf-16-le"), b"\x00\xd8\x00\xdc",
                                   "\u202e".encode()])
            image.poke(at + random.choice([40, 48, 56]), nasty)
        said.append("0x%x" % at)
    return "texts " + ", ".join(said[:4])


def name_of_type(random, image, heap):
    at = random.choice(heap.by_type["type"])
    name = image.word(at + 24)
    nasty = random.choice([b"a\nb", b"\x1b]0;x\x07", "\u202egnp.exe".encode(), b"\xff\xff", b"\xed\xa0\x80",
                           b"\xc2\x9b1m", b"x" * 100000, b"", b"\xf4\x90\x80\x80", b"%s%n", b'"\\'])
    image.poke(name, nasty + b"\0")
    return "tp_name of 0x%x = %r" % (at, nasty[:20])


def allocator(random, image, heap):
    """The headers of pymalloc's pools, which lie at the start of pages."""
    said = []
    for _ in range(random.choice([1, 10, 300])):
        page = random.choice(heap.all) & ~(0x3fff if random.random() < 0.5 else 0xfff)
        at = page + 8 * random.randrange(6)
        new = value(random, heap, image.word(at))
        image.poke_number(at, new)
        said.append("0x%x = 0x%x" % (at, new & (1 << 64) - 1))
    return "pools " + ", ".join(said[:4])


# --- the file

def truncated(random, image, heap):
    size = random.choice([random.randrange(image.size), random.randrange(5000),
                          random.choice(image.loads).offset + random.randrange(-1, 2),
                          image.size - random.randrange(1, 100)])
    image.truncate(max(0, min(size, image.size)))
    return "cut off at %d" % size


def elf_header(random, image, heap):
    said = []
    for _ in range(random.choice([1, 3])):
        at, size = random.choice([(4, 1), (5, 1), (16, 2), (18, 2), (32, 8), (40, 8), (52, 2), (54, 2),
                                  (56, 2), (58, 2), (60, 2), (62, 2)])
        new = random.choice(EDGES + [image.size - 1, image.size, 0xffff, 0xfffe])
        image.write(at, (new & (1 << 8 * size) - 1).to_bytes(size, "little"))
        said.append("%d = 0x%x" % (at, new & (1 << 8 * size) - 1))
    return "ELF header " + ", ".join(said)


def program_header(random, image, heap):
    said = []
    for _ in range(random.choice([1, 3, 30])):
        at = image.headers_at + 56 * random.randrange(image.header_count)
        offset = random.choice([0, 4, 8, 16, 32, 32, 40, 48])
        size = 4 if offset < 8 else 8
        old = int.from_bytes(image.bytes[at + offset:at + offset + size], "little")
        new = random.choice([random.choice(EDGES), old + random.choice([-1, 1, 4096, -4096]),
                             random.choice(image.loads).start, -4096])
        image.write(at + offset, (new & (1 << 8 * size) - 1).to_bytes(size, "little"))
        said.append("%d = 0x%x" % (at + offset, new & (1 << 8 * size) - 1))
    return "program headers " + ", ".join(said[:4])


def notes(random, image, heap):
    said = []
    for _ in range(random.choice([1, 3])):
        at, kind, contents, size = random.choice(image.notes)
        place = random.choice([at, at + 4, at + 8, contents + random.randrange(max(size, 1)),
                               contents, contents + 8])
        new = struct.pack("<I", random.choice([0, 1, 0xffffffff, 0x7fffffff, 0xfffffffd, 4096,
                                               random.getrandbits(32)]))
        image.write(place, new)
        said.append("type %x: %d = %s" % (kind, place, new.hex()))
    return "notes " + ", ".join(said)


def file_names(random, image, heap):
    """NT_FILE names other files, or other places of the right ones."""
    for _, kind, at, size in image.notes:
        if kind == 0x46494c45:
            count = image.unpack("<Q", at)
            row = at + 16 + 24 * random.randrange(count) + 8 * random.randrange(3)
            new = value(random, heap, image.unpack("<Q", row))
            image.write(row, struct.pack("<Q", new & (1 << 64) - 1))
            text = at + 16 + 24 * count
            if random.random() < 0.3:
                image.write(random.randrange(text, at + size), b"\n\x1b[")
            return "mapped files: %d = 0x%x" % (row, new & (1 << 64) - 1)
    return "no mapped files"


DAMAGES = [bytes_of_heap, word_of_object, type_of_object, size_of_object, member_of_object,
           member_of_object, member_of_type, member_of_type, lists_of_collector, member_of_runtime,
           member_of_runtime, circular, length_of_text, name_of_type, allocator, truncated,
           elf_header, program_header, notes, file_names]


# --- files given on the command line

def layout_lines(random, lines):
    lines = list(lines)
    for _ in range(random.choice([1, 1, 3, 30])):
        i = random.randrange(len(lines))
        words = lines[i].split()
        kind = random.randrange(5)
        if kind == 0:
            lines[i] = ""
        elif kind == 1:
            lines[i] += random.choice([" 1", " x", "\0", " " * 5000, "\xff", "9" * 40])
        elif len(words) > 1:
            k = random.randrange(1, len(words))
            words[k] = str(random.choice(EDGES + [0, 8, 16, 24, 32, 4096, -16]))
            lines[i] = " ".join(words)
    return lines


def elf_file(random, contents):
    """A module's file whose tables say something else; the build-id stays, so it is believed."""
    contents = bytearray(contents)
    sections_at = struct.unpack_from("<Q", contents, 40)[0]
    count = struct.unpack_from("<H", contents, 60)[0]
    said = []
    for _ in range(random.choice([1, 3, 20])):
        kind = random.randrange(4)
        if kind == 0 and count:
            at = sections_at + 64 * random.randrange(count) + random.choice([0, 4, 8, 16, 24, 32, 40, 56])
        elif kind == 1 and count:
            header = sections_at + 64 * random.randrange(count)
            offset, size = struct.unpack_from("<QQ", contents, header + 24)
            if not size or offset + size > len(contents):
                continue
            at = offset + random.randrange(size)
        elif kind == 2:
            at = random.choice([32, 40, 48, 52, 56, 60, 62])
        else:
            at = struct.unpack_from("<Q", contents, 32)[0] + 56 * random.randrange(10) + 8 * random.randrange(7)
        new = struct.pack("<Q", random.choice(EDGES + [len(contents)]) & (1 << 64) - 1)
        new = new[:random.choice([1, 2, 4, 8])]
        if at + len(new) <= len(contents):
            contents[at:at + len(new)] = new
            said.append("%d = %s" % (at, new.hex()))
    return bytes(contents), "file: " + ", ".join(said[:5])
