# SPDX-License-Identifier: GPL-3.0-or-later
"""A program whose names are markup: of classes, modules, attributes, functions, locals and keys. A report of it is
still one well-formed page."""
import gc
import sys
import time
import types

TAG = "</title></script><img src=x onerror=zyx()>"
STYLE = "\"'><style>*{display:none}</style><!--zyx"
JSLIKE = "javascript:zyx() \u202e\u2028 ${zyx} {{zyx}} ]]>"
NAMES = (TAG, STYLE, JSLIKE)

gc.disable()
KEEP = []
for number, name in enumerate(NAMES):
    module = types.ModuleType(name)
    sys.modules[name] = module
    kind = type(name, (object,), {"__module__": name})
    setattr(module, name, [kind() for _ in range(3000)])
    for thing in getattr(module, name):
        setattr(thing, name, name * 5 + str(number))
    a, b = kind(), kind()
    setattr(a, name, b)
    setattr(b, name, a)
    KEEP.append({name: bytearray(300000)})
    del a, b, thing


def wait():
    code = (lambda: time.sleep(600)).__code__
    if hasattr(code, "replace"):
        code = code.replace(co_name=TAG, co_filename=STYLE)
    vars()[TAG] = STYLE
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    types.FunctionType(code, globals(), TAG)()


wait()
