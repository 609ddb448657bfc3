# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low mappings callbacks that*closures have
"""A callback is made for each call, and kept: each takes one of libffi's closures."""
import ctypes
import time

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
KEPT = [CALLBACK(lambda x: x) for _ in range(60000)]
print("ready", flush=True)
time.sleep(1000)
