# SPDX-License-Identifier: GPL-3.0-or-later
# builds: unseenext
# finds: low untraversed 300 rings through unseenext.Plain are never freed
# finds: low untraversed 200 rings through unseenext.Forgets are never freed
"""Callbacks given to an extension's objects, which refer back to these: the extension does not tell the collector."""
import sys

sys.path.insert(0, sys.argv[1])
import unseenext  # noqa: E402


class Window:
    def __init__(self, n):
        self.n = n
        self.buffer = [n] * 100


def open_plain(n):
    window = Window(n)
    window.widget = unseenext.Plain("window", window)


def open_forgetful(n):
    window = Window(n)
    window.widget = unseenext.Forgets("window", window)


for n in range(300):
    open_plain(n)
for n in range(200):
    open_forgetful(n)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
