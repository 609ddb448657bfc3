// SPDX-License-Identifier: GPL-3.0-or-later
// Where the source of an object's code is: the file and line of a function, of a class by its first
// method, of an instance by its class.
//
// Does not know: the file itself. Owns: nothing. Cost: the references of a few objects.
#ifndef OURO_HEAP_NAMES_SOURCE_LINE_H
#define OURO_HEAP_NAMES_SOURCE_LINE_H

#include "base/text.h"
#include "heap/heap.h"

// Appends "/srv/app/orders.py:19"; false, and nothing, where no code says it: for what is written
// in C, and for classes without a method of their own.
bool source_of(const struct heap *heap, node n, struct text *out);

#endif
