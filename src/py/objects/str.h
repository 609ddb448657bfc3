// SPDX-License-Identifier: GPL-3.0-or-later
// Python text in a target: str of every kind, C strings, and the look-ups by name that other rooms
// need.
//
// Does not know: what the text is for. Everything appended is escaped: safe for a terminal.
#ifndef OURO_PY_OBJECTS_STR_H
#define OURO_PY_OBJECTS_STR_H

#include <stdbool.h>

#include "base/text.h"
#include "py/python.h"

struct str_view { // where the characters of a str lie
    const uint8_t *data;
    uint64_t length; // in characters
    unsigned width;  // bytes per character: 1, 2 or 4
    bool cut;        // only a part of it can be read
};

struct str_state { // the bit-fields of PyASCIIObject.state
    uint8_t kind;  // bytes per character: 1, 2 or 4; 0: none yet
    bool compact, ascii;
    bool ready; // true where there is no such bit
};

// `o` views sizeof_PyASCIIObject bytes of a str.
struct str_state str_state(const struct python *py, const uint8_t *o);

// Whether sys.intern() has it, and no longer as one that can go: 3.12 on, such a string is immortal.
bool str_is_interned(const struct python *py, addr at);

// False: not a readable str. Serves str and its subclasses; 2.7's unicode and str too.
bool str_view(const struct python *py, addr at, struct str_view *view);

// Appends at most `width` columns, "..." when cut, without quotes.
void str_append(const struct python *py, addr at, size_t width, struct text *out);

// Appends as repr() would, with quotes, at most `width` columns.
void str_append_quoted(const struct python *py, addr at, size_t width, struct text *out);

bool str_equals(const struct python *py, addr at, const char *ascii);

// Appends a C string of the target, at most `width` columns.
void str_append_c(const struct python *py, addr at, size_t width, struct text *out);

#endif
