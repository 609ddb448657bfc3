// SPDX-License-Identifier: GPL-3.0-or-later
// How much C memory the objects of each type lead to.
//
// Does not know: what an object retains (heap/memory/native_retained.h); a block counts once, for
// the object that led to it first. Owns, borrows: nothing. Cost: a pass over the blocks.
#ifndef OURO_HEAP_MEMORY_NATIVE_TYPES_H
#define OURO_HEAP_MEMORY_NATIVE_TYPES_H

#include "heap/memory/block_owners.h"

struct native_type_sum {
    uint64_t bytes, blocks; // of malloc's, beyond what objects count
    uint64_t owners;        // objects that lead to them
    uint64_t objects;
    node first; // of the owners
};

// One per type (heap_type()), to be freed. Null: out of memory.
struct native_type_sum *native_types_find(const struct block_owners *blocks,
                                          const struct heap *heap, struct err *err);

#endif
