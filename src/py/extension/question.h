// SPDX-License-Identifier: GPL-3.0-or-later
// What gdb/ouro/members.py is told of a type in C, so that it finds the struct of its instances.
//
// Does not know: what comes of it. Owns: nothing. Cost: reads the type object and its methods.
#ifndef OURO_PY_EXTENSION_QUESTION_H
#define OURO_PY_EXTENSION_QUESTION_H

#include "base/text.h"
#include "py/objects/type.h"

// The module (an index of the target's) of the functions that know the instances' members: those of
// tp_traverse, tp_clear and tp_dealloc that the type does not inherit. -1: there are none.
int question_module(const struct python *py, const struct type *type);

// Appends the lines of a question, without "type KEY ". Addresses are the file's own.
void question_write(const struct python *py, const struct type *type, int module, struct text *out);

#endif
