# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector is off, and every request leaves a ring of two."""
# finds: low gc-off the collector is off
# finds: low garbage-rings 2,000 reference cycles of garbage through *Request.response*
# versions: all
import gc
import sys
import time


class Request(object):
    def __init__(self):
        self.response = Response(self)


class Response(object):
    def __init__(self, request):
        self.request = request
        self.body = ["body"] * 10


gc.disable()
for _ in range(2000):
    Request()
print("ready")
sys.stdout.flush()
time.sleep(1000)
