// SPDX-License-Identifier: GPL-3.0-or-later
// Whether any byte is counted twice: all objects and the blocks that belong to them are ranges of
// addresses, no two of which may overlap.
//
//      objects, by address:   [..a..]   [..b..][..c..]      each must end before the next begins
//      blocks, sorted:             [..a's items..]   ...    likewise, and none may lie in an object
//
// Does not know: who asks. Borrows: the heap. Owns: the list of blocks while it runs, 24 bytes each.
// Cost: two passes over the objects and a sort of the blocks.
#ifndef OURO_HEAP_RANGES_H
#define OURO_HEAP_RANGES_H

#include "heap/heap.h"

struct overlap {
    node a, b; // both count the bytes
    addr from, to;
    bool beside_a, beside_b; // in a block beside the object, not in itself
};

struct ranges {
    uint64_t count;       // stretches looked at
    uint64_t overlapping; // pairs that overlap
};

// found() is told each overlap; false ends it. Not for a heap without values, which has no memory.
bool heap_ranges(const struct heap *heap,
                 bool (*found)(void *context, const struct overlap *overlap), void *context,
                 struct ranges *ranges, const struct progress *progress, struct err *err);

#endif
