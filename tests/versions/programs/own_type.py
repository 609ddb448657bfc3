# SPDX-License-Identifier: GPL-3.0-or-later
# Classes whose __class__ was set to themselves (h11 makes its sentinels so), or to one another: they are types and objects like others.
#
# $ verify
# @ not [row for row in rows if "no object" in row["problem"] or "lead to no" in row["problem"]]
# $ object {alone}
# @ one(name="type")["value"].endswith("CLIENT") and one(name="unexplained")["value"] == 0
# $ object {first}
# @ one(name="type")["value"].endswith("SECOND")
# $ referents __main__.KEPT
# @ [row["object"] for row in rows].count(facts["alone"]) == 2
# $ native --objects -t tuple
# @ not [row for row in rows if "CLIENT" in row["preview"]]
import gc
import json
import time


class Sentinel(type):
    def __new__(cls, name, bases, space):
        made = type.__new__(cls, name, bases, space)
        made.__class__ = made
        return made


class CLIENT(Sentinel, metaclass=Sentinel):
    pass


FIRST, SECOND = (type.__new__(Sentinel, name, (Sentinel,), {}) for name in ("FIRST", "SECOND"))
FIRST.__class__, SECOND.__class__ = SECOND, FIRST
KEPT = {CLIENT: CLIENT, FIRST: (SECOND, [CLIENT])}
gc.collect()
print("fact alone %s" % json.dumps(hex(id(CLIENT))))
print("fact first %s" % json.dumps(hex(id(FIRST))))
print("ready", flush=True)
time.sleep(10000)
