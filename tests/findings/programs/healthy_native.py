# SPDX-License-Identifier: GPL-3.0-or-later
# builds: leakext
"""An extension that keeps one object in a variable, and is passed very many."""
import sys

sys.path.insert(0, sys.argv[1])
import leakext  # noqa: E402


class Frame:
    def __init__(self, number):
        self.pixels = [number] * 200


leakext.keep(Frame(0))
shown = [Frame(n) for n in range(4000)]
for frame in shown:
    leakext.take(frame, 0)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
