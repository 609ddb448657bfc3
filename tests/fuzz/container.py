# SPDX-License-Identifier: GPL-3.0-or-later
"""The container of a saved heap (src/base/store.h): its sections, unpacked, changed and packed again
with checksums that fit.
"""

import ctypes
import ctypes.util
import struct

HEAD = struct.Struct("<8sIIQQQIIQQ")    # magic, format, order, size, table, its sum, count, flags, 0, sum
ROW = struct.Struct("<16sQQQQII")       # name, offset, packed, raw, sum, filter, 0
PRIME = 0x9fb21c651e98df25
MASK = (1 << 64) - 1
FRAME = 1 << 20
AS_IS, ALIGN = 2, 64                    # the filter of what is not packed, and where it begins

_zstd = None


def zstd():
    global _zstd
    if _zstd is None:
        _zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
        for name in ("ZSTD_decompress", "ZSTD_compress", "ZSTD_compressBound", "ZSTD_findFrameCompressedSize"):
            getattr(_zstd, name).restype = ctypes.c_size_t
        _zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
        _zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
        _zstd.ZSTD_compress.argtypes = _zstd.ZSTD_decompress.argtypes + [ctypes.c_int]
        _zstd.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
        _zstd.ZSTD_getFrameContentSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        _zstd.ZSTD_findFrameCompressedSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    return _zstd


def _mix(value, word):
    value = (value ^ word) * PRIME & MASK
    return value ^ value >> 29


def checksum(data):
    """As store_hash() in src/base/store_hash.h."""
    sums = [PRIME * (i + 1) & MASK for i in range(4)]
    padded = data + bytes(32 - len(data) % 32)
    for i, (word,) in enumerate(struct.iter_unpack("<Q", padded)):
        sums[i & 3] = _mix(sums[i & 3], word)
    total = len(data)
    for value in sums:
        total = _mix(total, value)
    return total


def unpack(packed):
    """The frames of a section, one after another."""
    lib, out = zstd(), []
    while packed:
        size = lib.ZSTD_findFrameCompressedSize(packed, len(packed))
        room = lib.ZSTD_getFrameContentSize(packed, len(packed))
        to = ctypes.create_string_buffer(room + 1)
        got = lib.ZSTD_decompress(to, room, packed, size)
        if got != room or not 0 < size <= len(packed):
            raise ValueError("a frame that cannot be unpacked")
        out.append(to.raw[:room])
        packed = packed[size:]
    return b"".join(out)


def pack(data):
    lib, out = zstd(), []
    for at in range(0, len(data), FRAME):
        part = data[at:at + FRAME]
        room = lib.ZSTD_compressBound(len(part))
        to = ctypes.create_string_buffer(room)
        size = lib.ZSTD_compress(to, room, part, len(part), 1)
        out.append(to.raw[:size])   # only now: .raw copies what is there
    return b"".join(out)


class Section:
    def __init__(self, name, packed, raw, kind):
        self.name, self.packed, self.raw, self.filter = name, packed, raw, kind

    def unpacked(self):
        return self.packed if self.filter == AS_IS else unpack(self.packed)

    def put(self, data):
        self.packed, self.raw = data if self.filter == AS_IS else pack(data), len(data)


class Container:
    def __init__(self, data):
        (self.magic, self.format, self.order, _, table, _, count, self.flags, _, _) = HEAD.unpack_from(data)
        self.sections = []
        for i in range(count):
            name, offset, packed, raw, _, kind, _ = ROW.unpack_from(data, table + i * ROW.size)
            self.sections.append(Section(name.rstrip(b"\0").decode(), data[offset:offset + packed], raw, kind))

    def section(self, name):
        return next(s for s in self.sections if s.name == name)

    def bytes(self):
        """The file again, with sums and places that fit what is in it now."""
        at, rows, body = HEAD.size, b"", b""
        for s in self.sections:
            gap = -at % ALIGN if s.filter == AS_IS else 0
            body += bytes(gap)
            at += gap
            rows += ROW.pack(s.name.encode(), at, len(s.packed), s.raw, checksum(s.packed), s.filter, 0)
            body += s.packed
            at += len(s.packed)
        head = HEAD.pack(self.magic, self.format, self.order, at + len(rows), at, checksum(rows),
                         len(self.sections), self.flags, 0, 0)[:-8]
        return head + struct.pack("<Q", checksum(head)) + body + rows
