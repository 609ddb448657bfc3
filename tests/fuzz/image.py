# SPDX-License-Identifier: GPL-3.0-or-later
"""A core as something to damage: where an address lies in the file, where the known objects are,
and patches that are taken back afterwards.
"""

import collections
import json
import mmap
import os
import shutil
import struct
import subprocess

PT_LOAD, PT_NOTE, NT_FILE = 1, 4, 0x46494c45
ELF_HEADER, PROGRAM_HEADER = 64, 56

Load = collections.namedtuple("Load", "start end offset flags header")


class Image:
    """`path` is a working copy of the core `original`; every write is undone by restore()."""

    def __init__(self, original, path):
        self.original, self.path = original, path
        shutil.copyfile(original, path)
        self.size = os.path.getsize(path)
        self.file = open(path, "r+b")
        self.bytes = mmap.mmap(self.file.fileno(), self.size)
        self.undo = []
        self.read_headers()

    def close(self):
        self.bytes.close()
        self.file.close()
        os.unlink(self.path)

    def read_headers(self):
        self.headers_at = self.unpack("<Q", 32)
        self.header_count = self.unpack("<H", 56)
        self.loads, self.notes = [], []
        for i in range(self.header_count):
            at = self.headers_at + i * PROGRAM_HEADER
            kind, flags, offset, start, _, size = struct.unpack_from("<IIQQQQ", self.bytes, at)
            if kind == PT_LOAD and size:
                self.loads.append(Load(start, start + size, offset, flags, at))
            elif kind == PT_NOTE:
                self.notes += self.read_notes(offset, offset + size)

    def read_notes(self, at, end):
        """(where the note is, its type, where its contents are, their size)"""
        while at + 12 <= end:
            name, size, kind = struct.unpack_from("<III", self.bytes, at)
            contents = at + 12 + (name + 3 & ~3)
            yield at, kind, contents, size
            at = contents + (size + 3 & ~3)

    def unpack(self, form, at):
        return struct.unpack_from(form, self.bytes, at)[0]

    def place(self, address):
        """Where in the file the byte at an address is, or None."""
        for load in self.loads:
            if load.start <= address < load.end:
                return address - load.start + load.offset
        return None

    def word(self, address):
        at = self.place(address)
        return self.unpack("<Q", at) if at is not None and at + 8 <= self.size else 0

    def files(self):
        """(start, path) of each mapped file."""
        for _, kind, at, _ in self.notes:
            if kind != NT_FILE:
                continue
            count = self.unpack("<Q", at)
            names = at + 16 + count * 24
            for i in range(count):
                end = self.bytes.find(b"\0", names)
                yield self.unpack("<Q", at + 16 + i * 24), self.bytes[names:end].decode()
                names = end + 1

    # --- damage

    def write(self, at, new):
        if at is None or at < 0 or at + len(new) > self.size:
            return False
        self.undo.append((at, self.bytes[at:at + len(new)]))
        self.bytes[at:at + len(new)] = new
        return True

    def poke(self, address, new):
        return self.write(self.place(address), new)

    def poke_number(self, address, value, size=8):
        return self.poke(address, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))

    def truncate(self, size):
        os.truncate(self.path, size)
        self.undo.append((size, None))

    def restore(self):
        while self.undo:
            at, old = self.undo.pop()
            if old is not None:
                self.bytes[at:at + len(old)] = old
                continue
            with open(self.original, "rb") as source, open(self.path, "r+b") as copy:
                source.seek(at)
                copy.seek(at)
                shutil.copyfileobj(source, copy)


def read_layout(path):
    """{struct: {member: (offset, size)}}"""
    structs = collections.defaultdict(dict)
    with open(path) as lines:
        for line in lines:
            words = line.split()
            if len(words) == 3 and "." in words[0] and words[1].isdigit():
                owner, member = words[0].split(".", 1)
                structs[owner][member] = int(words[1]), int(words[2])
    return structs


class Heap:
    """What the whole core holds, as ouro sees it; places for damage that means something."""

    def __init__(self, image, ouro, layouts):
        self.image = image
        self.by_type = collections.defaultdict(list)
        self.collectable = []
        for row in ask(ouro, image.original, "export"):
            if "addr" in row:
                self.by_type[row["type"]].append(int(row["addr"], 16))
                if row["collectable"]:
                    self.collectable.append(int(row["addr"], 16))
        self.all = [at for group in self.by_type.values() for at in group]
        facts = {row["name"]: row.get("value") for row in ask(ouro, image.original, "info")
                 if row.get("section") == "python"}
        self.version = facts["version"]
        ending = "t" if facts["free_threaded"] else "debug" if facts["debug"] else ""
        name = "cpython-%s-x86_64%s.layout" % (self.version, ending and "-" + ending)
        path = os.path.join(layouts, name)
        self.layout = read_layout(path) if os.path.exists(path) else {}
        self.anchors = self.find_anchors(facts.get("executable"))

    def find_anchors(self, program):
        """{struct: [address]} for the runtime, its interpreters, threads and their frames."""
        runtime = self.find_runtime(program)
        found = collections.defaultdict(list)
        if not runtime:
            return found
        found["_PyRuntimeState"] = [runtime]
        self.follow(found, "PyInterpreterState", runtime, "_PyRuntimeState.interpreters_head", "next")
        for interpreter in found["PyInterpreterState"]:
            self.follow(found, "PyThreadState", interpreter, "PyInterpreterState.threads_head", "next")
            gc = self.layout["PyInterpreterState"].get("gc")
            if gc:
                found["_gc_runtime_state"].append(interpreter + gc[0])
        for thread in found["PyThreadState"]:
            self.follow(found, "_PyCFrame", thread, "PyThreadState.cframe", "previous")
            self.follow(found, "_PyInterpreterFrame", thread, "PyThreadState.current_frame",
                        "previous")
            self.follow(found, "PyFrameObject", thread, "PyThreadState.frame", "f_back")
        for cframe in found["_PyCFrame"]:
            self.follow(found, "_PyInterpreterFrame", cframe, "_PyCFrame.current_frame", "previous")
        return found

    def follow(self, found, kind, owner, link, following):
        struct_name, member = link.split(".")
        place = self.layout.get(struct_name, {}).get(member)
        at = self.image.word(owner + place[0]) if place else 0
        step = self.layout.get(kind, {}).get(following)
        while at and at not in found[kind] and len(found[kind]) < 1000:
            found[kind].append(at)
            at = self.image.word(at + step[0]) if step else 0

    def find_runtime(self, program):
        if not program:
            return 0
        base = min((at for at, path in self.image.files() if path == program), default=0)
        for flags in ("-D", ""):
            lines = subprocess.run(["nm"] + flags.split() + [program], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, check=False).stdout
            for line in lines.splitlines():
                words = line.split()
                if len(words) == 3 and words[2] == "_PyRuntime":
                    value = int(words[0], 16)
                    with open(program, "rb") as file:
                        return value + (base if file.read(17)[16] == 3 else 0)
        return 0


def ask(ouro, core, *command):
    result = subprocess.run([ouro, "--json", core, *command], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in result.stdout.splitlines()]
