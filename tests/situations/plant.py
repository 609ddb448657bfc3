# SPDX-License-Identifier: GPL-3.0-or-later
"""Plants 1234 objects, says "ready" and waits: plant.py [twice | leave | abort | code | wait]."""
import os
import sys
import threading
import time


class Planted(object):
    pass


keep = [Planted() for _ in range(1234)]
what = sys.argv[1] if len(getattr(sys, 'argv', [])) > 1 else ''


def map_twice():
    import ctypes
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    with open('/proc/self/maps') as maps:
        files = set(line.split()[-1] for line in maps if '/libpython' in line or '/python' in line)
    for file in files:
        fd = os.open(file, os.O_RDONLY)
        size = os.fstat(fd).st_size
        if not os.path.basename(file).startswith(('libpython', 'python')):
            continue
        libc.mmap(0x10000000, size, 1, 2, fd, 0)
        libc.mmap(0x7fff00000000 - (size & ~4095), size, 1, 2, fd, 0)


def wait():
    print('ready')
    sys.stdout.flush()
    time.sleep(600)


def use_code():
    """Objects of an extension's types, which only its own code can look through."""
    import ctypes
    global pointers
    pointers = [ctypes.pointer(ctypes.c_int(i)) for i in range(30)]


if what in ('code', 'wait'):
    use_code()
if what == 'twice':
    map_twice()
if what in ('abort', 'code'):
    os.abort()
if what == 'leave':         # the system call ends the calling thread alone
    import ctypes
    threading.Thread(target=wait).start()
    ctypes.CDLL(None).syscall(60 if os.uname()[4] == 'x86_64' else 93, 0)
wait()
