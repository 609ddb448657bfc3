# SPDX-License-Identifier: GPL-3.0-or-later
# finds: high native-leak blocks of 100,016 bytes*nothing points at
# finds: native-memory __main__.SHOWN*objects of*Image*keep*of C memory*of the process
# finds: info mappings 1 mmap object has 32*: __main__.MAP has it
# says: native-leak begins with 01 01
"""C memory: blocks that are forgotten, and blocks that small objects keep through a pointer."""
import ctypes
import mmap
import time

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
SHOWN = []


class Image(ctypes.Structure):
    _fields_ = [("pixels", ctypes.c_void_p), ("width", ctypes.c_int)]


def forget(count):
    for _ in range(count):
        libc.memset(libc.malloc(100000), 1, 100000)


def show(count):
    for _ in range(count):
        image = Image(libc.malloc(60000), 100)
        libc.memset(image.pixels, 2, 60000)
        SHOWN.append(image)


forget(300)
show(300)
MAP = mmap.mmap(-1, 32 << 20)
MAP.write(b"x" * (32 << 20))
print("ready", flush=True)
time.sleep(1000)
