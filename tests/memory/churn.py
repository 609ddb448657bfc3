# SPDX-License-Identifier: GPL-3.0-or-later
"""churn.py LIBRARY THREADS FILE: churns malloc in that many threads and the main one, writes malloc_info() into
FILE.xml and the facts of churn.c into FILE, and stands still."""
import ctypes
import os
import sys
import threading
import time

library, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
churn = ctypes.CDLL(library)
churn.churn.argtypes = [ctypes.c_uint64, ctypes.c_uint]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fflush.argtypes = [ctypes.c_void_p]
churned = threading.Barrier(count + 1)


def body(seed):
    churn.churn(seed, 40000)
    churned.wait()
    time.sleep(1000)


for seed in range(count):
    threading.Thread(target=body, args=(seed + 1,), daemon=True).start()
churn.churn(99, 40000)
churned.wait()
time.sleep(0.5)
wide = hasattr(libc, "mallinfo2")


def pointer(function):
    return ctypes.cast(function, ctypes.c_void_p)


libc.gnu_get_libc_version.restype = ctypes.c_char_p
with open(path + ".libc", "w") as file:
    file.write(libc.gnu_get_libc_version().decode())
out = libc.fopen((path + ".xml").encode(), b"w")
libc.malloc_info(0, out)  # its buffer is there from now on
libc.fflush(out)
fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
churn.freeze(fd, pointer(libc.mallinfo2 if wide else libc.mallinfo), int(wide), pointer(libc.malloc_info),
             ctypes.c_void_p(out), pointer(libc.fflush), pointer(libc.malloc_trim), pointer(libc.fork))
