# SPDX-License-Identifier: GPL-3.0-or-later
"""Rings with __del__, and the collector is off."""
# finds: low finalizer-rings 500 reference cycles of garbage with __main__.Connection.__del__() in each
# versions: all
import gc
import sys
import time


class Connection(object):
    def __init__(self):
        self.transaction = Transaction(self)

    def __del__(self):
        pass


class Transaction(object):
    def __init__(self, connection):
        self.connection = connection


gc.disable()
for _ in range(500):
    Connection()

print("ready")
sys.stdout.flush()
time.sleep(1000)
