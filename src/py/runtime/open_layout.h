// SPDX-License-Identifier: GPL-3.0-or-later
// Which layout an interpreter is read by: its own debug information's, a table's, its neighbours'; and whether memory
// agrees with it. Tables of other releases are tried in turn until one fits.
//
// Does not know: where the interpreter is, nor its version (open.c). Owns: nothing; the types are python_close()'s.
// Cost: some hundred reads per layout that is tried; gdb, where it is asked.
#ifndef OURO_PY_OPEN_LAYOUT_H
#define OURO_PY_OPEN_LAYOUT_H

#include "py/python.h"

// Chooses the best layout that memory agrees with, and reads the interpreters by it.
bool open_layout_settle(struct python *py, bool free_threaded, const struct python_options *options,
                        struct err *err);

// Adds a line to what is said of the target. The format has one %s.
void open_warn(struct python *py, const char *format, const char *detail);

#endif
