// SPDX-License-Identifier: GPL-3.0-or-later
// A CPython without symbols: a program with libpython inside that was stripped. Its static types know
// their names.
//
//      PyType_Type      the only static object that is its own type, and is called "type"
//      other types      static objects of that type, by tp_name
//      None, the dummy  the static object whose type is called so
//      _PyRuntime       a section of its own (.PyRuntime, which strip leaves), or the cookie of
//                       _Py_DebugOffsets (3.13 on)
//
// Does not know: layouts. ob_type follows the refcount, then come ob_size and tp_name, in all
// versions; free-threaded and Py_TRACE_REFS builds have two words more in front.
//
// Owns: nothing; the target keeps the names. Cost: a pass or two over the module's variables.
#ifndef OURO_PY_RUNTIME_UNNAMED_H
#define OURO_PY_RUNTIME_UNNAMED_H

#include "py/python.h"

// Whether there is one in the module: target_symbol() then answers for what was found. *lost: memory
// ran out.
bool unnamed_find(struct target *target, int module, bool *lost);

#endif
