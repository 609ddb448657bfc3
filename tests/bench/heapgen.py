#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""heapgen.py [--shape mix|list|chain|star] [--core OUT] [--quick] N [SEED]

A heap of about N objects, and what it costs to look at it from inside.

    mix     what a busy service holds: a third of the objects tracked, 1.6 references an object, a
            quarter of the heap replaced in random order, and 8 % garbage (in rings of five
            shapes) that no collection has seen
    list    one list of N integers
    chain   a linked list of N nodes
    star    one str with N referrers

Prints JSON lines about the heap: {"objects": ..., "tracked": ..., "edges": ..., "garbage": ...,
"G": ...}, then "ready". All of it is measured in forked children: the heap itself is never
collected or copied. Then every line on stdin is answered by a new single measurement of G, the
CPU seconds of one clean full gc.collect(); the end of stdin ends the program. With --core the
whole program is run in a process of its own, and leaves its core at OUT when it is ready. --quick
leaves out all but G.

`objects` counts what can be reached from the collector's lists; `edges` is the sum of
len(gc.get_referents(o)) over them; `garbage` is what gc.collect() returns.
"""

import ctypes
import collections
import datetime
import functools
import gc
import json
import os
import random
import sys
import time
import weakref

ROUNDS = 3               # children per G
SHARD = 1000             # records per list, so that no list is huge in the mix
OBJECTS_PER_RECORD = 5.3  # of the kinds below, in their proportions, measured
GARBAGE_SHARE = 0.0644   # tracked objects in garbage rings per object of the heap
CHURN_SHARE = 0.25

TAGS = ["tag%d" % number for number in range(100)]


class User:
    def __init__(self, number, name):
        self.number = number
        self.name = name
        self.email = name + "@example.org"
        self.balance = number * 0.25
        self.tag = TAGS[number % 100]
        self.team = TAGS[number % 10]
        self.plan = TAGS[number % 3]
        self.country = TAGS[number % 50]


class Event:
    __slots__ = ("when", "payload", "tag", "__weakref__")

    def __init__(self, when, payload, tag):
        self.when = when
        self.payload = payload
        self.tag = tag


class Node:
    __slots__ = ("next", "payload")


class Part:
    """Garbage: a node of a ring of instances."""


def instance(number, word):
    return User(number, word)


def materialised(number, word):
    user = User(number, word)
    user.__dict__  # the attributes move into a dict of their own
    return user


def slots(number, word):
    return Event(number * 0.5, word, TAGS[number % 100])


def lists(number, word):
    return [number, word, [number * 2, TAGS[number % 100]], TAGS[number % 9], TAGS[number % 8]]


def tuples(number, word):
    return (number, word, [number * 0.5, number + 1], TAGS[number % 7], TAGS[number % 6])


def dicts(number, word):
    return {"number": number, "name": word, "tags": [TAGS[number % 100], number + 7],
            "team": TAGS[number % 10], "plan": TAGS[number % 3]}


def sets(number, word):
    return {number, word, number + 1, TAGS[number % 100]}


def frozensets(number, word):
    return [frozenset((word, number)), number * 0.1]


def latin(number, word):
    return ["caf\u00e9 " + word, number * 0.5]


def wide(number, word):
    return ["\u4f60\u597d " + word, "\U0001f40d " + word, number]


def blobs(number, word):
    return [word.encode(), b"x" * (number % 90), 1 << (number % 200 + 64)]


def methods(number, word):
    return User(number, word).__repr__, Event(number, word, word).__class__


def closures(number, word):
    scale = number * 0.5

    def scaled():
        return scale, word

    return scaled


def weak(number, word):
    event = Event(number, word, TAGS[number % 100])
    return [event, weakref.ref(event)]


def deques(number, word):
    return collections.deque((number, word, number + 1), maxlen=8)


def dates(number, word):
    return [datetime.datetime(2020, 1, 1 + number % 28, number % 24, number % 60), word]


def ordered(number, word):
    return collections.OrderedDict(((word, number), ("tag", number + 1)))


def partials(number, word):
    return functools.partial(instance, number, name=word)


def counting(number, word):
    while True:
        yield number, word


def generators(number, word):
    generator = counting(number, word)
    next(generator)
    return generator


def errors(number, word):
    return ValueError(word, number)


# How many of a hundred records are of which kind.
KINDS = [(instance, 29), (materialised, 3), (slots, 9), (lists, 10), (tuples, 8), (dicts, 12),
         (sets, 4), (frozensets, 3), (latin, 3), (wide, 3), (blobs, 3), (methods, 1), (closures,
         2), (weak, 2), (deques, 2), (dates, 2), (ordered, 1), (partials, 1), (generators, 1),
         (errors, 1)]
MAKERS = [maker for maker, share in KINDS for _ in range(share)]


def record(number, chance):
    return MAKERS[int(chance() * 100)](number + 1000, "name %d" % number)


def pair(number):
    one, two = Part(), Part()
    one.other, two.other = two, one
    one.label = "pair %d" % number
    return 2


def self_list(number):
    ring = [number]
    ring.append(ring)
    return 1


def dict_ring(number):
    one = {"label": "dict %d" % number}
    one["child"] = [one]
    return 2


def slot_ring(number):
    first = last = Node()
    for place in range(5):
        last.payload = number + place
        last.next = Node() if place < 4 else first
        last = last.next
    return 5


def closure_ring(number):
    def again():
        return again, number

    return 4  # the function, its two cells and their tuple


RINGS = [pair, self_list, dict_ring, slot_ring, closure_ring]


def make_mix(objects, chance):
    records = int(objects / OBJECTS_PER_RECORD)
    shards = [[record(first + i, chance) for i in range(min(SHARD, records - first))]
              for first in range(0, records, SHARD)]
    # Churn: first many die, then as many are born in their places, in another order.
    victims = [int(chance() * records) for _ in range(int(records * CHURN_SHARE))]
    for victim in victims:
        shards[victim // SHARD][victim % SHARD] = None
    for count, victim in enumerate(victims):
        shards[victim // SHARD][victim % SHARD] = record(records + count, chance)
    gc.collect()
    wanted = objects * GARBAGE_SHARE
    made = number = 0
    while made < wanted:
        made += RINGS[number % len(RINGS)](number)
        number += 1
    return shards


def make_list(objects, chance):
    return list(range(1000, 1000 + objects))


def make_chain(objects, chance):
    head = None
    for _ in range(objects):
        node = Node()
        node.next = head
        node.payload = None
        head = node
    return head


def make_star(objects, chance):
    centre = "the one that all hold %d" % objects
    return [[centre] for _ in range(objects)]


SHAPES = {"mix": make_mix, "list": make_list, "chain": make_chain, "star": make_star}


def child(question):
    """The answer of a function that runs in a copy of this process; fork is libc's, so that no
    hook of Python runs.
    """
    reader, writer = os.pipe()
    pid = FORK()
    if pid == 0:
        status = 1
        try:
            os.write(writer, json.dumps(question()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    answer = b""
    while True:
        block = os.read(reader, 4096)
        if not block:
            break
        answer += block
    os.close(reader)
    if os.waitpid(pid, 0)[1] != 0:
        raise RuntimeError("a forked child failed")
    return json.loads(answer.decode())


def clean_collect():
    """The first collection frees the garbage and takes its own copy of every page; the second one
    is clean.
    """
    gc.collect()
    start = time.process_time()
    gc.collect()
    return time.process_time() - start


def measure_g():
    return sorted(child(clean_collect) for _ in range(ROUNDS))[ROUNDS // 2]


def count_garbage():
    return gc.collect()


def sum_referents():
    tracked = gc.get_objects()
    start = time.process_time()
    edges = sum(len(gc.get_referents(one)) for one in tracked)
    return [len(tracked), edges, time.process_time() - start]


def count_closure():
    """Every object that the collector's lists lead to, in rounds: its number and its references."""
    start = time.process_time()
    fresh = gc.get_objects()
    seen = set(map(id, fresh))
    keep = [fresh]
    edges = 0
    while fresh:
        nexts = []
        for one in fresh:
            referents = gc.get_referents(one)
            edges += len(referents)
            for other in referents:
                if id(other) not in seen:
                    seen.add(id(other))
                    nexts.append(other)
        keep.append(nexts)
        fresh = nexts
    return [len(seen), edges, time.process_time() - start]


def describe(shape, size, seed, quick):
    """One row; the figures of the functions above under names."""
    row = {"shape": shape, "n": size, "seed": seed,
           "python": "%d.%d.%d" % sys.version_info[:3], "G": measure_g()}
    if not quick:
        row["tracked"], row["tracked_edges"], row["get_referents_s"] = child(sum_referents)
        row["objects"], row["edges"], row["closure_s"] = child(count_closure)
        row["garbage"] = child(count_garbage)
    return row


def leave_core(out, words):
    """Runs this program again, in a process that ends as a core."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "programs"))
    import dump
    try:
        for line in dump.make_core(out, [sys.executable, os.path.abspath(__file__)] + words, 3600):
            print(line)
    except (dump.DumpError, OSError) as error:
        sys.exit("heapgen.py: %s" % error)


def parse(words):
    options = {"--shape": "mix", "--core": None, "--quick": False}
    numbers = []
    while words:
        word = words.pop(0)
        if word == "--quick":
            options[word] = True
        elif word in options and words:
            options[word] = words.pop(0)
        elif word.isdigit() and len(numbers) < 2:
            numbers.append(int(word))
        else:
            sys.exit("heapgen.py: what is %s?\n%s" % (word, __doc__.split("\n")[0]))
    if not numbers or options["--shape"] not in SHAPES:
        sys.exit(__doc__.split("\n")[0])
    return options["--shape"], options["--core"], options["--quick"], numbers[0], (numbers + [1])[1]


def raw_fork():
    """libc's fork, called with the interpreter lock held; os.fork where ctypes is missing."""
    try:
        return ctypes.PyDLL(None).fork
    except (OSError, AttributeError):
        return os.fork


def main():
    shape, core, quick, size, seed = parse(sys.argv[1:])
    if core:
        words = ["--shape", shape] + (["--quick"] if quick else []) + [str(size), str(seed)]
        leave_core(core, words)
        return
    global FORK, HEAP
    FORK = raw_fork()
    gc.disable()
    HEAP = SHAPES[shape](size, random.Random(seed).random)
    if shape != "mix":
        gc.collect()
    print(json.dumps(describe(shape, size, seed, quick)), flush=True)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps({"G": child(clean_collect)}), flush=True)
    os._exit(0)  # without freeing the heap object by object


main()
