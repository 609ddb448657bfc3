# SPDX-License-Identifier: GPL-3.0-or-later
"""All hangs from a local variable of main(): an application that remembers its sessions."""
# finds: low container local app.sessions* 600 __main__.Session
# finds: low container local app.by_day, a collections.defaultdict of 300
# versions: all
import collections
import sys
import time


class Session(object):
    def __init__(self, number):
        self.number = number
        self.seen = collections.deque(maxlen=10)


class Application(object):
    def __init__(self):
        self.sessions = set()
        self.by_day = collections.defaultdict(list)

    def open(self, number):
        self.sessions.add(Session(number))
        self.by_day[number % 300].append("visitor %d came at a certain hour, and left again" % number * 20)


def main():
    app = Application()
    for number in range(600):
        app.open(number)
    print("ready")
    sys.stdout.flush()
    time.sleep(1000)


main()
