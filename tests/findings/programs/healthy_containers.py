# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that have grown to their size, of all sizes, and one that shrank and was copied."""
import collections
import sys

dicts = [dict.fromkeys(range(n)) for n in range(0, 3000, 7)]
sets = [set(range(n)) for n in range(0, 3000, 7)]
lists = [list(range(n)) for n in range(0, 3000, 7)]
grown = []
for n in range(100000):
    grown.append(n)
window = collections.deque(range(50000), maxlen=60000)
pending = dict.fromkeys(range(150000))
for job in range(149990):
    del pending[job]
pending = dict(pending)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
