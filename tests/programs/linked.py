# SPDX-License-Identifier: GPL-3.0-or-later
"""Two long chains: nodes that know the one before, and functions that call the one before. The last of each is of a class of its own."""
import sys
import time


class Node(object):
    def __init__(self, before):
        self.before = before


class End(object):
    before = None


class Http(object):
    def request(self, url):
        return url


class Inner(object):
    pass


def wrap(inner, keep=None):
    def request(url):
        return inner(url), keep
    return request


LAST = End()
for _ in range(3000):
    LAST = Node(LAST)
REQUEST = wrap(Http().request, Inner())
for _ in range(3000):
    REQUEST = wrap(REQUEST)

print("ready")
sys.stdout.flush()
time.sleep(1000)
