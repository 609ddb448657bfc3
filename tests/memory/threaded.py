# SPDX-License-Identifier: GPL-3.0-or-later
"""threaded.py FILE: a free-threaded interpreter's memory after churn in three threads; how many blocks it counts itself
goes to FILE, and it stands still."""
import os
import sys
import threading
import time


KEEP = [("t", i) for i in range(200000)][::50]
BIG = [bytearray(100000) for _ in range(50)][::3]
HUGE = bytearray(40 << 20)
KEPT = []
done = threading.Barrier(3)


def body():
    rows = [[i] for i in range(30000)]
    KEPT.append(rows[::10])
    del rows
    done.wait()
    time.sleep(1000)


for _ in range(2):
    threading.Thread(target=body, daemon=True).start()
done.wait()
time.sleep(0.5)
descriptor = os.open(sys.argv[1] + ".new", os.O_WRONLY | os.O_CREAT, 0o644)
os.write(descriptor, b"%d" % sys.getallocatedblocks())
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
