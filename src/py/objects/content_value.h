// SPDX-License-Identifier: GPL-3.0-or-later
// The value of an object that is one by itself: a number, a text, bytes. Whole, never shortened.
//
// Does not know: heaps. Owns, borrows: nothing. Cost: reads the value.
#ifndef OURO_PY_OBJECTS_CONTENT_VALUE_H
#define OURO_PY_OBJECTS_CONTENT_VALUE_H

#include "base/text.h"
#include "py/objects/type.h"
#include "py/python.h"

#define CONTENT_VALUE_MAX ((uint64_t)32 << 20) // characters, or bytes

enum content_kind {
    CONTENT_NONE, // it has none, or it is not known: None, an int beyond 64 bits, a text that is too
                  // long, cannot be read, or is no Unicode (lone surrogates)
    CONTENT_INT,
    CONTENT_REAL,
    CONTENT_TEXT, // UTF-8, in *bytes
    CONTENT_BYTES,
};

struct content_value {
    enum content_kind kind;
    int64_t integer;
    double real;
};

// Of int, bool, float, str, bytes (2.7: str) and their subclasses. *bytes is emptied first.
struct content_value content_value(const struct python *py, const struct type *type, addr at,
                                   struct text *bytes);

#endif
