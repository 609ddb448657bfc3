# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low arena-pins of Python's arenas are free*nearly empty arenas
# says: arena-pins tuple
"""A few of many small objects stay, spread over all arenas: none of them can be given back."""
import time

made = [("t", i) for i in range(500000)]
KEPT = made[::1000]
del made
print("ready", flush=True)
time.sleep(1000)
