# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low exceptions 150 kept ValueError keep the locals of their tracebacks' frames alive, like __main__.SERVICE.failures[
"""A service that remembers its failures, each with its traceback, whose frames hold the request and the whole upload."""
import sys


class Upload(object):
    def __init__(self, n):
        self.n = n
        self.data = bytearray(20000)


class Service(object):
    def __init__(self):
        self.failures = []
        self.last = None

    def parse(self, upload):
        lines = upload.data.split(b"\n")
        raise ValueError("upload %d: %d lines" % (upload.n, len(lines)))

    def handle(self, upload):
        try:
            self.parse(upload)
        except ValueError as error:
            self.failures.append({"when": upload.n, "error": error})
            self.last = sys.exc_info()


SERVICE = Service()
for n in range(150):
    SERVICE.handle(Upload(n))
print("ready")
sys.stdout.flush()
sys.stdin.readline()
