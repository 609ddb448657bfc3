# SPDX-License-Identifier: GPL-3.0-or-later
"""100,000 mixed objects as a program would hold them, some of them let go."""
import gc


class User(object):
    def __init__(self, number):
        self.number = number
        self.name = u'user %d' % number
        self.tags = ['tag%d' % (number % 17), number]
        self.friend = None


class Event(object):
    __slots__ = ('user', 'payload', 'next')

    def __init__(self, user, payload):
        self.user, self.payload, self.next = user, payload, None


def run(snapshot):
    gc.disable()
    users = [User(n) for n in range(12000)]
    for n, user in enumerate(users):
        user.friend = users[(n * 7919) % len(users)]
    gc.collect()
    events = [Event(users[n % len(users)], {'n': n, 'data': (n, str(n),
                                                             [n])}) for n in range(12000)]
    for n in range(0, len(events) - 1, 2):
        events[n].next, events[n + 1].next = events[n + 1], events[n]
    gc.collect(0)
    index = dict((user.name, user) for user in users)
    groups = {}
    for user in users:
        groups.setdefault(user.tags[0], set()).add(user)
    del events[::3]
    snapshot()
    return index, groups
