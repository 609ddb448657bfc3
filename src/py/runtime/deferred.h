// SPDX-License-Identifier: GPL-3.0-or-later
// References that free-threaded builds count elsewhere than in the object, from 3.14 on.
//
//      a thread's table    how often it counted a type, a code object, a dict of globals: a
//                          collection adds that to the object
//      a running frame     stack references without a count: a collection adds one for each
//
// Does not know: which objects there are. None of this exists in 3.13 or in builds with a GIL.
// Owns: nothing. Cost: the threads' tables, and their frames' slots.
#ifndef OURO_PY_RUNTIME_DEFERRED_H
#define OURO_PY_RUNTIME_DEFERRED_H

#include <stdint.h>

#include "py/python.h"

typedef void deferred_take(void *context, addr object, int64_t count);

// Hands over every count that is missing in the refcount of an object of that interpreter.
void deferred_each(const struct python *py, size_t interpreter, deferred_take *take, void *context);

// Only those of the threads' tables: they are references that something owns.
void deferred_counts(const struct python *py, size_t interpreter, deferred_take *take,
                     void *context);

#endif
