# SPDX-License-Identifier: GPL-3.0-or-later
# imports: gunicorn
"""A worker of gunicorn that has loaded the application itself: it shared next to nothing of it, ever."""
import os
import sys

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

TABLE = {n: [n, {"next": n + 1}] for n in range(60000)}


class Application(BaseApplication):
    def load_config(self):
        self.cfg.set("workers", 4)

    def load(self):
        return lambda environ, start: []


def make_worker(age):
    return arbiter.worker_class(age, os.getppid(), [], arbiter.app, arbiter.timeout / 2.0, arbiter.cfg, arbiter.log)


arbiter = Arbiter(Application())
arbiter.WORKERS[1] = make_worker(1)
worker = make_worker(2)
worker.booted = True
print("ready")
sys.stdout.flush()
sys.stdin.readline()
