# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that keeps its last job while it waits for the next, and data of its own in a threading.local."""
# finds: low thread-locals local job keeps
# versions: all
import queue
import sys
import threading
import time


class Worker(threading.Thread):
    def __init__(self, jobs):
        threading.Thread.__init__(self)
        self.daemon = True
        self.jobs = jobs

    def run(self):
        while True:
            job = self.jobs.get()
            LOCAL.buffer = [len(job)]
            self.jobs.task_done()


LOCAL = threading.local()
jobs = queue.Queue()
Worker(jobs).start()
jobs.put(["part %d" % number for number in range(20000)])
jobs.join()
time.sleep(0.2)

print("ready")
sys.stdout.flush()
time.sleep(1000)
