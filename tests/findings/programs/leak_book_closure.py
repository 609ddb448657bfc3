# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low closure 120 closures __main__.index.<locals>.report keep * alive through `document`
"""Callbacks made in a loop: each closes over the whole document to use its length, and waits in a list to be called."""
import sys


class Scheduler(object):
    def __init__(self):
        self.jobs = []

    def later(self, job):
        self.jobs.append(job)


SCHEDULER = Scheduler()


def index(n):
    document = {"id": n, "words": ["word %d" % i for i in range(300)]}

    def report():
        return len(document["words"])

    SCHEDULER.later(report)


for n in range(120):
    index(n)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
