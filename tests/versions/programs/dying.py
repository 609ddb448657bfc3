# SPDX-License-Identifier: GPL-3.0-or-later
# Objects on their way out are called that: one whose deallocator runs, and those that a collection has found unreachable and keeps on a list
# of its own, while a finalizer of one of them runs.
#
# $ object {first}
# @ facts["free_threaded"] or "had found it unreachable" in values()["state"] and values()["tracked"] in (True, "yes") and values()["gen"] is None
# $ object {last}
# @ facts["free_threaded"] or "had found it unreachable" in values()["state"]
# $ object {behind}
# @ facts["free_threaded"] or "had found it unreachable" in values()["state"]
# $ object {alive}
# @ "state" not in values()
# $ findings
# @ facts["free_threaded"] or "a collection was running: " in one(kind="collecting")["what"]
import gc
import json
import sys
import time
import weakref


class Node(object):
    def __init__(self):
        self.me = self


class Last(Node):
    def __del__(self):
        tell()


def tell():
    print("".join("fact %s %s\n" % (name, json.dumps(value)) for name, value in sorted(facts.items())) + "ready", flush=True)
    time.sleep(10000)


gc.disable()
facts = {"free_threaded": "t" in getattr(sys, "abiflags", "").replace("m", "")}
nodes = [Node() for _ in range(20)] + [Last()] + [Node() for _ in range(20)]
facts["first"], facts["last"], facts["behind"] = hex(id(nodes[0])), hex(id(nodes[20])), hex(id(nodes[40]))
ALIVE = Node()
facts["alive"] = hex(id(ALIVE))
del nodes[:]
gc.collect()
