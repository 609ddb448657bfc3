# SPDX-License-Identifier: GPL-3.0-or-later
"""Three greenlets wait for the main one: two in wait(), called by handle(), one in a generator that is on its stack."""
import sys
import time

import greenlet


class Request(object):
    def __init__(self, number):
        self.body = "request %d" % number


def handle(request):
    answer = [request, request.body.upper()]
    wait(answer)


def wait(answer):
    token = {"answer": answer}
    main.switch()
    return token


def numbers(first):
    main.switch()
    yield first


def consume(first):
    for number in numbers(first):
        return number


main = greenlet.getcurrent()
waiting = []
for work, argument in (handle, Request(1)), (handle, Request(2)), (consume, 77):
    waiting.append(greenlet.greenlet(work))
    waiting[-1].switch(argument)
del work, argument
ended = greenlet.greenlet(len)
ended.switch([])
fresh = greenlet.greenlet(len)

print("ready")
sys.stdout.flush()
time.sleep(1000)
