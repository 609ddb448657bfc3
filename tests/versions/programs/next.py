# SPDX-License-Identifier: GPL-3.0-or-later
# When the next automatic collection comes: a child that is the same at that moment goes on, and tells when it came; free, and held back by
# the 25 % rule.
#
# cases: free held
# $ info --quick
# @ facts["free_threaded"] or values("gc")["next"] == facts["came"]
# @ facts["free_threaded"] or facts["increments"] or [values("generation %d" % g)["next"] for g in (0, 1)] == [facts["sequence"].index(g) + 1 for g in (0, 1)]
# @ facts["free_threaded"] or facts["increments"] or values("generation 2")["next"] <= facts["sequence"].index(2) + 1
# @ facts["free_threaded"] or facts["increments"] or facts["held"] or values("generation 2")["next"] == facts["sequence"].index(2) + 1
# @ facts["free_threaded"] or facts["increments"] or not facts["held"] or "25 % rule" in values("gc")["next_what"]
# @ not facts["free_threaded"] or (values("gc")["next"] <= facts["came"] and "at least" in values("gc")["next_what"])
import ctypes
import gc
import json
import os
import sys
import time


class Node(object):
    __slots__ = ("other",)


def came(phase, info):
    if phase == "start":
        sequence.append(info["generation"])


sequence = []
free_threaded = "t" in getattr(sys, "abiflags", "").replace("m", "")
increments = False
fork = ctypes.PyDLL(None).fork
is_held = sys.argv[1] == "held"
old = [Node() for _ in range(300000 if is_held else 1000)]
gc.collect()
gc.callbacks.append(came)
gc.set_threshold(*((700, 10, 2) if is_held else (300, 4, 3)))
keep = [None] * 500000
n = 0
for n in range(20 if is_held else 1000):
    keep[n] = Node()
n = 0
del sequence[:]
left = time.sleep
if fork():
    left(10000)
while n < 400000 and not sequence:
    keep[100000 + n] = Node()
    n += 1
first = n
while n < 400000 and 2 not in sequence:
    keep[100000 + n] = Node()
    n += 1
increments = not free_threaded and 0 not in sequence and len(sequence) > 1 and sequence[0] == 1
facts = {"free_threaded": free_threaded, "increments": increments, "came": first, "sequence": sequence, "held": is_held}
print("".join("fact %s %s\n" % (name, json.dumps(value)) for name, value in sorted(facts.items())) + "ready", flush=True)
os._exit(0)
