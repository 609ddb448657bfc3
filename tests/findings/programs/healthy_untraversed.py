# SPDX-License-Identifier: GPL-3.0-or-later
# builds: unseenext
"""The same extension, whose objects are used without rings, and one type that tells the collector all."""
import sys

sys.path.insert(0, sys.argv[1])
import unseenext  # noqa: E402


class Window:
    def __init__(self, n):
        self.n = n
        self.buffer = [n] * 100


kept = [unseenext.Plain("window", Window(n)) for n in range(300)]
kept += [unseenext.Forgets("window", Window(n)) for n in range(200)]
for n in range(200):
    window = Window(n)
    window.widget = unseenext.Tells("window", window)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
