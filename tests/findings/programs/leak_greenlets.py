# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers wait in greenlets that nobody switches to any more; each keeps its request. No C code forgot anything."""
# imports: greenlet
# finds: medium suspended 2,000 greenlets of handle() leak_greenlets.py:* wait, in wait leak_greenlets.py:
# never: C code
# never: Py_DECREF
# versions: all
import sys
import time

import greenlet


class Request(object):
    def __init__(self, number):
        self.body = "x" * 5000 + str(number)


def handle(request):
    answer = [request, request.body.upper()]
    wait(answer)


def wait(answer):
    token = {"answer": answer}
    main.switch()
    return token


main = greenlet.getcurrent()
waiting = []
for number in range(2000):
    waiting.append(greenlet.greenlet(handle))
    waiting[-1].switch(Request(number))

print("ready")
sys.stdout.flush()
time.sleep(1000)
