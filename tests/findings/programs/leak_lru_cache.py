# SPDX-License-Identifier: GPL-3.0-or-later
"""lru_cache without a bound, on a function and on a method."""
# finds: low cache __main__.price has an unbounded lru_cache of 3,000 entries
# finds: low cache __main__.User.score has an unbounded lru_cache of 300 entries
# versions: all
import functools
import sys
import time


@functools.lru_cache(maxsize=None)
def price(article, visitor):
    return article * 100 + visitor + 0.5


class User(object):
    def __init__(self, name):
        self.name = name

    @functools.lru_cache(maxsize=None)
    def score(self):
        return len(self.name)


for number in range(3000):
    price(number % 50, number)
for number in range(300):
    User("user %d" % number).score()

print("ready")
sys.stdout.flush()
time.sleep(1000)
