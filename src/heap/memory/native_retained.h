// SPDX-License-Identifier: GPL-3.0-or-later
// C memory that goes with an object: what only it, and what it dominates, leads to.
//
// A block belongs to the nearest object that dominates all objects from whose words it can be
// reached; one that a variable or a stack leads to as well belongs to nobody. Buffers that objects
// count in their own sizes are not counted again. As the words, so the sums are conservative.
//
// Owns: the arrays. Borrows: owners and dominators, while it works.
// Cost: every word of objects' bodies and of reached blocks is looked at once more; 12 bytes an
// object while it works, 8 kept.
#ifndef OURO_HEAP_MEMORY_NATIVE_RETAINED_H
#define OURO_HEAP_MEMORY_NATIVE_RETAINED_H

#include "heap/analysis/dominate.h"
#include "heap/memory/block_owners.h"

struct native_retained {
    uint64_t *bytes; // per object
    uint64_t held;   // by objects in all
    uint64_t free;   // reached from objects, but from variables or stacks, too
};

bool native_retained_find(struct native_retained *native, struct block_owners *owners,
                          const struct dominate *dominate, struct err *err);
void native_retained_free(struct native_retained *native); // accepts a zeroed one

#endif
