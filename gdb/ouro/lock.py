# SPDX-License-Identifier: GPL-3.0-or-later
"""What the batch scripts share: files that gdb reads without ever being told their names, and a lock.

gdb.execute() runs each line of its text, and the path of a file that the target names may have several lines. So gdb
gets only a descriptor of ours, as in "file /proc/self/fd/7".

The lock is the inner one: ouro started this gdb without network and with few files (src/layout/gdb_spawn.h). gdb
itself starts programs while it starts up, so only after that can it be forbidden to.
"""

import os
import re
import stat
import struct

import gdb

# The calls seccomp and clone, the machine, and those of fork, vfork, execve, execveat that it has.
CALLS = {"x86_64": (317, 56, 0xC000003E, (57, 58, 59, 322)), "aarch64": (277, 220, 0xC00000B7, (221, 281))}
CLONE3 = 435
CLONE_THREAD = 0x10000
LOAD, EQUAL, HAS, ANSWER = 0x20, 0x15, 0x45, 0x06      # of BPF
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x50000 | 1, 0x50000 | 38


def place(text):
    """What open() takes: a descriptor if the text is a number, else the text as a path."""
    return int(text) if re.fullmatch(r"[0-9]+", text) else text


class File:
    """A file to read, given by an inherited descriptor or by a path."""

    def __init__(self, name, fd=None, folder=None):
        self.name = name
        self.fd = fd
        self.folder_fd = folder

    def open(self):
        """The descriptor; OSError when it is not a regular file."""
        if self.fd is None:
            fd = os.open(self.name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                os.close(fd)
                raise OSError("%s: not a file" % self.name)
            self.fd = fd
        return self.fd

    def load(self):
        """Loads it into gdb; gdb.error or OSError if that fails."""
        gdb.execute("file /proc/self/fd/%d" % self.open(), to_string=True)

    def bytes(self, size=None):
        with os.fdopen(os.dup(self.open()), "rb") as file:
            file.seek(0)
            return file.read(-1 if size is None else size)

    def folder(self):
        """The folder that it is in, as a path without its name; None: not to be read."""
        if self.folder_fd is not None:
            return "/proc/self/fd/%d" % self.folder_fd if self.folder_fd >= 0 else None
        return os.path.dirname(os.path.realpath(self.name))

    def real_name(self):
        """The last part of its name, links resolved."""
        return os.path.basename(os.path.realpath("/proc/self/fd/%d" % self.open()))


def files(text):
    """The rows of an OURO_..._FILES variable."""
    found = []
    for line in text.split("\n"):
        match = re.fullmatch(r"([0-9]+) (-?[0-9]+) (.*)", line)
        if match:
            found.append(File(match.group(3), int(match.group(1)), int(match.group(2))))
        elif line:
            found.append(File(line))
    return found


def program_of(clone, machine, refused):
    """The filter: (code, lines to skip if true, if false, value). Threads are allowed: they are no other process."""
    lines = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, machine), (ANSWER, 0, 0, EPERM), (LOAD, 0, 0, 0)]
    for number in refused:
        lines += [(EQUAL, 0, 1, number), (ANSWER, 0, 0, EPERM)]
    lines += [(EQUAL, 0, 1, CLONE3), (ANSWER, 0, 0, ENOSYS)]      # its flags are out of sight: clone is used instead
    lines += [(EQUAL, 0, 3, clone), (LOAD, 0, 0, 16), (HAS, 1, 0, CLONE_THREAD), (ANSWER, 0, 0, EPERM)]
    return lines + [(ANSWER, 0, 0, ALLOW)]


def lock():
    """Forbids all threads of this gdb to start or become another program. If Python has no ctypes, only the outer lock
    remains."""
    try:
        import ctypes
        call, clone, machine, refused = CALLS[os.uname().machine]
        libc = ctypes.CDLL(None, use_errno=True)
    except (ImportError, KeyError, OSError):
        return
    lines = program_of(clone, machine, refused)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(lines), ctypes.addressof(code)))
    libc.prctl(38, 1, 0, 0, 0)          # PR_SET_NO_NEW_PRIVS
    libc.syscall(ctypes.c_long(call), ctypes.c_ulong(1), ctypes.c_ulong(1), program)    # all threads
