# SPDX-License-Identifier: GPL-3.0-or-later
# Counts pass the threshold of generation 2, and yet no full collection comes: what is new is less than a quarter of what is old.
#
# $ info
# @ facts["free_threaded"] or facts["collections"] != values("generation 2")["collections"] or "25 % rule" in values("gc")["brake"]
# $ collect
# @ summary["generation"] == 2
import gc
import json
import sys
import time

old = [[i] for i in range(400000)]
gc.collect()
before = gc.get_stats()[2]["collections"] if len(gc.get_stats()) > 2 else 0
gc.set_threshold(700, 10, 10)
for r in range(200000):
    x = []
    x.append(x)
waiting = gc.get_count()[-1] > 10
print("fact free_threaded %s" % json.dumps(not waiting))
print("fact collections %d" % before)
print("ready", flush=True)
time.sleep(10000)
