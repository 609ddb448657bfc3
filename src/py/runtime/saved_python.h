// SPDX-License-Identifier: GPL-3.0-or-later
// A CPython of a saved heap: what python_open() found out, its types included, written and read
// back, so that nothing is looked for and no file of the target is needed.
//
// Does not know: objects. Owns: nothing of its own; python_restore() fills what python_close()
// frees.
#ifndef OURO_PY_RUNTIME_SAVED_PYTHON_H
#define OURO_PY_RUNTIME_SAVED_PYTHON_H

#include "base/store.h"
#include "py/python.h"

// how: whether with folders, warnings and the slots' names.
bool python_write(const struct python *py, enum disclosure how, struct store_out *out,
                  struct err *err);

bool python_restore(struct python *py, struct target *target, struct store *store,
                    enum disclosure how, struct err *err);

// Frees py->gc_states, and asks for them anew: what the collectors say now. False: out of memory.
bool python_keep_gc_states(struct python *py, struct err *err);

#endif
