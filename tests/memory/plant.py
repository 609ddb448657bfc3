# SPDX-License-Identifier: GPL-3.0-or-later
"""plant.py LIBRARY FILE: has C memory in all ways, writes into FILE which blocks are whose, and stands still."""
import ctypes
import json
import os
import sys
import time

plant = ctypes.CDLL(sys.argv[1])
for name in ("plant_tree", "plant_chain"):
    getattr(plant, name).restype = ctypes.c_void_p
plant.plant_chain.argtypes = [ctypes.c_int, ctypes.c_void_p]
plant.plant_forget.argtypes = [ctypes.c_int, ctypes.c_size_t]
plant.plant_noted.restype = ctypes.c_size_t
notes = (ctypes.c_uint64 * 100000)()


class Document:
    """Holds C memory through one word of a ctypes object."""

    def __init__(self, pointer):
        self.pointer = ctypes.c_void_p(pointer)


def noted(make):
    """What make() returns, and the complements of the blocks that it made."""
    plant.plant_notes(notes)
    made = make()
    return made, list(notes[:plant.plant_noted()])


facts = {}
DOCUMENT, facts["tree"] = noted(lambda: Document(plant.plant_tree(10)))
END, facts["end"] = noted(lambda: plant.plant_chain(1, None))
FIRST, facts["first"] = noted(lambda: Document(plant.plant_chain(50, END)))
SECOND, facts["second"] = noted(lambda: Document(plant.plant_chain(50, END)))
del END
_, facts["variable"] = noted(lambda: plant.plant_in_variable(40))
_, facts["forgotten"] = noted(lambda: plant.plant_forget(2000, 4096))
_, facts["forgotten chain"] = noted(lambda: [plant.plant_chain(50, None) and None for _ in range(6)])
plant.plant_scrub(200)
facts["owners"] = {name: id(value.pointer) for name, value in
                   (("tree", DOCUMENT), ("first", FIRST), ("second", SECOND))}
with open(sys.argv[2] + ".new", "w") as file:
    json.dump(facts, file)
os.rename(sys.argv[2] + ".new", sys.argv[2])
del facts
ctypes.memset(notes, 0, ctypes.sizeof(notes))
time.sleep(1000)
