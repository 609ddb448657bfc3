# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that remembers where it allocated: tracemalloc is on, with three frames a traceback."""
import sys
import time
import tracemalloc

EARLY = {"made": "before tracemalloc was started"}
KEPT = []


class Order(object):
    def __init__(self, number):
        self.number = number
        self.lines = [number] * 10


def take(number):
    return Order(number)


def fill():
    for number in range(1000):
        KEPT.append(take(number))


tracemalloc.start(3)
fill()
NOTE = bytearray(200000)
if "--stop" in sys.argv:
    tracemalloc.stop()
sys.stdout.write("ready\n")
sys.stdout.flush()
time.sleep(600)
