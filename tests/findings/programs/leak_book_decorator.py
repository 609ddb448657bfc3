# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low closure 2 closures __main__.Renderer.page keep * alive through `cache`
"""A memoizing decorator as everybody writes it once: a dict in the closure, keyed by the arguments, for ever."""
import functools
import sys


def memoize(function):
    cache = {}

    @functools.wraps(function)
    def wrapper(*args):
        if args not in cache:
            cache[args] = function(*args)
        return cache[args]
    return wrapper


class Renderer(object):
    @memoize
    def page(self, n):
        return "<html>%s</html>" % ("<p>%d</p>" % n * 40)


@memoize
def thumbnail(name, size):
    return bytearray(size)


renderer = Renderer()
for n in range(3000):
    renderer.page(n)
for n in range(500):
    thumbnail("picture%d" % n, 1500)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
