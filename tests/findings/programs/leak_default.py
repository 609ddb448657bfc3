# SPDX-License-Identifier: GPL-3.0-or-later
"""The default argument that everybody shares."""
# finds: low default-argument the default of __main__.visit(seen=) is a list of 2,000
# finds: low default-argument the default of __main__.Cache.get(found=) is a dict of 300
# versions: all
import sys
import time


def visit(node, seen=[]):
    seen.append(node)
    return seen


class Cache(object):
    def get(self, key, *, found={}):
        return found.setdefault(key, str(key))


cache = Cache()
for number in range(2000):
    visit("node %d" % number)
    cache.get(number % 300)

print("ready")
sys.stdout.flush()
time.sleep(1000)
