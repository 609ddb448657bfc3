# SPDX-License-Identifier: GPL-3.0-or-later
# Smashed objects are named, with who refers to them: an item with a wild type, a list whose items are elsewhere, a dict without its
# table. bytes shows the words.
#
# $ verify
# @ len(some(object=facts["items"])) == 1 and "0x4141414141414141 is not a type" in one(object=facts["items"])["problem"]
# @ facts["smashed"] in one(object=facts["items"])["problem"] and "[3]" in one(object=facts["items"])["problem"]
# @ {row["object"] for row in rows if row["object"]} == {facts["items"], facts["list"], facts["dict"]}
# @ all("refers to it" in row["problem"] for row in some(object=facts["list"]))
# $ referents __main__.ITEMS
# @ len(rows) >= 10 and facts["smashed"] in one(object=None)["preview"] and one(object=None)["edge"] == "[3]"
# $ referents __main__.LIST
# @ any("it says 3 items, none readable" in row["preview"] for row in rows if row["object"] is None)
# $ object __main__.LIST
# @ "it says 3 items, none readable" in [row["value"] for row in some(name="damage")] and "all found" not in values()["references"]
# $ object __main__.DICT
# @ "it says 2 items, none readable" in [row["value"] for row in some(name="damage")]
# $ object __main__.SOUND
# @ not some(name="damage") and not some(name="state")
# $ bytes {smashed} -n 4
# @ one(word="0x4141414141414141")
# $ bytes __main__.LIST
# @ "ob_item" in one(word="0x1234560")["what"] and one(what="type: list")["object"]
# @ any(row["what"].startswith("refcount") or "ob_ref_local" in row["what"] for row in rows)
# $ bytes __main__.TEXT
# @ any("needle" in row["what"] for row in rows)
import ctypes
import json
import time

WORD = object.__basicsize__ - 8
ITEMS = [object() for _ in range(10)]
LIST = [1, 2, 3]
DICT = {"a": 1, "b": 2}
SOUND = [1, 2, 3]
TEXT = "needle in the memory"


def smash(at, word):
    ctypes.c_uint64.from_address(at).value = word


def fact(name, value):
    print("fact %s %s" % (name, json.dumps(value)))


fact("items", "%#x" % id(ITEMS))
fact("list", "%#x" % id(LIST))
fact("dict", "%#x" % id(DICT))
fact("smashed", "%#x" % id(ITEMS[3]))
smash(id(ITEMS[3]) + WORD, 0x4141414141414141)
smash(id(LIST) + WORD + 16, 0x1234560)
smash(id(DICT) + WORD + 24, 0x7654320)
print("ready", flush=True)
time.sleep(10000)
