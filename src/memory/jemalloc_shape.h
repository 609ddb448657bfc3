// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between versions of jemalloc, as data; and its size classes. Private to the
// jemalloc*.c files.
//
// Owns, borrows: nothing.
#ifndef OURO_MEMORY_JEMALLOC_SHAPE_H
#define OURO_MEMORY_JEMALLOC_SHAPE_H

#include <string.h>

#include "memory/jemalloc.h"
#include "target/target.h"

#define JEMALLOC_PAGE ((uint64_t)4096)
#define JEMALLOC_SMALLS 36 // size classes that slabs are cut into

// The description of an extent begins with e_bits, e_addr and e_size_esn; a slab's bits come after
// (extent_structs.h, edata.h).
struct jemalloc_shape {
    uint8_t state, state_bits, szind, nfree; // where they begin in e_bits
    uint8_t bits;                            // where a slab's bits begin
    bool count_first; // a cache's bin has a count and the end of its stack, not its top
};

static inline bool jemalloc_word(const struct jemalloc *j, addr at, uint64_t *word)
{
    const void *view = target_view(j->target, at, 8);
    if (view)
        memcpy(word, view, 8);
    return view != NULL;
}

// 8; 16 to 128 in steps of 16; then four in each power of two (size_classes.h, sc.c).
static inline uint64_t jemalloc_class(uint32_t i)
{
    if (i <= 8)
        return i ? i * UINT64_C(16) : 8;
    uint64_t base = i < 200 ? UINT64_C(128) << ((i - 9) / 4) : 0;
    return base + base / 4 * ((i - 9) % 4 + 1);
}

// --- jemalloc_find.c: a shape by its number, for saved heaps ---
size_t jemalloc_shape_number(const struct jemalloc_shape *shape);
const struct jemalloc_shape *jemalloc_shape_row(size_t number); // null: there is none

// --- jemalloc_cached.c ---
// Marks what is in threads' caches, and notes where these are. The pieces are in order.
bool jemalloc_mark_cached(struct jemalloc *j, struct err *err);

#endif
