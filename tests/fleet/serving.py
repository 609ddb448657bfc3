# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that stands still twice: serving.py SESSIONS GROWTH STUCK. Between the two it makes GROWTH sessions
more; STUCK is how many large things it has that its like have not."""
import sys


class Session(object):
    everyone = []

    def __init__(self, user):
        self.user = user
        Session.everyone.append(self)


class Stuck(object):
    def __init__(self):
        self.room = bytearray(10000)


def serve(count):
    for number in range(count):
        Session("user %d" % number)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


sessions, growth, stuck = [int(word) for word in sys.argv[1:]]
QUEUE = [Stuck() for _ in range(stuck)]
serve(sessions)
serve(growth)
