# SPDX-License-Identifier: GPL-3.0-or-later
"""A program full of private words (each begins with zyx), markup and pipes: nothing of them may get into a redacted
report, and nothing of them may break one that is not.
"""
import gc
import sys
import threading
import time
import tracemalloc

MARKUP = "</td><script>zyxscript</script> | `b` *c* & \" '"


class Patient(object):
    def __init__(self, name):
        self.zyxattribute = name
        self.zyxother = None


class Carrier(Exception):
    pass


def zyxfunction(started):
    zyxlocal = "zyxvalue of a local"
    zyxmarkup = {MARKUP: MARKUP}
    started.set()
    time.sleep(600)
    return zyxlocal, zyxmarkup


def ring():
    a, b = Patient("zyxname a"), Patient("zyxname b")
    a.zyxother, b.zyxother = b, a


def zyxgenerator():
    zyxinside = "zyxvalue in a generator"
    yield zyxinside


tracemalloc.start(2)
ZYXGLOBAL = {"zyxkey %d" % i: Patient("zyxvalue %d" % i) for i in range(20000)}
ZYXMARKUP = [MARKUP] * 1000
gc.disable()
for _ in range(50):
    ring()
zyxsuspended = zyxgenerator()
next(zyxsuspended)
started = threading.Event()
thread = threading.Thread(target=zyxfunction, args=(started,), name="zyxthread")
thread.daemon = True
thread.start()
started.wait()
sys.stdout.write("ready\n")
sys.stdout.flush()
time.sleep(600)
