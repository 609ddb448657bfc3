// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps nearly empty arenas of pymalloc from being given back: an arena goes to the system only
// when nothing at all in it is in use, and a pool to another size only when nothing in the pool is.
//
// Does not know: why the objects live. Owns: the rows. Borrows: the heap.
// Cost: a pass over pymalloc's blocks.
#ifndef OURO_HEAP_MEMORY_PINNED_ARENAS_H
#define OURO_HEAP_MEMORY_PINNED_ARENAS_H

#include "heap/heap.h"

#define ARENA_PINS_SHARE 4 // an arena is nearly empty when at most one in so many bytes is in use
#define ARENA_PINS_NO_TYPE UINT32_MAX

struct arena_pin {          // objects of one type in nearly empty arenas
    uint32_t type;          // ARENA_PINS_NO_TYPE: blocks that are no objects: tables, items
    uint64_t count, bytes;  // of their blocks
    uint64_t arenas, alone; // that they are in, and in which nothing else is
    uint64_t gens[GEN_NONE + 1];
    node example;
    uint32_t place;  // that most of the objects hang under, where more than half do; else no more
    uint64_t placed; // than a guess; how many of them hang there
    uint64_t votes;
    size_t last; // the arena that was counted last
};

struct pinned_arenas {
    bool known;
    uint64_t arenas, arena_bytes;          // all of them
    uint64_t free_bytes;                   // in all of them, whole pools and blocks
    uint64_t sparse;                       // nearly empty arenas
    uint64_t pools, pool_bytes, pool_used; // nearly empty pools of the other arenas
    uint64_t sparse_bytes, sparse_used, sparse_blocks;
    struct arena_pin *rows; // by arenas, then blocks; the most first
    size_t count, room;
};

// place_of: of each object, the named place that it hangs under (heap/analysis/forest.h); null: not
// asked.
bool pinned_arenas_find(struct pinned_arenas *pins, const struct heap *heap,
                        const uint32_t *place_of, struct err *err);
void pinned_arenas_free(struct pinned_arenas *pins); // accepts a zeroed one

#endif
