# SPDX-License-Identifier: GPL-3.0-or-later
# From 3.12 on an interned string is immortal: object, path and info say so. Before, it can go, and the table does not own it.
#
# $ object __main__.NAMES[5]
# @ [row["value"].split(":")[0] for row in some(name="interned")] == (["interned, and so immortal"] if facts["immortal"] else ["interned"])
# $ object __main__.PLAIN
# @ not some(name="interned")
# $ info
# @ not facts["immortal"] or values("heap")["interned_immortal"] > 2000
# @ not facts["immortal"] or values("heap")["interned_immortal_bytes"] > 2000 * 41
# $ path {ten} -n 9
# @ not facts["immortal"] or any("interned, and so immortal" in row["edge"] for row in rows)
import json
import sys
import time

NAMES = [sys.intern("name number %d" % n) for n in range(2000)]
PLAIN = "plain number %d" % len(NAMES)
REFCOUNT = sys.getrefcount(NAMES[5])
print("fact immortal %s" % json.dumps(REFCOUNT > 1 << 28))
print("fact ten %s" % json.dumps("%#x" % id(NAMES[10])))
print("ready", flush=True)
time.sleep(10000)
