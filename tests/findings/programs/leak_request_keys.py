# SPDX-License-Identifier: GPL-3.0-or-later
"""A dict whose keys are the requests themselves."""
# finds: low container __main__.Handler.seen* 500 __main__.Request
import sys
import time


class Request(object):
    def __init__(self, number):
        self.url = "/page/%d" % number


class Handler(object):
    seen = {}

    def handle(self, request):
        self.seen[request] = len(request.url)


handler = Handler()
for number in range(500):
    handler.handle(Request(number))

print("ready")
sys.stdout.flush()
time.sleep(1000)
