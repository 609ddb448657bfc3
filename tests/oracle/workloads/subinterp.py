# SPDX-License-Identifier: GPL-3.0-or-later
"""Subinterpreters with modules and garbage of their own; the picture is the main interpreter's."""
import gc
import sys

SOURCE = '''
import sys, collections
class Node: pass
a = Node(); a.me = a; a.data = [1, {'two': 2}]
del a
kept = [Node() for n in range(50)]
table = collections.OrderedDict(a=kept)
'''


def create():
    """Runs SOURCE in two new interpreters, by whichever module this version has for it."""
    for name in '_interpreters', '_xxsubinterpreters':
        try:
            module = __import__(name)
        except ImportError:
            continue
        made = []
        for _ in range(2):
            one = module.create()
            module.run_string(one, SOURCE)
            made.append(one)
        return module, made
    return None, None


def run(snapshot):
    gc.disable()
    module, made = create()
    if module is None:
        print('this interpreter has no module for subinterpreters')
        sys.exit(77)
    held = [{'main': [n]} for n in range(20)]
    ring = [held]
    ring.append(ring)
    del ring
    snapshot()
