# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low listeners __main__.BUS._handlers holds 400 bound methods __main__.Dialog.repaint, and only they keep their __main__.Dialog alive
"""The lapsed listener: an event bus as a module's singleton, dialogs that subscribe methods and lambdas, and are closed."""
import sys


class Bus(object):
    def __init__(self):
        self._handlers = {}

    def on(self, event, handler):
        self._handlers.setdefault(event, set()).add(handler)

    def emit(self, event, *words):
        for handler in self._handlers.get(event, ()):
            handler(*words)


BUS = Bus()


class Dialog(object):
    def __init__(self, n):
        self.bitmap = bytearray(3000)
        self.title = "dialog %d" % n
        BUS.on("theme", self.repaint)
        BUS.on("language", lambda language: self.translate(language))

    def repaint(self, theme):
        self.theme = theme

    def translate(self, language):
        self.language = language

    def close(self):
        self.bitmap[:] = b""


def show(n):
    dialog = Dialog(n)
    BUS.emit("theme", "dark")


for n in range(400):
    show(n)
print("ready")
sys.stdout.flush()
sys.stdin.readline()
