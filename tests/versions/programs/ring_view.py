# SPDX-License-Identifier: GPL-3.0-or-later
# A component of six objects whose shortest ring (e <-> f) does not contain its first member: the row's object lies on the ring.
#
# $ cycles --garbage
# @ [row["object"] in facts["ring"] for row in rows if "__main__.N" in row["ring"] or "N." in row["ring"]] == [True]
import gc
import json
import time

gc.collect()
gc.disable()


class N(object):
    pass


def build():
    a, b, c, d, e, f = [N() for _ in range(6)]
    a.nxt = b
    b.nxt = c
    c.nxt = d
    d.nxt = e
    e.nxt = f
    f.first = a
    e.peer = f
    f.back = e
    dicts = [e.__dict__, f.__dict__]
    return ["%#x" % id(one) for one in [e, f] + dicts]


RING = build()
print("fact ring %s" % json.dumps(RING))
print("ready", flush=True)
time.sleep(10000)
