# SPDX-License-Identifier: GPL-3.0-or-later
# Where a reference lies: the word at `slot` is the object, tagged bits aside, and no two references of an object lie in one word.
# Each holder has leaves of its own, and none of their slots may be unknown.
#
# needs: 2.7
# $ referents {list}
# @ held(rows, facts["list_leaves"])
# @ [row["slot"] for row in sorted(rows, key=lambda row: row["edge"])] == facts["list_slots"]
# $ referents {tuple}
# @ held(rows, facts["tuple_leaves"])
# @ [row["slot"] for row in sorted(rows, key=lambda row: row["edge"])] == facts["tuple_slots"]
# $ referents {twice}
# @ held(rows, facts["twice_leaves"]) and len(rows) == 3
# $ referents {dict}
# @ held(rows, facts["dict_leaves"])
# $ referents {str_dict}
# @ held(rows, facts["str_dict_leaves"])
# $ referents {split}
# @ held(rows, facts["split_leaves"])
# $ referents {plain}
# @ held([row for row in rows if row["type"] != "dict"], facts["plain_leaves"]) if version >= (3, 11) else True
# $ referents {slotted}
# @ held(rows, facts["slotted_leaves"])
# $ referents {set}
# @ held(rows, facts["set_leaves"])
# $ referents {frozenset}
# @ held(rows, facts["frozenset_leaves"])
# $ referents {cell}
# @ held(rows, facts["cell_leaves"])
# $ referents {function}
# @ held(rows, facts["function_leaves"])
# $ referents {method}
# @ held(rows, facts["method_leaves"])
# $ referents {generator}
# @ held(rows, facts["generator_leaves"] if version >= (3, 11) else [])
# $ referents {deque}
# @ held(rows, facts["deque_leaves"])
# $ referents {ordered}
# @ held(rows, facts["ordered_leaves"])
# $ referents {default}
# @ held(rows, facts["default_leaves"])
# $ referents {exception}
# @ held(rows, facts["exception_leaves"])
# $ referents {partial}
# @ held(rows, facts["partial_leaves"])
# $ referents {class}
# @ held(rows, [])
# @ sum(row["slot"] is not None for row in rows) >= 4
# $ referrers {local}
# @ held([dict(row, object=facts["local"]) for row in rows], [facts["local"]])
# @ [row for row in rows if "local local" in row["edge"]][0]["slot"]
# $ sql "select target, slot, edge from refs where source = {list}"
# @ sorted(row["slot"] for row in rows) == facts["list_slots"]
# $ sql "select source, target as object, slot from refs where target = {shared}"
# @ held(rows, []) and len(rows) == 4 and all(row["slot"] for row in rows)
import collections
import ctypes
import functools
import json
import sys
import time

HOLDERS = {}
LEAVES = []


class Leaf(object):
    __slots__ = ("tag",)


def leaf():
    one = Leaf()
    LEAVES.append(one)
    return one


def hold(name, holder, leaves):
    HOLDERS[name] = (holder, leaves)


def few(count=3):
    return [leaf() for _ in range(count)]


class Plain(object):
    def __init__(self, values):
        self.first, self.second, self.third = values

    def act(self):
        pass


class Slotted(object):
    __slots__ = ("first", "second", "third")


def closed(inner):
    return lambda: inner


def generate(local):
    another = local
    yield another


def word(address):
    return ctypes.c_size_t.from_address(address).value


SHARED = leaf()
leaves = few()
hold("list", leaves, list(leaves))
leaves = few()
hold("tuple", tuple(leaves), leaves)
one, other = few(2)
hold("twice", [one, other, one], [one, other])
leaves = few(6)
hold("dict", {leaves[0]: leaves[1], leaves[2]: leaves[3], leaves[4]: leaves[5]}, leaves)
leaves = few()
hold("str_dict", {"a": leaves[0], "b": leaves[1], "c": leaves[2]}, leaves)
leaves = few()
split = Plain(leaves)
hold("split", vars(split), leaves)
Plain(few()), Plain(few())
leaves = few()
hold("plain", Plain(leaves), leaves)
leaves = few()
slotted = Slotted()
slotted.first, slotted.second, slotted.third = leaves
hold("slotted", slotted, leaves)
leaves = few(20)
hold("set", set(leaves), leaves)
leaves = few(2)
hold("frozenset", frozenset(leaves), leaves)
leaves = few(1)
hold("function", closed(None), [])
cell = closed(leaves[0]).__closure__[0]
hold("cell", cell, leaves)
method = Plain(few()).act
hold("method", method, [method.__self__])
leaves = few(1)
generator = generate(leaves[0])
next(generator)
hold("generator", generator, leaves)
leaves = few(100)
hold("deque", collections.deque(leaves), leaves)
leaves = few()
hold("ordered", collections.OrderedDict((number, one) for number, one in enumerate(leaves)), leaves)
leaves = few()
hold("default", collections.defaultdict(Leaf, enumerate(leaves)), leaves)
exception = ValueError(1)
hold("exception", exception, [exception.args])
leaves = few(1)
partial = functools.partial(leaf, *leaves)
hold("partial", partial, [partial.func, partial.args])
hold("class", Plain, [])
MANY = [[SHARED], (SHARED,), {"key": SHARED}]
del split, slotted, leaves, one, other


def stand(local):
    for name, (holder, leaves) in HOLDERS.items():
        print("fact %s %s" % (name, json.dumps(hex(id(holder)).rstrip("L"))))
        print("fact %s_leaves %s" % (name, json.dumps(sorted(hex(id(one)).rstrip("L") for one in leaves))))
    items = word(id(HOLDERS["list"][0]) + object.__basicsize__ + 8)
    print("fact list_slots %s" % json.dumps([hex(items + 8 * i).rstrip("L") for i in range(3)]))
    items = id(HOLDERS["tuple"][0]) + tuple.__basicsize__
    print("fact tuple_slots %s" % json.dumps([hex(items + 8 * i).rstrip("L") for i in range(3)]))
    print("fact local %s" % json.dumps(hex(id(local)).rstrip("L")))
    print("fact shared %s" % json.dumps(hex(id(SHARED)).rstrip("L")))
    print("ready")
    sys.stdout.flush()
    time.sleep(1000)


LEAVES = None
stand(Leaf())
