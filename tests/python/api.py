# SPDX-License-Identifier: GPL-3.0-or-later
"""api.py CORE OURO: what `import ouro` says of the demo's core, held against the program's own rows."""

import json
import subprocess
import sys

import ouro

core, program = sys.argv[1:3]


def rows(*words):
    out = subprocess.run([program, "--json", core] + list(words), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.decode().splitlines()][:-1]


def fails(kind, call):
    try:
        call()
    except kind as error:
        assert str(error), "no sentence"
        return str(error)
    raise AssertionError("nothing was raised")


heap = ouro.open(core)
kinds = {row["type"]: row for row in rows("types")}
assert {kind.name: kind.count for kind in heap.types} == {name: row["count"] for name, row in kinds.items()}
assert sum(kind.bytes for kind in heap.types) == sum(row["bytes"] for row in kinds.values())

everyone = heap["shop.sessions.Session.everyone"]
facts = {row["name"]: row["value"] for row in rows("object", "shop.sessions.Session.everyone")}
assert hex(everyone.address) == facts["address"] and everyone.size == facts["bytes"]
assert everyone.type == "list" and everyone.refcount == facts["refcount"] and everyone.preview == facts["preview"]
assert everyone.retained == rows("retained", "shop.sessions.Session.everyone")[0]["retained"]
items = everyone.items()
assert [key for key, _ in items] == list(range(500))
session = items[7][1]
assert session.attrs["user"].value() == "visitor 7"
longest = max(heap.objects(type="str", min_size=2000), key=lambda found: found.size)
assert len(longest.value()) > 1000 and len(longest.value().encode()) <= longest.size  # whole, however long
assert [(key, value.value()) for key, value in session.attrs["basket"].items()] == [("article", 7)]
assert session.path()[-1].name == "sys.modules['shop.sessions'].Session.everyone[7]"
assert any(r.object == everyone and r.edge == "[7]" for r in session.referrers())
lie = [r.slot for r in everyone.referents() if r.object != everyone]
assert len(set(lie)) == len(lie) and max(lie) - min(lie) == 8 * (len(lie) - 1), lie
assert session in {item for _, item in items} and session != everyone and heap[session.address] == session
assert session.gen in (0, 1, 2, "permanent") and session.attrs["user"].gen is None

assert len(list(heap.objects(type="Session"))) == 500 == len(list(heap.objects(type="shop.sessions.Sess*")))
garbage = list(heap.objects(garbage=True))
assert {hex(o.address) for o in garbage} == {row["object"] for row in rows("collect")} and garbage[0].collectable
assert len(list(heap.objects(min_size=100000))) == len([r for r in rows("objects", "--min-size", "100000")])

arrays = heap.arrays()
again = heap.arrays(retained=True)
assert list(arrays.address[:5]) == list(again.address[:5]), "asking for more moved what was there"
at = arrays.number(everyone.address)
assert {arrays.address[word & 0x3fffffff] for word in arrays.to[arrays.first[at]:arrays.first[at + 1]]} == \
    {r.object.address for r in everyone.referents()}
assert arrays.number(everyone.address + 8) is None and len(heap) == arrays.object_count == sum(k.count for k in heap.types)

assert heap.query("select count(*) n from objects where type = 'shop.sessions.Session'") == [{"n": 500}]
assert heap.command("types", "-n", "1").summary["command"] == "types"
assert "no option --nope" in fails(ouro.UsageError, lambda: heap.command("types", "--nope"))
fails(KeyError, lambda: heap["nothing.at.all"])
fails(ouro.Error, lambda: heap.query("select"))
fails(ouro.Error, lambda: everyone.value())
fails(ouro.Error, lambda: ouro.open("/dev/null"))
fails(ouro.Error, ouro.Heap.current)
fails(ouro.UsageError, lambda: next(heap.objects(type="NoSuchType")))
heap.close()
assert arrays.size[at] == facts["bytes"], "the arrays outlive the heap"
print("sound")
