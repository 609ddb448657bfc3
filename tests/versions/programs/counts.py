# SPDX-License-Identifier: GPL-3.0-or-later
# Free-threaded builds: a refcount has two parts and a state, and what is counted late has a bias that is not part of it.
# needs: 3.13t
#
# $ object {kept}
# @ values()["refcount"] == facts["kept_count"] and values()["ob_ref_local"] + values()["ob_ref_shared"] == facts["kept_count"]
# @ "late" not in values()["ref_state"]
# $ object __main__.late
# @ "counted late" in values()["ref_state"] and 0 < values()["refcount"] < 1000
# @ values()["ob_ref_local"] + values()["ob_ref_shared"] > values()["refcount"]
import json
import sys
import time


class Kept(object):
    pass


def late():
    pass


KEPT = Kept()
MORE = [KEPT] * 5
print("fact kept %s" % json.dumps("%#x" % id(KEPT)))
print("fact kept_count %d" % (sys.getrefcount(KEPT) - 1))
print("ready", flush=True)
time.sleep(10000)
