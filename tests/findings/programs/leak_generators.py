# SPDX-License-Identifier: GPL-3.0-or-later
"""Generators that were begun and never finished."""
# finds: low suspended 200 generators of rows() leak_generators.py:
# versions: all
import sys
import time


CURSORS = []


def rows(number):
    buffer = ["row %d" % i for i in range(50)]
    for row in buffer:
        yield row


for number in range(200):
    cursor = rows(number)
    next(cursor)
    CURSORS.append(cursor)

print("ready")
sys.stdout.flush()
time.sleep(1000)
