// SPDX-License-Identifier: GPL-3.0-or-later
// What stands between an unreachable object and its end: finalizers and weak references.
#ifndef OURO_PY_RUNTIME_FINALIZER_H
#define OURO_PY_RUNTIME_FINALIZER_H

#include <stdbool.h>

#include "py/python.h"
#include "py/objects/type.h"

// Whether tp_finalize would run code that may keep something: it has not run yet, and for a
// generator or coroutine, there is a suspended frame to unwind.
bool object_may_resurrect(const struct python *py, const struct type *type, addr at,
                          bool finalized);

// tp_del (2.7's __del__, and a few odd C types): never collected, nor what it reaches.
bool object_has_legacy_finalizer(const struct python *py, const struct type *type, addr at);

// The referent of a weak reference that has a callback; 0 when it is none, dead, or has no
// callback.
addr weakref_with_callback(const struct python *py, const struct type *type, addr at);

// The referent of one that has none, likewise.
addr weakref_plain(const struct python *py, const struct type *type, addr at);

// The refcount that the collector starts from; *immortal says that it leaves the object out.
int64_t gc_refcount(const struct python *py, addr at, bool *immortal);

#endif
