// SPDX-License-Identifier: GPL-3.0-or-later
// Telling values that never change apart: whether what lies at an address now can still be the
// object that lay there before.
//
// Does not know: heaps. An immutable object that has another value is another object; what has the
// same value may be the same. Owns: nothing. Cost: reads the value, of large ones the two ends.
#ifndef OURO_PY_OBJECTS_VALUE_H
#define OURO_PY_OBJECTS_VALUE_H

#include "py/python.h"
#include "py/objects/type.h"

enum value_kind {
    VALUE_NONE, // can change, or is not known here
    VALUE_STR,
    VALUE_BYTES,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_COMPLEX,
    VALUE_TUPLE,
    VALUE_METHOD,
};

// How the instances of a type are told apart. *whole: the value is all there is to them (no
// subclass, which may have attributes that change).
enum value_kind value_kind(const struct python *py, const struct type *type, bool *whole);

// The value as a number that is never 0; 0: it cannot be read. *whole is cleared where only a part
// of a large value was looked at: equal numbers say nothing then.
uint64_t value_mark(const struct python *py, enum value_kind kind, addr at, bool *whole);

#endif
