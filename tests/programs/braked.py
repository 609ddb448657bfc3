# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts pass the threshold of generation 2, and no full collection comes: what is new is less than a quarter of what is old."""
import gc
import sys
import time

old = [[i] for i in range(200000)]
gc.collect()
gc.set_threshold(700, 10, 10)
for r in range(120000):
    x = []
    x.append(x)
print("ready")
sys.stdout.flush()
time.sleep(1000)
