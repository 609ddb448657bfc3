// SPDX-License-Identifier: GPL-3.0-or-later
// What C types say of themselves: the names of their members, and whose code they are.
//
// Owns, borrows: nothing. Cost: a walk over tp_members of the type and its bases.
#ifndef OURO_PY_OBJECTS_MEMBER_H
#define OURO_PY_OBJECTS_MEMBER_H

#include "py/objects/type.h"

// The name (a C string in the target) of the member that tp_members has at this offset as an
// object; 0: none.
addr type_member_at(const struct python *py, const struct type *type, int64_t offset);

// The module (an index of the target's) that a type in C comes from: where it lies, or where what
// it does not inherit lies. -1: a class in Python, or not known.
int type_module(const struct python *py, const struct type *type);

// Whether the module is CPython: the interpreter, or an extension of its standard library.
bool module_is_python(const struct python *py, int module);

#endif
