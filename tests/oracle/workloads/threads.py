# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads in every state: waiting in C, waiting for the GIL in Python code, in a generator, in a
handler, with thread-locals, with garbage of their own."""
import gc
import os
import sys
import threading
import time

LOCAL = threading.local()
READY = []
LOCK = threading.Lock()
READ_END, WRITE_END = os.pipe()


class Node(object):
    pass


def ring():
    a = Node()
    a.me = a


def ready(name):
    LOCAL.name, LOCAL.data = name, [name]
    ring()
    READY.append(name)


def waits_for_a_lock(data):
    local = [data]
    ready('lock')
    with LOCK:
        local.append(1)


def reads_a_pipe(data):
    local = {'data': data}
    ready('pipe')
    os.read(READ_END, 1)
    return local


def sleeps(data):
    def deeper(n, held):
        if n:
            return deeper(n - 1, [held])
        ready('sleep')
        time.sleep(10000)
    deeper(20, data)


def waits_for_an_event(data):
    event = threading.Event()
    ready('event')
    event.wait()


def in_a_generator(data):
    def generator(held):
        yield 1
        ready('generator')
        LOCK.acquire()
        yield held
    for _ in generator([data]):
        pass


def in_a_handler(data):
    try:
        raise ValueError(data)
    except ValueError:
        ready('handler')
        LOCK.acquire()


def in_python(data):
    """Mostly without the GIL, so that truth.py's request for a long switch interval is seen."""
    count = 0
    ready('python')
    while True:
        count += 1
        if count % 1000 == 0:
            time.sleep(0.001)


def in_callback(data):
    ready('callback')
    sorted([1], key=lambda n: LOCK.acquire())


BODIES = [waits_for_a_lock, reads_a_pipe, sleeps, waits_for_an_event, in_a_generator, in_a_handler,
          in_callback] + ([in_python] if 't' not in getattr(sys, 'abiflags', '') else [])


def run(snapshot):
    LOCK.acquire()
    threads = []
    for n, body in enumerate(BODIES * 2):
        thread = threading.Thread(target=body, args=({'number': n, 'list': [n]},), name='t%d' % n)
        thread.daemon = True
        thread.start()
        threads.append(thread)
    done = threading.Thread(target=ready, args=('done',))
    done.start()
    done.join()
    while len(READY) < len(BODIES) * 2 + 1:
        time.sleep(0.01)
    time.sleep(0.2)
    gc.disable()
    LOCAL.name, LOCAL.main = 'main', [LOCAL]
    unstarted = threading.Thread(target=ready)
    snapshot()
    return unstarted
