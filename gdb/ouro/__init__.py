# SPDX-License-Identifier: GPL-3.0-or-later
"""The heap of a CPython process, from its core dump or from outside.

    import ouro
    with ouro.open("core.42") as heap:
        for kind in heap.types[:5]:
            print(kind.name, kind.count, kind.bytes)
        cache = heap["app.CACHE"]
        print(cache.retained, [step.name for step in cache.path()])

The same module outside of gdb and in it (there, ouro.Heap.current() is the heap of gdb's process). No code runs in the
target. Python 3.8 and later; libouro.so does the work, in a process of its own.
"""

from ouro.heap import (Answer, Arrays, Cancelled, Error, Heap, Object, Reference, Step, Type, UsageError, attach, open)

__all__ = ["Answer", "Arrays", "Cancelled", "Error", "Heap", "Object", "Reference", "Step", "Type", "UsageError", "attach",
           "open"]
