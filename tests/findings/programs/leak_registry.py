# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers in a registry that hangs below an instance, and in an index beside it."""
# finds: low container __main__.REGISTRY.workers* 400 __main__.Worker
# finds: low container __main__.REGISTRY.by_name* 400 __main__.Worker
import sys
import time


class Worker(object):
    def __init__(self, name):
        self.name = name
        self.log = ["started"] * 20


class Registry(object):
    def __init__(self):
        self.workers = []
        self.by_name = {}

    def register(self, worker):
        self.workers.append(worker)
        self.by_name[worker.name] = worker


REGISTRY = Registry()
for number in range(400):
    REGISTRY.register(Worker("worker %d" % number))

print("ready")
sys.stdout.flush()
time.sleep(1000)
