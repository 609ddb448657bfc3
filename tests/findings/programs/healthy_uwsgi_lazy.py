# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker of uWSGI with lazy-apps, that has loaded the application itself."""
import os
import sys
import types

TABLE = {n: [n, {"next": n + 1}] for n in range(60000)}
uwsgi = sys.modules["uwsgi"] = types.ModuleType("uwsgi")
uwsgi.numproc = 3
uwsgi.masterpid = os.getppid()
uwsgi.opt = {"master": True, "processes": b"3", "lazy-apps": True}
print("ready")
sys.stdout.flush()
sys.stdin.readline()
