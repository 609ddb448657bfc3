# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low container __main__.Audited._trail, a list of 4,000, keeps
"""The textbook's class attribute: a mutable list that all instances share, filled through a mixin that nobody thinks of."""
import sys
import time


class Audited(object):
    _trail = []

    def note(self, what):
        self._trail.append((time.time(), self, what))


class Account(Audited):
    def __init__(self, number):
        self.number = number
        self.statement = "statement of account %d. " % number * 20
        self.note("opened")


def handle(number):
    account = Account(number)
    account.note("read")
    return account.number


for number in range(2000):
    handle(number)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
