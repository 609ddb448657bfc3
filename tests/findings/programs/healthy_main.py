# SPDX-License-Identifier: GPL-3.0-or-later
"""A tool that works in main(): it reads rows into a local list and an index, and an object fills its list once."""
import sys


class Row:
    def __init__(self, n):
        self.n = n
        self.text = "row %d " % n * 5


class Table:
    def __init__(self, rows):
        self.rows = [row for row in rows if row.n % 2]


def read():
    return [Row(n) for n in range(4000)]


def main():
    rows = read()
    index = {row.n: row for row in rows}
    table = Table(rows)
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
    return index, table


main()
