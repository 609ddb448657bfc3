# SPDX-License-Identifier: GPL-3.0-or-later
# Questions as one is asked them about the collector: the answer that reasoning predicts (`expect`), the one of the interpreter
# (`truth`, from a fork of this process), and the command that shows it. All three agree.
#
# cases: ring tail selfish held old frozen resurrects nothing freed
# $ collect -g 2
# @ facts["expect"] == facts["truth"]
# @ facts["threaded"] or summary["returns"] == facts["expect"] or (facts["case"] == "resurrects" and summary["returns"] is None)
# @ facts["threaded"] or facts["case"] != "resurrects" or summary["uncertain"] == 1
# $ collect -g 0
# @ facts["threaded"] or facts["case"] == "resurrects" or summary["returns"] == facts["young"]
# @ facts["threaded"] or facts["case"] != "old" or summary["returns"] == 0
import gc
import json
import os
import sys
import time


class Node(object):
    __slots__ = ("a", "b", "__weakref__")


class Last(Node):
    __slots__ = ()

    def __del__(self):
        KEPT.append(self)


CASE, KEPT = sys.argv[1], []


def pair():
    one, two = Node(), Node()
    one.a, two.a = two, one
    return one


def build():
    """How many the next full collection finds."""
    if CASE == "ring":  # Two that hold one another, and nobody else: do they go by themselves? No: the collector finds both.
        pair()
        return 2
    if CASE == "tail":  # What hangs from a ring goes with it, though it is on none.
        pair().b = Node()
        return 3
    if CASE == "selfish":  # One that holds itself is a ring of one.
        one = Node()
        one.a = one
        return 1
    if CASE == "held":  # A variable holds one of the two: both stay.
        KEPT.append(pair())
        return 0
    if CASE == "old":  # Garbage that has become old is not for generation 0.
        one = pair()
        gc.collect()
        del one
        return 2
    if CASE == "frozen":  # What gc.freeze() set apart is no candidate, garbage or not.
        pair()
        gc.freeze()
        return 0
    if CASE == "resurrects":  # A finalizer brings it back: found, and not counted.
        one = Last()
        one.a = one
        return 0
    if CASE == "freed":  # No ring: it went when its last reference did.
        Node().a = Node()
        return 0
    return 0


def answer(generation):
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, str(gc.collect(generation)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(reader, 100))


def fact(name, value):
    print("fact %s %s" % (name, json.dumps(value)))


gc.collect()
gc.disable()
fact("expect", build())
fact("truth", answer(2))
fact("young", answer(0))
fact("case", CASE)
fact("threaded", bool(__import__("sysconfig").get_config_var("Py_GIL_DISABLED")))
print("ready")
sys.stdout.flush()
time.sleep(1000)
