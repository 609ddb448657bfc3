# SPDX-License-Identifier: GPL-3.0-or-later
"""What grows is an object written in C, or what only a library leads to: no list, no dict of the program's own."""
# versions: all
# finds: info suspect __main__.APP.pickler, a _pickle.Pickler, keeps
# finds: medium suspect __main__.APP.samples* is the first of a chain of
import itertools
import pickle
import time


class App:
    pass


APP = App()


class Null:
    def write(self, data):
        return len(data)


def dump(n):
    APP.pickler.dump(["event %d" % n, "payload %d" % n * 20])


def count():
    n = 0
    while True:
        n += 1
        yield {"n": n, "value": n * 0.5}


def main():
    APP.pickler = pickle.Pickler(Null())
    for n in range(8000):
        dump(n)
    APP.fast, APP.samples = itertools.tee(count())
    for n in range(20000):
        next(APP.fast)
    print("ready", flush=True)
    time.sleep(1000)


main()
