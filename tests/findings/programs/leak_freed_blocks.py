# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low fragmentation malloc_trim(0) would give them back
"""Much was allocated in C and freed; every hundredth block stays, and keeps glibc from giving the rest back."""
import ctypes
import time

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
blocks = []
for _ in range(1000):
    blocks.append(libc.malloc(90000))
    libc.memset(blocks[-1], 1, 90000)
for i, block in enumerate(blocks):
    if i % 100:
        libc.free(block)
KEPT = (ctypes.c_void_p * 10)(*blocks[::100])
del blocks
print("ready", flush=True)
time.sleep(1000)
