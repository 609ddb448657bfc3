# SPDX-License-Identifier: GPL-3.0-or-later
"""caches.py FILE: runs with another malloc preloaded; uses it in four threads, has blocks in all states, writes into
FILE what is known of them, and of jemalloc what it counts itself, and stands still. Addresses are complemented."""
import ctypes
import gc
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
SEEDS = (1, 2, 4, 5)  # the last one's work is the main thread's
made = threading.Barrier(len(SEEDS))
held = [None] * len(SEEDS)
freed = [False] * len(SEEDS)
may_free = False


def make(k):
    seed = SEEDS[k]
    held[k] = [libc.malloc(SIZES[(i * seed) % len(SIZES)] + i % 8) for i in range(3000)]
    for block in held[k]:
        ctypes.memset(block, 1, 8)
    made.wait()


def is_freed(k, i):
    return i % 3 == SEEDS[k] % 3


# Nothing that this makes is large enough for malloc, nor kept: what it frees stays free.
def free(k):
    for i in range(3000):
        if is_freed(k, i):
            libc.free(held[k][i])
    freed[k] = True


def body(k):
    make(k)
    while not may_free:  # a lock would be a block
        time.sleep(0.01)
    free(k)
    time.sleep(1000)


for k in range(len(SEEDS) - 1):
    threading.Thread(target=body, args=(k,), daemon=True).start()
LIST = list(range(1000000, 1100000))  # its items are one large block
BIG = bytearray(3000000)
make(len(SEEDS) - 1)


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


# All that is to be told is told before anything is freed: telling takes blocks.
found = {"used": [], "freed": []}
for k in range(len(SEEDS)):
    for i, block in enumerate(held[k]):
        found["freed" if is_freed(k, i) else "used"].append(block ^ ALL)
descriptor = os.open(sys.argv[1] + ".new", os.O_WRONLY | os.O_CREAT, 0o644)
os.write(descriptor, json.dumps(found).encode())
os.close(descriptor)
descriptor = os.open(sys.argv[1] + ".counts", os.O_WRONLY | os.O_CREAT, 0o644)
del found
gc.disable()
if hasattr(libc, "mallctl"):
    count_all()
time.sleep(0.2)
may_free = True
free(len(SEEDS) - 1)
while not all(freed):
    time.sleep(0.01)
time.sleep(0.2)
if hasattr(libc, "mallctl"):
    count_all()
    os.write(descriptor, count_all())
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
