#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""forked.py COMMAND...: runs the command with PID in it replaced by the number of a process that was forked in C.

As uWSGI does it, without Python's os.fork(): the interpreter's own notes of who it is are still the parent's.
First a line of JSON tells the number.
"""
import ctypes
import json
import os
import signal
import subprocess
import sys
import time

child = ctypes.PyDLL(None).fork()
while not child:
    time.sleep(1)
print(json.dumps({"child": child}))
sys.stdout.flush()
try:
    status = subprocess.call([str(child) if word == "PID" else word for word in sys.argv[1:]])
finally:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
sys.exit(status)
