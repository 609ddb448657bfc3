# SPDX-License-Identifier: GPL-3.0-or-later
"""caches.py FILE: runs with another malloc preloaded; uses it in four threads, has blocks in all states, writes into
FILE what is known of them, and of jemalloc what it counts itself, and stands still. Addresses are complemented."""
import ctypes
import json
import os
import sys
import threading
import time

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
ALL = (1 << 64) - 1
SIZES = (8, 24, 100, 700, 5000, 14000, 16000, 40000, 300000)
done = threading.Barrier(4)
found = {"used": [], "freed": []}


def work(seed):
    held = [libc.malloc(SIZES[(i * seed) % len(SIZES)] + i % 8) for i in range(3000)]
    for i, block in enumerate(held):
        if i % 3 == seed % 3:
            libc.free(block)
            found["freed"].append(block ^ ALL)
        else:
            ctypes.memset(block, 1, 8)
            found["used"].append(block ^ ALL)
    done.wait()


def body(seed):
    work(seed)
    time.sleep(1000)


for seed in (1, 2, 4):
    threading.Thread(target=body, args=(seed,), daemon=True).start()
LIST = list(range(1000000, 1100000))  # its items are one large block
BIG = bytearray(3000000)
work(5)
time.sleep(0.5)


def control(name, kind=ctypes.c_size_t, value=None):
    value = kind(value or 0)
    size = ctypes.c_size_t(ctypes.sizeof(value))
    new = ctypes.byref(value) if name == "epoch" else None
    failed = libc.mallctl(name.encode(), ctypes.byref(value), ctypes.byref(size), new,
                          ctypes.c_size_t(ctypes.sizeof(value) if new else 0))
    return None if failed else value.value


def count_all():
    control("epoch", ctypes.c_uint64, 1)
    caches = sum(control("stats.arenas.%d.tcache_bytes" % i) or 0 for i in range(control("arenas.narenas", ctypes.c_uint)))
    return b"%d %d %d" % (control("stats.allocated"), control("stats.retained"), caches)


descriptor = os.open(sys.argv[1] + ".new", os.O_WRONLY | os.O_CREAT, 0o644)
os.write(descriptor, json.dumps(found).encode())
os.close(descriptor)
descriptor = os.open(sys.argv[1] + ".counts", os.O_WRONLY | os.O_CREAT, 0o644)
found.clear()
# Nothing that is made from here on is large enough for malloc.
if hasattr(libc, "mallctl"):
    count_all()
    os.write(descriptor, count_all())
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
