# SPDX-License-Identifier: GPL-3.0-or-later
"""Views that subscribed and never unsubscribed; some with a functools.partial."""
# finds: low listeners __main__.BUS.listeners['changed'] holds 300 bound methods __main__.View.on_changed
# finds: low listeners __main__.BUS.listeners['closed'] holds 200 bound methods __main__.Window.on_closed
# versions: all
import functools
import sys
import time


class Bus(object):
    def __init__(self):
        self.listeners = {}

    def subscribe(self, topic, listener):
        self.listeners.setdefault(topic, []).append(listener)


class View(object):
    def __init__(self, bus):
        self.cells = [None] * 100
        bus.subscribe("changed", self.on_changed)

    def on_changed(self):
        pass


class Window(object):
    def __init__(self, bus):
        bus.subscribe("closed", functools.partial(self.on_closed, 1))

    def on_closed(self, how):
        pass


BUS = Bus()
for _ in range(300):
    View(BUS)
for _ in range(200):
    Window(BUS)

print("ready")
sys.stdout.flush()
time.sleep(1000)
