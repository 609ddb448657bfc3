// SPDX-License-Identifier: GPL-3.0-or-later
// What built-in containers and texts have in them: how much, and whether a text is part of it.
//
// Does not know: who looks for it. Owns, borrows: nothing. Cost: a read, or a pass over the text.
#ifndef OURO_PY_OBJECTS_CONTENT_H
#define OURO_PY_OBJECTS_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "py/python.h"
#include "py/objects/type.h"

// len() of a list, tuple, dict, set, frozenset, str, bytes, bytearray, deque, or of a subclass.
// False: none of these.
bool content_length(const struct python *py, const struct type *type, addr at, uint64_t *length);

// How many items a list, dict, set, frozenset, bytearray or deque has memory for, before it asks
// for more. False: none of these, or a dict whose keys belong to its type.
bool content_room(const struct python *py, const struct type *type, addr at, uint64_t *room);

// How many bytes a memoryview or a numpy.ndarray shows, its own or another's. False: neither.
bool content_shown(const struct python *py, const struct type *type, addr at, uint64_t *bytes);

// Whether a str, bytes or bytearray contains the UTF-8 text.
bool content_has_text(const struct python *py, const struct type *type, addr at, const char *text);

#endif
