# SPDX-License-Identifier: GPL-3.0-or-later
# PyGObject's wrappers: their tp_traverse takes GLib's lock, and visits closures while nobody but the wrapper has the GObject.
#
# imports: gi
# $ object {model}
# @ values()["evidence"] == "traversed" and values()["referents"] == facts["referents"] and values()["unexplained"] == 0
# $ referents {model} -n 1000
# @ len(some(type="method")) == 50
# $ referrers {view}
# @ len(some(type="method")) == 1
# $ sql "SELECT count(*) AS n FROM objects WHERE type = '__main__.Model' AND evidence = 'guessed'"
# @ one(n=0)
import gc
import json
import sys
import time

import gi
gi.require_version("GObject", "2.0")
from gi.repository import GObject  # noqa: E402


class Model(GObject.GObject):
    __gsignals__ = {"changed": (GObject.SignalFlags.RUN_FIRST, None, ())}


class View(object):
    def __init__(self, model):
        self.model = model
        model.connect("changed", self.on_changed)

    def on_changed(self, model):
        pass


MODEL = Model()
VIEWS = [View(MODEL) for _ in range(50)]
RINGS = [View(Model()) for _ in range(20)]
gc.collect()
facts = {"model": hex(id(MODEL)), "view": hex(id(VIEWS[7])), "referents": len(gc.get_referents(MODEL))}
print("".join("fact %s %s\n" % (name, json.dumps(value)) for name, value in sorted(facts.items())) + "ready", flush=True)
time.sleep(10000)
