# SPDX-License-Identifier: GPL-3.0-or-later
"""namesprog FOLDER: objects of the extensions in FOLDER, in __main__.kept; says what is true of them, then "ready"."""
import json
import sys

sys.path.insert(0, sys.argv[1])
kept = {}
truth = {}
try:
    import namesext
except ImportError:
    pass
else:
    lists = tuple([i] for i in range(10))
    kept.update(namesext.make(lists))
    truth.update(namesext.offsets())
try:
    import namescy
except ImportError:
    pass
else:
    class Sub(namescy.Leaf):
        __slots__ = ("slot", "__dict__")

    node, leaf, sub, twin = namescy.Node("a"), namescy.Leaf("b"), Sub("c"), namescy.Twin()
    leaf.parent, sub.parent, sub.slot, sub.attr = node, leaf, [1], [2]
    node.parent = leaf
    leaf.put([3])
    sub.put([4])
    twin.fill(node, [5], [6])
    walk = namescy.walk([[7], [8]])
    next(walk)
    public = namescy.Public()
    public.fill([1], [2])
    kept.update(public=public, node=node, leaf=leaf, sub=sub, twin=twin, closure=namescy.closure([9], [10]), walk=walk)
try:
    import namesbind
except ImportError:
    pass
else:
    attributes, owner = namesbind.Attributes(), namesbind.Owner()
    attributes.attr = [11]
    owner.value, owner.items = [12], [13]
    kept.update(plain=namesbind.Plain(), attributes=attributes, owner=owner)
print(json.dumps(truth))
print("ready")
sys.stdout.flush()
sys.stdin.read()
