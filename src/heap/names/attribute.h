// SPDX-License-Identifier: GPL-3.0-or-later
// One reference of one object, by its name or by its slot.
//
// Does not know: what is inherited from a class. Owns, borrows: nothing.
// Cost: a member: one read; the others: the object's references with their names.
#ifndef OURO_HEAP_NAMES_ATTRIBUTE_H
#define OURO_HEAP_NAMES_ATTRIBUTE_H

#include "heap/heap.h"
#include "py/objects/content_value.h"

// The object that a member of CPython's struct points at, or NODE_NONE. offset < 0: there is none.
node heap_member(const struct heap *heap, node n, int32_t offset);

// What a reference of this name leads to (".__dict__", "['key']"), or NODE_NONE.
node heap_referent(const struct heap *heap, node n, const char *edge);

// An attribute of the object's own: `.name`, or ['name'] of its __dict__.
node heap_attribute(const struct heap *heap, node n, const char *name);

// The value of a str-keyed dict, or NODE_NONE. Cost: a look at every key.
node heap_item(const struct heap *heap, node dict, const char *key);

// The value of an object that is one by itself, whole: py/objects/content_value.h.
struct content_value heap_value(const struct heap *heap, node n, struct text *bytes);
bool heap_is_dict(const struct heap *heap, node n); // or of a subclass

#endif
