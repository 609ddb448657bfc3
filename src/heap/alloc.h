// SPDX-License-Identifier: GPL-3.0-or-later
// Objects that nothing known refers to, found in pymalloc's pools, and the census that `coverage` is made of. Private to src/heap.
#ifndef OURO_HEAP_ALLOC_H
#define OURO_HEAP_ALLOC_H

#include "heap/heap.h"

struct alloc_blocks {
    addr *objects;
    size_t count, capacity;
};

// Appends objects in used blocks that have no bit yet in heap->place, and fills heap->census. Free-listed objects are left out.
bool alloc_find(struct heap *heap, struct alloc_blocks *blocks, struct err *err);

#endif
