# SPDX-License-Identifier: GPL-3.0-or-later
"""libouro.so through ctypes: src/bridge/ouro.h, in the same order and with the same names.

Knows nothing of gdb. A call that fails raises Failed with ouro's own message.
"""

import ctypes
import json
import os

ANSWERED, FAILED, USAGE, CANCELLED, DEAD = range(5)
REFUSED = ctypes.c_size_t(-1).value      # returned by a read that was interrupted

READ = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_size_t)
WARN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
PROGRESS = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_uint64)
WRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class Map(ctypes.Structure):
    _fields_ = [("start", ctypes.c_uint64), ("end", ctypes.c_uint64), ("offset", ctypes.c_uint64),
                ("flags", ctypes.c_uint32), ("path", ctypes.c_char_p)]


class Thread(ctypes.Structure):
    _fields_ = [("tid", ctypes.c_int64), ("tls", ctypes.c_uint64), ("pc", ctypes.c_uint64), ("sp", ctypes.c_uint64)]


class Place(ctypes.Structure):
    _fields_ = [("pid", ctypes.c_int), ("maps", ctypes.POINTER(Map)), ("map_count", ctypes.c_size_t),
                ("threads", ctypes.POINTER(Thread)), ("thread_count", ctypes.c_size_t),
                ("auxv", ctypes.c_char_p), ("auxv_size", ctypes.c_size_t), ("command", ctypes.c_char_p),
                ("signal", ctypes.c_int)]


class Options(ctypes.Structure):
    _fields_ = [("exe", ctypes.c_char_p), ("sysroot", ctypes.c_char_p), ("layout", ctypes.c_char_p),
                ("data", ctypes.c_char_p), ("programs", ctypes.c_char_p), ("no_gdb", ctypes.c_int), ("python", ctypes.c_int),
                ("context", ctypes.c_void_p),
                ("read", READ), ("warn", WARN), ("progress", PROGRESS)]


class Output(ctypes.Structure):
    _fields_ = [("json", ctypes.c_int), ("color", ctypes.c_int), ("width", ctypes.c_uint32),
                ("context", ctypes.c_void_p), ("write", WRITE)]


class Arrays(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("object_count", "reference_count", "type_count")] + [
        (name, ctypes.c_void_p) for name in ("address", "size", "retained", "first", "to", "type", "generation", "flags",
                                             "type_names")] + [("type_names_size", ctypes.c_uint64), ("base", ctypes.c_void_p), ("base_size", ctypes.c_uint64),
            ("file", ctypes.c_int)]


class Failed(Exception):
    """ouro's message, and its status."""

    def __init__(self, status, sentence):
        Exception.__init__(self, sentence)
        self.status = status


NAMES = "libouro.so", "libouro.so.1"     # the first is for linking, and need not be installed


def places(data):
    """Where the library may be, relative to the folder of ouro-gdb.py; the likeliest first."""
    names = os.environ.get("OURO_LIBRARY")
    if names:
        return [names]
    up = os.path.dirname
    found = []
    for folder in (data, os.path.realpath(data)):
        tree = up(folder)
        found += [os.path.join(tree, ".libs"), os.path.join(tree, "build", ".libs")]
        prefix = up(up(tree))      # PREFIX/share/ouro/gdb
        found += [os.path.join(prefix, name) for name in ("lib", "lib64")]
        arch = os.path.join(prefix, "lib")
        if os.path.isdir(arch):
            found += [os.path.join(arch, name) for name in sorted(os.listdir(arch)) if name.endswith("-linux-gnu")]
    return [os.path.join(folder, name) for folder in found for name in NAMES]


def load(data):
    """Loads the library and declares its functions' types."""
    tried = [path for path in places(data) if os.path.exists(path)]
    lib = ctypes.CDLL(tried[0] if tried else NAMES[-1])
    text, size, number, pointer = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p
    options, output, place = ctypes.POINTER(Options), ctypes.POINTER(Output), ctypes.POINTER(Place)
    for name, result, *arguments in (
            ("open_core", pointer, text, options, text, size),
            ("open_pid", pointer, number, number, options, text, size),
            ("open_callback", pointer, place, options, text, size),
            ("close", None, pointer),
            ("run", number, pointer, text, output),
            ("summary", text, pointer),
            ("last_error", text, pointer),
            ("rescan", number, pointer, place, output),
            ("glance", number, pointer, ctypes.c_uint64, ctypes.POINTER(ctypes.c_int64)),
            ("set_stale", None, pointer, number),
            ("selected", ctypes.c_uint64, pointer),
            ("selected_type", text, pointer),
            ("object", number, pointer, text, ctypes.POINTER(ctypes.c_uint64)),
            ("complete", number, pointer, text, size, output),
            ("arrays", number, pointer, number, ctypes.POINTER(Arrays)),
            ("screen", number, pointer, text, ctypes.POINTER(number)),
            ("engine", number, pointer),
            ("commands", pointer),
            ("free", None, pointer)):
        function = getattr(lib, "ouro_" + name)
        function.restype = result
        function.argtypes = arguments
    return lib


def programs(lib):
    """The folder of ouro-traverse, which belongs to the library; None: types without a decoder are guessed."""
    folder = os.path.dirname(os.path.realpath(lib._name))
    up = os.path.dirname(folder)
    for place in (up, os.path.join(up, "libexec", "ouro"), os.path.join(os.path.dirname(up), "libexec", "ouro")):
        if os.access(os.path.join(place, "ouro-traverse"), os.X_OK):
            return place
    return None


def commands(lib):
    """The table of commands: a list of dicts with name, usage, summary, help, example."""
    text = lib.ouro_commands()
    if not text:
        raise MemoryError("the table of commands")
    table = json.loads(ctypes.string_at(text).decode())
    lib.ouro_free(text)
    return table


def decode(text):
    return (text or b"").decode(errors="replace")


def encode(text):
    return None if text is None else os.fsencode(text)


def place_of(pid, maps, threads, auxv=None, command=None, signal=0):
    """What gdb keeps stopped. maps: rows of (start, end, offset, flags, path), or None for a process of this machine;
    threads: rows of (tid, tls, pc, sp); auxv, command: what /proc would say, for a process of another machine; signal:
    the one that stopped it."""
    place = Place(pid=pid, auxv=auxv, auxv_size=len(auxv or b""), command=encode(command), signal=signal)
    if maps is not None:
        rows = [Map(start, end, offset, flags, encode(path)) for start, end, offset, flags, path in maps]
        place.maps, place.map_count = (Map * max(len(rows), 1))(*rows), len(rows)
    rows = [Thread(*row) for row in threads]
    place.threads, place.thread_count = (Thread * max(len(rows), 1))(*rows), len(rows)
    return ctypes.byref(place)


class Heap:
    """One opened target. The functions passed to it must not raise: the library would not notice."""

    def __init__(self, lib, options, warn=None, progress=None, read=None):
        self.lib = lib
        self.handle = None
        # ctypes does not keep functions alive that the library still calls.
        self.functions = (READ(read) if read else READ(), WARN(warn) if warn else WARN(),
                          PROGRESS(progress) if progress else PROGRESS())
        texts = [encode(options.get(name)) for name in ("exe", "sysroot", "layout", "data", "programs")]
        self.options = Options(*texts, int(bool(options.get("no_gdb"))), int(options.get("python") or 0), None, *self.functions)

    def open(self, function, *arguments):
        error = ctypes.create_string_buffer(1024)
        self.handle = function(*arguments, ctypes.byref(self.options), error, len(error))
        if not self.handle:
            raise Failed(CANCELLED if error.value == b"cancelled" else FAILED, decode(error.value))
        return self

    def open_core(self, path):
        return self.open(self.lib.ouro_open_core, encode(path))

    def open_pid(self, pid, hold):
        return self.open(self.lib.ouro_open_pid, pid, int(hold))

    def arrays(self, retained, out):
        """Fills `out`, an Arrays; its memory belongs to the library, until the next call or close()."""
        self.check(self.lib.ouro_arrays(self.handle, int(retained), ctypes.byref(out)))

    def open_callback(self, *place):
        return self.open(self.lib.ouro_open_callback, place_of(*place))

    def close(self):
        if self.handle:
            self.lib.ouro_close(self.handle)
        self.handle = None

    def check(self, status):
        if status != ANSWERED:
            raise Failed(status, decode(self.lib.ouro_last_error(self.handle)))

    def is_dead(self):
        return not self.handle or not self.lib.ouro_engine(self.handle)

    def engine(self):
        return self.lib.ouro_engine(self.handle)

    def run(self, line, write, **how):
        """The summary of the answer; its text goes to write(bytes), which returns true to stop."""
        self.check(self.lib.ouro_run(self.handle, encode(line), output(write, **how)))
        return decode(self.lib.ouro_summary(self.handle))

    def rescan(self, place, write, **how):
        """Reads the target again. place: what place_of() returned, or None for a core."""
        self.check(self.lib.ouro_rescan(self.handle, place_of(*place) if place else None, output(write, **how)))
        return decode(self.lib.ouro_summary(self.handle))

    def renew(self, place):
        """Forgets what was read: the heap is read again when it is next needed."""
        self.check(self.lib.ouro_rescan(self.handle, place_of(*place), None))

    def glance(self, address):
        """(name of its type, refcount), read from the object's header alone; refcount None: only the heap tells it."""
        count = ctypes.c_int64()
        self.check(self.lib.ouro_glance(self.handle, address, ctypes.byref(count)))
        return decode(self.lib.ouro_summary(self.handle)), None if count.value < 0 else count.value

    def set_stale(self, stale):
        self.lib.ouro_set_stale(self.handle, int(stale))

    def selected(self):
        """(address, name of its type), the address 0 when nothing is selected."""
        return self.lib.ouro_selected(self.handle), decode(self.lib.ouro_selected_type(self.handle))

    def object(self, name):
        address = ctypes.c_uint64()
        self.check(self.lib.ouro_object(self.handle, encode(name), ctypes.byref(address)))
        return address.value

    def screen(self, start=None):
        """True if the user has quit the screen, False for a visit to the prompt."""
        leave = ctypes.c_int()
        self.check(self.lib.ouro_screen(self.handle, encode(start), ctypes.byref(leave)))
        return bool(leave.value)


def output(write, json=False, color=False, width=0):
    def take(_, data, size):
        return int(bool(write(ctypes.string_at(data, size))))
    return ctypes.byref(Output(int(json), int(color), width, None, WRITE(take)))


def complete(lib, heap, line, cursor):
    """Completions of the word at the cursor (counted in bytes); heap may be None."""
    parts = []
    lib.ouro_complete(heap.handle if heap else None, encode(line), cursor, output(parts.append))
    return decode(b"".join(parts)).split("\n")[:-1]
