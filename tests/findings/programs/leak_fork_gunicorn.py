# SPDX-License-Identifier: GPL-3.0-or-later
# imports: gunicorn
# finds: fork gunicorn has forked 3 workers, and gc.freeze() was not called: a full collection unshares up to
"""gunicorn's master, that has loaded the application before it forks. The base class of its workers has no instance."""
import sys

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

TABLE = {n: [n, {"next": n + 1}] for n in range(60000)}


class Application(BaseApplication):
    def load_config(self):
        for name, value in (("bind", "127.0.0.1:0"), ("workers", 3), ("preload_app", True), ("loglevel", "critical")):
            self.cfg.set(name, value)

    def load(self):
        return lambda environ, start: []


class Master(Arbiter):
    def spawn_workers(self):
        super().spawn_workers()
        print("ready")
        sys.stdout.flush()


Master(Application()).run()
