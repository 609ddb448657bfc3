// SPDX-License-Identifier: GPL-3.0-or-later
// Refcounts without some references: which fall to zero, and what falls in turn.
//
//      take out  a -> b        b's count is one less; at zero b is freed, and so are its references
//
// Counts are the stored ones, so that references nobody sees go on counting. Immortal objects do not
// fall.
//
// Does not know: why. Borrows: the heap. Owns: its tables, until fall_fini().
// Cost: the references of what falls. Memory: some 40 bytes for each object whose count changes.
#ifndef OURO_HEAP_ANALYSIS_FALL_H
#define OURO_HEAP_ANALYSIS_FALL_H

#include "base/map.h"
#include "heap/heap.h"

struct fall_count {
    node object;
    int64_t left;
};

struct fall {
    const struct heap *heap;
    struct map index, gone; // by object; by edge of the heap: taken out
    struct fall_count *counts;
    size_t count, capacity;
    node *queue; // what has fallen
    size_t queued, queue_capacity;
    size_t done;       // of the queue: their references are let go
    uint64_t followed; // references
};

bool fall_take_out(struct fall *fall, uint64_t edge, struct err *err); // once is enough
// One reference less that is no object's.
bool fall_drop(struct fall *fall, node n, struct err *err);
// Until nothing falls any more, or so many references were followed.
bool fall_go(struct fall *fall, uint64_t most, struct err *err);
void fall_fini(struct fall *fall);

static inline bool fall_is_gone(const struct fall *fall, uint64_t edge)
{
    return fall->gone.count && map_get(&fall->gone, edge) != MAP_NONE;
}

static inline bool fall_has_fallen(const struct fall *fall, node n)
{
    uint32_t at = map_get(&fall->index, n);
    return at != MAP_NONE && !fall->counts[at].left;
}

#endif
