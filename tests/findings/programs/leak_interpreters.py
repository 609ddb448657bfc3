# SPDX-License-Identifier: GPL-3.0-or-later
# imports: _xxsubinterpreters
# finds: low cache interpreter 1: app.Pricer.price has an unbounded lru_cache of 225 entries
# finds: low cache app.Pricer.price has an unbounded lru_cache of 300 entries
"""One module in two interpreters, as mod_wsgi has it, where the same cache grows."""
import os
import sys

import _xxsubinterpreters as interpreters

MODULE = """
import functools

class Pricer:
    def __init__(self):
        self.table = list(range(200))

    @functools.lru_cache(maxsize=None)
    def price(self, article):
        return [article]

def fill(count):
    for n in range(count):
        Pricer().price(n)
"""
with open(os.path.join(sys.argv[1], "app.py"), "w") as file:
    file.write(MODULE)
IMPORT = "import sys; sys.path.insert(0, %r); import app; app.fill(%d)"
other = interpreters.create()
interpreters.run_string(other, IMPORT % (sys.argv[1], 225))
exec(IMPORT % (sys.argv[1], 300))
print("ready")
sys.stdout.flush()
sys.stdin.readline()
