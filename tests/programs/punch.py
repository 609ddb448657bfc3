# SPDX-License-Identifier: GPL-3.0-or-later
"""punch.py CORE COPY: the core with a hole: its largest writable segment is not there, as after MADV_DONTDUMP.

For the tests; the largest segment that may be written and belongs to no file, but for the stack.
"""
import struct
import sys

PT_LOAD, PT_NOTE, NT_FILE = 1, 4, 0x46494C45


def mapped(data, offset, size):
    """Ranges of NT_FILE."""
    at = offset
    while at + 12 <= offset + size:
        names, descs, kind = struct.unpack_from("<III", data, at)
        desc = at + 12 + (names + 3) // 4 * 4
        if kind == NT_FILE:
            count = struct.unpack_from("<Q", data, desc)[0]
            return [struct.unpack_from("<QQ", data, desc + 16 + 24 * i) for i in range(count)]
        at = desc + (descs + 3) // 4 * 4
    return []


def main(core, copy):
    with open(core, "rb") as file:
        data = bytearray(file.read())
    start, = struct.unpack_from("<Q", data, 32)
    count, = struct.unpack_from("<H", data, 56)
    rows = [struct.unpack_from("<IIQQQQQQ", data, start + 56 * i) for i in range(count)]
    files = [span for row in rows if row[0] == PT_NOTE for span in mapped(data, row[2], row[5])]
    free = [i for i, row in enumerate(rows) if row[0] == PT_LOAD and row[1] & 2 and row[5]
            and not any(low <= row[3] < high for low, high in files)]
    largest = max(free, key=lambda i: rows[i][5])
    struct.pack_into("<Q", data, start + 56 * largest + 32, 0)
    with open(copy, "wb") as file:
        file.write(data)
    return rows[largest][6]


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2]))
