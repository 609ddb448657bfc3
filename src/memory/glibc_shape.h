// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between versions of glibc's malloc, as data; and reading its words. Private to the
// glibc_*.c files.
//
// Owns, borrows: nothing.
#ifndef OURO_MEMORY_GLIBC_SHAPE_H
#define OURO_MEMORY_GLIBC_SHAPE_H

#include <string.h>

#include "memory/glibc_malloc.h"
#include "target/target.h"

#define GLIBC_BINS 127 // pairs of words: bin 1 is the unsorted one
#define GLIBC_LEAST 32 // bytes of a chunk
#define GLIBC_PAGE ((uint64_t)4096)
#define GLIBC_HEAP_MOST ((uint64_t)64 << 20) // a thread arena's heap is aligned to this
#define GLIBC_IN_USE 1                       // in a size word: the chunk before is
#define GLIBC_IS_MAPPED 2
#define GLIBC_FLAGS 7

struct glibc_shape {      // struct malloc_state, by offsets
    uint32_t fast, fasts; // fast bins and how many; 0: this version has none
    uint32_t top, bins, next, system;
    uint32_t size;
};

// struct tcache_perthread_struct, which is a block itself.
struct glibc_cache_shape {
    uint32_t chunk; // bytes of that block
    uint32_t width; // of a counter
    uint32_t bins, entries;
    bool counts_room; // counters say how many more fit, not how many there are
};

extern const struct glibc_cache_shape glibc_cache_shapes[];
extern const size_t glibc_cache_shape_count;

static inline bool glibc_word(const struct glibc *g, addr at, uint64_t *word)
{
    const void *view = target_view(g->target, at, 8);
    if (view)
        memcpy(word, view, 8);
    return view != NULL;
}

// --- glibc_find.c: a shape by its number, for saved heaps ---
size_t glibc_shape_number(const struct glibc_shape *shape);
const struct glibc_shape *glibc_shape_row(size_t number); // null: there is none

// --- glibc_walk.c ---
bool glibc_add_block(struct glibc *g, addr at, uint64_t size, enum glibc_state state,
                     struct err *err);
// All heaps of arena i.
bool glibc_walk(struct glibc *g, const struct residence *residence, uint32_t i, struct err *err);
// Puts the heaps in order. Needed before blocks can be found.
void glibc_sort_heaps(struct glibc *g);

// --- glibc_cached.c ---
// Marks what is in threads' caches and fast bins.
void glibc_mark_cached(struct glibc *g);

// --- glibc_mapped.c ---
// Adds the blocks that are mappings of their own.
bool glibc_find_mapped(struct glibc *g, const struct residence *residence, struct err *err);

#endif
