# SPDX-License-Identifier: GPL-3.0-or-later
# Roots are referrers: the rows that are counted add up to the refcount, a frame's local is one row with its name, a way to an object is
# counted once, and what a root is called is a name of the object everywhere.
#
# $ object {local}
# @ values()["refcount"] == 3
# $ referrers {local}
# @ sum(row["count"] for row in rows if row["counted"]) == 3
# @ sum("local mine" in row["edge"] for row in rows) == 1
# $ path {local} --count
# @ summary["disjoint"] == 2 and summary["disjoint_exact"]
# $ object 'local mine in sleeps() roots.py:{line}'
# @ values()["address"] == facts["local"]
# $ object 'thread {thread} sleeps() roots.py:{line} local mine'
# @ values()["address"] == facts["local"]
# $ object 'thread {thread} local pair[1]'
# @ values()["address"] == facts["local"]
# $ referrers 'thread {thread} local mine'
# @ sum(row["count"] for row in rows if row["counted"]) == 3
# $ referrers gc.garbage
# @ some(edge="gc.garbage", type="interpreter", counted=True)
# @ sum(row["count"] for row in rows if row["counted"]) == facts["garbage"]
# $ object sys.modules['atexit']
# @ values()["explained"] == values()["refcount"]
# $ object __main__.HELD
# @ values()["refcount"] == 3
# $ referrers __main__.HELD
# @ some(edge="held by C code: 2", count=2, counted=True, object=None)
# @ sum(row["count"] for row in rows if row["counted"]) == 3
# $ referrers __main__.UNIQUE
# @ all(not row["counted"] for row in rows if row["type"] == "dict" and "UNIQUE" not in row["edge"])
# @ not [row for row in rows if row["edge"].startswith("['a string of its own")] or version >= (3, 12) or any(not row["counted"] for row in rows)
import atexit  # noqa: F401
import ctypes
import gc
import json
import sys
import threading
import time


class Marked(object):
    pass


class Held(object):
    pass


def sleeps():
    mine = Marked()
    pair = [mine, mine]
    READY.append((id(mine), pair is not None))
    time.sleep(10000)


READY = []
HELD = Held()
ctypes.pythonapi.Py_IncRef(ctypes.py_object(HELD))
ctypes.pythonapi.Py_IncRef(ctypes.py_object(HELD))
UNIQUE = sys.intern("a string of its own " * 3)
gc.disable()
thread = threading.Thread(target=sleeps, daemon=True)
thread.start()
while not READY:
    time.sleep(0.01)
time.sleep(0.3)
line = [n for n, text in enumerate(open(__file__), 1) if text.strip() == "time.sleep(10000)"][0]
print("fact local %s" % json.dumps("%#x" % READY[0][0]))
print("fact line %d" % line)
print("fact thread %d" % thread.native_id)
print("fact garbage %d" % (sys.getrefcount(gc.garbage) - 1))
print("ready", flush=True)
time.sleep(10000)
