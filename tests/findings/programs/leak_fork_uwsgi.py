# SPDX-License-Identifier: GPL-3.0-or-later
# finds: fork one of 3 forked by uwsgi, and gc.freeze() was not called: a full collection unshares up to
"""What a worker of uWSGI has: its module, that is made in C, and here of the same names."""
import os
import sys
import types

TABLE = {n: [n, {"next": n + 1}] for n in range(60000)}
uwsgi = sys.modules["uwsgi"] = types.ModuleType("uwsgi")
uwsgi.numproc = 3
uwsgi.masterpid = os.getppid()
uwsgi.opt = {"master": True, "processes": b"3"}
print("ready")
sys.stdout.flush()
sys.stdin.readline()
