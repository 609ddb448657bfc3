# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of gevent with a pool, a queue and some hundred clients at rest."""
# imports: gevent
# never: Py_DECREF
import sys
import time

import gevent
from gevent.event import Event
from gevent.pool import Pool
from gevent.queue import Queue

STOP = Event()
JOBS = Queue()


class Client(object):
    def __init__(self, number):
        self.number = number
        self.buffer = bytearray(200)


def serve(client):
    answer = {"client": client.number}
    STOP.wait()
    return answer


def work():
    for job in JOBS:
        job()


pool = Pool(1000)
for number in range(300):
    pool.spawn(serve, Client(number))
workers = [gevent.spawn(work) for _ in range(10)]
gevent.sleep(0.1)

print("ready")
sys.stdout.flush()
time.sleep(1000)
