# SPDX-License-Identifier: GPL-3.0-or-later
# builds: leakext
# finds: low native __main__.Frame are kept by C code alone
# finds: info native object * references that nobody accounts for
"""An extension forgets to give back one reference of each picture that it has shown, and many of one object."""
import sys

sys.path.insert(0, sys.argv[1])
import leakext  # noqa: E402


class Frame:
    def __init__(self, number):
        self.pixels = [number] * 200
        self.stream = None


def show(number):
    frame = Frame(number)
    leakext.take(frame, 1)
    leakext.take(PALETTE, 8)


PALETTE = object()
for n in range(4000):
    show(n)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
