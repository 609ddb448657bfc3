# SPDX-License-Identifier: GPL-3.0-or-later
"""Three quarters of the heap are copies of three payloads: bytes, which sys.intern() does not take."""
# finds: medium duplicate-strings * texts duplicate others: 9
# says: duplicate-strings a dict of those already seen
# never: sys.intern
# versions: all
import sys
import time

keep = [bytes(bytearray(b"payload " * 2000 + b"%d" % (i % 3))) for i in range(600)]

print("ready")
sys.stdout.flush()
time.sleep(1000)
