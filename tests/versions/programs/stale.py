# SPDX-License-Identifier: GPL-3.0-or-later
# Blocks of dead objects that are used again for the memory beside others: an array of one number has that where the object had its
# refcount, and behind it, not written to, the object's type. They are the array's, and no objects.
#
# $ types -t object
# @ one(type="object")["count"] <= facts["objects"] + 50
# $ objects -t object -n 100000
# @ facts["some"] in [row["object"] for row in rows]
# @ not set(facts["buffers"]) & {row["object"] for row in rows}
# $ verify
# @ not [row for row in rows if "counted" in row["problem"]]
# $ types -t array.array
# @ one(type="array.array")["count"] == facts["arrays"]
import array
import json
import sys
import time

gone = [object() for _ in range(4000)]
keep = gone[::7]
del gone
numbers = [array.array("l", [n % 50 + 2]) for n in range(3500)]
texts = [bytearray(b"\1") for _ in range(100)]
print("fact objects %d" % len(keep))
print("fact arrays %d" % len(numbers))
print("fact some %s" % json.dumps(hex(id(keep[7])).rstrip("L")))
print("fact buffers %s" % json.dumps([hex(row.buffer_info()[0]).rstrip("L") for row in numbers]))
print("ready")
sys.stdout.flush()
time.sleep(10000)
