# SPDX-License-Identifier: GPL-3.0-or-later
"""What gdb's current inferior is, and the best way to read its memory.

    a core                     gdb names the file, and ouro maps it
    a process of this machine  gdb keeps it stopped, and ouro reads it itself
    anything else              gdbserver, rr, a simulator: ouro reads through gdb, a megabyte at a time

Nothing is run in the inferior, and nothing is written to it.
"""

import ctypes
import os
import re
import struct

import gdb

from ouro import lib as library


class Unfit(Exception):
    """There is nothing to open; the message says why."""


class Place:
    """An inferior as ouro opens it. Two places with the same key have the same heap."""

    def __init__(self, kind, key, core=None, pid=0):
        self.kind = kind    # "core", "process" or "remote"
        self.key = key
        self.core = core
        self.pid = pid


def told(command):
    """The output of a gdb command. Under MI, gdb 17 and later return part of it as records: ~"text\\n"."""
    lines = []
    for line in gdb.execute(command, to_string=True).splitlines(True):
        record = re.match(r'[~&@]"(.*)"\s*$', line)
        lines.append(unquoted(record.group(1)) if record else line)
    return "".join(lines)


def unquoted(text):
    """The content of a C string in MI's syntax."""
    letters = {"n": b"\n", "t": b"\t", "r": b"\r", "e": b"\033", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v"}

    def letter(match):
        word = match.group(1)
        return bytes([int(word, 8) & 255]) if word.isdigit() else letters.get(word.decode(), word)
    return re.sub(rb"\\([0-7]{1,3}|.)", letter, os.fsencode(text), flags=re.S).decode(errors="surrogateescape")


def connection():
    """native, remote, extended-remote, core, ...; for gdb 11 and older, taken from the output of a command."""
    inferior = gdb.selected_inferior()
    if hasattr(inferior, "connection"):
        found = inferior.connection
        return found.type if found is not None else ""
    text = told("info target")
    if "Local core dump file" in text:
        return "core"
    if re.search(r"Remote (serial )?target|Extended remote", text, re.I):
        return "remote"
    return "native" if inferior.pid else ""


def core_path():
    core = getattr(gdb.selected_inferior(), "corefile", None)
    if core is not None:
        return core.filename
    match = re.search(r"^Local core dump file:\s*`(.*)', file type", told("info target"), re.M)
    return match.group(1) if match else None


def file_key(path):
    try:
        state = os.stat(path)
    except OSError:
        return (path,)
    return (path, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def is_midway():
    """Whether gdb is evaluating a breakpoint's condition or its stop(): the thread is stopped, but gdb sends no event,
    nor when the thread resumes from there."""
    if not any(thread.is_running() for thread in gdb.selected_inferior().threads()):
        return False
    try:
        gdb.selected_frame()
        return True
    except gdb.error:
        return False


def current():
    """The place of gdb's current inferior."""
    inferior = gdb.selected_inferior()
    kind = connection()
    if kind == "core" or not inferior.pid:
        path = core_path()
        if path:
            return Place("core", ("core",) + file_key(path), core=path)
        if kind == "core":
            raise Unfit("gdb does not tell which core file it has open")
    if not kind or not inferior.pid:
        raise Unfit("no core and no process: open one with `core-file`, `attach` or `target remote`")
    if any(thread.is_running() for thread in inferior.threads()) and not is_midway():
        raise Unfit("the program is running: stop it first (Ctrl-C, or `interrupt`)")
    local = kind in ("native", "record-full", "record-btrace") and os.path.exists("/proc/%d/maps" % inferior.pid)
    key = ("process" if local else "remote", inferior.num, inferior.pid)
    return Place(key[0], key, pid=inferior.pid)


def parameter(name):
    try:
        return gdb.parameter(name)
    except RuntimeError:
        return None


def options(place):
    """Options that say where the target's files are, as far as gdb knows."""
    sysroot = parameter("sysroot") or ""
    if sysroot.startswith("target:") or sysroot == "/" or place.kind == "process":
        sysroot = ""
    found = {"sysroot": sysroot or None, "python": parameter("ouro python") or 0, "layout": parameter("ouro layout") or None}
    exe = gdb.current_progspace().filename
    if place.kind != "process" and exe and os.path.exists(exe):
        found["exe"] = exe
    return found


# ---- Reading through gdb

PAGE = 4096


def read_some(inferior, at, size):
    """As many bytes from `at` on as gdb can read, halving down to a page."""
    try:
        return bytes(inferior.read_memory(at, size))
    except gdb.error as error:
        if str(error) == "Quit":
            raise KeyboardInterrupt()
        if size <= PAGE or not inferior.pid:
            return b""
    half = max(size // 2 // PAGE * PAGE, PAGE)
    first = read_some(inferior, at, half)
    return first + read_some(inferior, at + half, size - half) if len(first) == half else first


def reader():
    """A function for lib.Heap. It never raises: what cannot be read is missing, and Ctrl-C is REFUSED."""
    inferior = gdb.selected_inferior()

    def read(_, at, to, size):
        try:
            data = read_some(inferior, at, size)
        except KeyboardInterrupt:
            return library.REFUSED
        except Exception:
            return 0
        ctypes.memmove(to, data, len(data))
        return len(data)
    return read


# ---- Maps

FLAGS = {"r": 1, "w": 2, "x": 4}


def parse_mappings(text):
    """`info proc mappings`: start, end, size, offset, perms (gdb 12 and later), file."""
    rows = []
    for line in text.splitlines():
        match = re.match(r"\s*(0x[0-9a-f]+)\s+(0x[0-9a-f]+)\s+0x[0-9a-f]+\s+(0x[0-9a-f]+)\s*(?:([-rwxsp]{4}))?\s*(.*?)\s*$",
                         line)
        if not match:
            continue
        start, end, offset = (int(number, 16) for number in match.group(1, 2, 3))
        rights = match.group(4)
        flags = sum(FLAGS.get(letter, 0) for letter in rights) if rights else 3
        path = match.group(5) or None
        if path and not path.startswith(("/", "[")):
            path = None
        rows.append((start, end, offset, flags, path))
    return rows


def maps():
    """The mappings of an inferior that is not of this machine."""
    try:
        rows = parse_mappings(told("info proc mappings"))
    except gdb.error:
        rows = []
    if rows:
        return rows
    raise Unfit("the other end does not tell what memory the program has (`info proc mappings` does not work there), "
                "so there is nowhere to look for its heap")


# ---- The auxiliary vector and signals

def auxv():
    """`info auxv` in the kernel's binary form; None: gdb cannot tell."""
    try:
        text = told("info auxv")
    except gdb.error:
        return None
    words = []
    for line in text.splitlines():
        match = re.match(r"(\d+)\s+(?:AT_\w+|\?\?\?)\s.*?(0x[0-9a-f]+|\d+)(?:\s+\".*)?$", line)
        if match:
            words += [int(match.group(1)), int(match.group(2), 0) & (1 << 64) - 1]
    return struct.pack("<%dQ" % len(words), *words) if words else None


def command():
    try:
        match = re.search(r"^cmdline = '(.*)'$", told("info proc cmdline"), re.M | re.S)
    except gdb.error:
        return None
    return match.group(1) if match else None


def stop_signal():
    """The signal that stopped the selected thread; 0: none, or gdb cannot tell. SIGTRAP and SIGSTOP are gdb's own."""
    try:
        number = int(gdb.parse_and_eval("$_siginfo.si_signo"))
    except (gdb.error, RuntimeError):
        return 0
    return number if 0 < number < 65 and number not in (5, 19) else 0


# ---- Threads

def register(*names):
    """The value of the first of these registers that the machine has; 0: none can be read."""
    for name in names:
        try:
            return int(gdb.parse_and_eval("(unsigned long)$" + name))
        except gdb.error:
            pass
    return 0


def threads():
    """(tid, tls, pc, sp) of every thread. The user's selected thread and frame stay selected."""
    selected = gdb.selected_thread()
    if selected is None:
        return []
    try:
        frame = gdb.selected_frame()
    except gdb.error:
        frame = None
    rows = []
    for thread in gdb.selected_inferior().threads():
        try:
            thread.switch()
            rows.append((thread.ptid[1] or thread.ptid[2], register("fs_base", "tpidr"), register("pc"), register("sp")))
        except gdb.error:
            pass        # it has ended, or its registers cannot be read
    selected.switch()
    if frame is not None and frame.is_valid():
        frame.select()
    return rows


def stopped(place):
    """The result of lib.place_of() for a process that gdb keeps stopped; None for a core."""
    if place.kind == "core":
        return None
    if place.kind == "process":
        return place.pid, None, threads(), None, None, stop_signal()
    return place.pid, maps(), threads(), auxv(), command(), stop_signal()
