#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block of memory that nobody knows, whose second word leads to what looks like a type, but for its metatype's type."""
import ctypes
import sys

OB_TYPE, TP_FLAGS = 8, 168
TYPE_SUBCLASS = 1 << 31


def put(at, offset, word):
    ctypes.c_uint64.from_address(at + offset).value = word


ctypes.pythonapi.PyObject_Malloc.restype = ctypes.c_void_p
ctypes.pythonapi.PyObject_Malloc.argtypes = [ctypes.c_size_t]
like_type, like_metatype = (ctypes.create_string_buffer(2048) for _ in range(2))
put(ctypes.addressof(like_type), OB_TYPE, ctypes.addressof(like_metatype))
put(ctypes.addressof(like_metatype), OB_TYPE, 0x15EEAD0000000000)
put(ctypes.addressof(like_metatype), TP_FLAGS, TYPE_SUBCLASS)
for presize in 0, 16:
    block = ctypes.pythonapi.PyObject_Malloc(64)
    ctypes.memset(block, 0, 64)
    put(block, presize, 1)
    put(block, presize + OB_TYPE, ctypes.addressof(like_type))
print("ready")
sys.stdout.flush()
sys.stdin.readline()
