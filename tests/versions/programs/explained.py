# SPDX-License-Identifier: GPL-3.0-or-later
# A collection explained, against a model of the collector: random graphs of young objects, some of them held by an old list.
#
# $ collect --explain {node0} -g 0
# @ agrees(facts, "node0", rows, summary)
# $ collect --explain {node1} -g 0
# @ agrees(facts, "node1", rows, summary)
# $ collect --explain {node2} -g 0
# @ agrees(facts, "node2", rows, summary)
# $ collect --explain {node3} -g 0
# @ agrees(facts, "node3", rows, summary)
# $ collect --explain {node4} -g 0
# @ agrees(facts, "node4", rows, summary)
# $ collect --explain {node5} -g 0
# @ agrees(facts, "node5", rows, summary)
# $ collect --explain {node6} -g 0
# @ agrees(facts, "node6", rows, summary)
# $ collect --explain {node7} -g 0
# @ agrees(facts, "node7", rows, summary)
# $ collect --explain {node8} -g 0
# @ agrees(facts, "node8", rows, summary)
# $ collect --explain {node9} -g 0
# @ agrees(facts, "node9", rows, summary)
#
# The same in stages: who is held from outside, who is reached from those, and who is not.
# $ collect --stage outside -g 0
# @ {at for at, one in facts["models"] if one["outside"]} == {row["object"] for row in rows} & {at for at, _ in facts["models"]}
# $ collect --stage reachable -g 0
# @ {at for at, one in facts["models"] if one["reached"] and not one["outside"]} == {row["object"] for row in rows} & {at for at, _ in facts["models"]}
# $ collect --stage unreachable -g 0
# @ {at for at, one in facts["models"] if not one["reached"]} == {row["object"] for row in rows} & {at for at, _ in facts["models"]}
# $ collect --stage candidates -g 0
# @ {at for at, _ in facts["models"]} <= {row["object"] for row in rows}
# $ collect --stages -g 0
# @ one(step="candidates")["count"] == sum(one(step=step)["count"] for step in ("outside", "reachable", "unreachable"))
# @ one(step="finalizers")["count"] >= 1 and one(step="weakrefs")["count"] >= 3
#
# A tail that hangs from a ring of two, one of which has a finalizer; three weak references to it.
# $ collect --explain {tail}
# @ [row["what"] for row in some(step="hangs")] == ["__main__.Node.c"] and len(some(step="ring")) == 2
# @ {row["what"] for row in some(step="ring")} == {"__main__.Node.a", "__main__.Last.a"} and some(step="gc_refs")[0]["count"] == 0
# @ [row["object"] for row in some(step="finalizer")] == [facts["last"]] and summary["uncertain"]
# @ len(some(step="weakref")) == 3 and len([row for row in some(step="weakref") if "then its callback runs" in row["what"]]) == 1
# @ len([row for row in some(step="weakref") if "garbage as well: its callback" in row["what"]]) == 1
#
# $ collect --explain {old} -g 0
# @ not (facts["generations"] and (len(rows) != 1 or summary["candidate"] or "generation 0 leaves it alone" not in rows[0]["what"]))
import gc
import json
import random
import sys
import time
import weakref


class Node(object):
    __slots__ = ("a", "b", "c", "__weakref__")


class Last(Node):
    __slots__ = ()

    def __del__(self):
        REFS.append(self)


class Ref(weakref.ref):
    pass


REFS = []
HOLD = []
BEFORE = Node()


def count_edges(edges, live):
    return [sum(edges[n].count(i) for n in live) for i in range(len(edges))]


def graph(count, held):
    """What the collector's algorithm says of each node: its count before and after, and its fate."""
    nodes = [Node() for _ in range(count)]
    edges = [[random.randrange(count) if random.random() < 0.4 else None for _ in range(3)] for _ in range(count)]
    for node, out in zip(nodes, edges):
        node.a, node.b, node.c = [None if to is None else nodes[to] for to in out]
    outside = [int(random.random() < held) for _ in range(count)]
    HOLD.extend(node for node, is_held in zip(nodes, outside) if is_held)
    live = list(range(count))
    inside = count_edges(edges, live)
    while [i for i in live if not inside[i] + outside[i]]:  # refcounts alone free these, and then perhaps more
        live = [i for i in live if inside[i] + outside[i]]
        inside = count_edges(edges, live)
    reached = [i for i in range(count) if outside[i]]
    for i in reached:
        reached += [to for to in edges[i] if to is not None and to not in reached]
    return [("0x%x" % id(nodes[i]), {"refcount": inside[i] + outside[i], "inside": inside[i], "outside": outside[i], "reached": i in reached})
            for i in live]


random.seed(19)
generations = "free-threading" not in sys.version and "t" not in getattr(sys, "abiflags", "").replace("m", "")
gc.collect()
gc.disable()
models = [pair for size in (3, 4, 5, 6, 8) for pair in graph(size, 0.2)]
ring, last, tail = Node(), Last(), Node()
ring.a, ring.c, last.a = last, tail, ring
REFS.append(weakref.ref(tail))
REFS.append(weakref.ref(tail, print))
ring.b = Ref(tail, print)
print("fact tail \"0x%x\"\nfact last \"0x%x\"\nfact old \"0x%x\"" % (id(tail), id(last), id(BEFORE)))
del ring, last, tail
print("fact generations " + json.dumps(generations))
print("fact models " + json.dumps(models))
some = models[:3] + models[-7:]
assert len(some) == 10 and len({(bool(one["outside"]), one["reached"]) for _, one in some}) == 3
for at in range(10):
    print("fact node%d \"%s\"\nfact model%d %s" % (at, some[at][0], at, json.dumps(some[at][1])))
print("ready", flush=True)
time.sleep(10000)
