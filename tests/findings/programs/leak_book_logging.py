# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low log-handlers the logger 'shop.requests' has 800 handlers
"""A handler added to the logger at every request, and a finalize and an atexit callback that keep their arguments."""
import atexit
import io
import logging
import sys


class Request:
    def __init__(self, n):
        self.body = "body %d " % n * 100
        self.stream = io.StringIO()


def handle(n):
    request = Request(n)
    log = logging.getLogger("shop.requests")
    handler = logging.StreamHandler(request.stream)
    handler.request = request
    log.addHandler(handler)
    atexit.register(print, request)


for n in range(800):
    handle(n)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
