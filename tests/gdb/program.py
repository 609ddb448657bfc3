# SPDX-License-Identifier: GPL-3.0-or-later
"""A small heap for the tests in gdb: rings that leak, a cache.

    grow            more of them all the time
    start, stop     stands still in a callback of the collector, before or after its work
    del             stands still in a __del__ that the collector calls
    many            with a hundred thousand strings, which the collector does not know, and as many lists as make generation 2 long
    record          sends itself SIGUSR1, puts something into the cache, and sends it again
    collect         sends itself SIGUSR1, grows a dict and collects
"""

import gc
import os
import signal
import sys
import time


class Node(object):
    def __init__(self):
        self.me = self
        self.payload = [1, 2, 3]


class Bomb(Node):
    def __del__(self):
        stand_still()


CACHE = {"list": [1], "node": Node()}


def leak(count):
    for _ in range(count):
        Node()


def stand_still():
    print("ready")
    sys.stdout.flush()
    time.sleep(1000)


def on_collection(phase, info):
    if phase == sys.argv[1]:
        stand_still()


word = sys.argv[1] if len(sys.argv) > 1 else ""
gc.collect()
gc.disable()
leak(50)
if word in ("start", "stop"):
    gc.callbacks.append(on_collection)
    gc.collect()
elif word == "del":
    Bomb()
    gc.collect()
if word == "many":
    TEXTS = [str(number) * 20 for number in range(100000)]
    LISTS = [[number] for number in range(20000)]
    KEYS, WORDS = dict.fromkeys(TEXTS), set(TEXTS)
    gc.collect()
print("ready")
sys.stdout.flush()
number = 0
while word == "grow":
    time.sleep(0.05)
    CACHE[number] = Node()
    number += 1
sys.stdin.readline()
if word == "record":
    os.kill(os.getpid(), signal.SIGUSR1)
    CACHE["later"] = word
    os.kill(os.getpid(), signal.SIGUSR1)
if word == "collect":
    signal.signal(signal.SIGUSR1, lambda *_: None)
    os.kill(os.getpid(), signal.SIGUSR1)
    more = [[number] for number in range(2000)]
    table = dict((number, [number]) for number in range(2000))
    gc.collect()
