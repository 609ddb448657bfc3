// SPDX-License-Identifier: GPL-3.0-or-later
// glibc's malloc, seen from outside: its arenas, and every block of them, in use or free.
//
//      main arena     a variable of libc, found by its shape: bins that point at themselves
//      thread arenas  on the circle that begins there; each has heaps of at most 64 MiB
//      heap           | block | block | ... | top |        sizes lead from block to block
//      mapped         large blocks that are a mapping each, found by their header
//
// A block is free when the next one says so. Those in a thread's cache and in fast bins say
// that they are in use: they are found by their chains. No symbol and no version is asked for: what
// differs between versions is data (struct glibc_shape), and is chosen by what fits.
//
// Does not know: Python, musl, other allocators.
// Owns: all arrays. Borrows: the target, which must outlive it.
// Cost: one read per block, 16 bytes kept.
#ifndef OURO_MEMORY_GLIBC_MALLOC_H
#define OURO_MEMORY_GLIBC_MALLOC_H

#include "base/addr.h"
#include "base/err.h"
#include "target/residence.h"

#define GLIBC_HEADER 16 // between a chunk's address and what malloc() gave

enum glibc_state {
    GLIBC_USED,
    GLIBC_MAPPED, // in use, and a mapping of its own
    GLIBC_CACHED, // free, in a thread's cache
    GLIBC_FAST,   // free, in a fast bin
    GLIBC_FREE,   // free, in one of the other bins
    GLIBC_TOP,    // never cut, at the end of an arena
    GLIBC_FENCE,  // not a block: marks the end of a stretch
    GLIBC_STATES,
};

struct glibc_block {
    addr at;       // of the chunk: what malloc() gave lies GLIBC_HEADER bytes after it
    uint64_t word; // bytes of the chunk, a multiple of 16, and its state
};

static inline uint64_t glibc_size(const struct glibc_block *block)
{
    return block->word & ~(uint64_t)15;
}
static inline enum glibc_state glibc_state(const struct glibc_block *block)
{
    return (enum glibc_state)(block->word & 15);
}

struct glibc_arena {
    addr at, top;
    uint64_t system;                // bytes that it has from the system, as it counts
    bool is_main, contiguous, busy; // busy: its lock was held
};

// A stretch of memory that is cut into blocks.
struct glibc_heap {
    addr base;       // where it begins, with what is before its first block
    addr start, end; // of its blocks
    addr limit;      // end of what is reserved for it; `end` in the main arena
    uint32_t arena;
    size_t first, count; // blocks
    bool broken;         // what follows its last block could not be read as blocks
};

struct glibc_shape;

struct glibc {
    struct target *target;
    const struct glibc_shape *shape; // the version's; null: none found
    struct glibc_arena *arenas;      // the main one first; may be several of these
    size_t arena_count, arena_room;
    struct glibc_heap *heaps; // by address
    size_t heap_count, heap_room;
    struct glibc_block *blocks; // by heap, within one by address; then the mapped ones, by address
    size_t block_count, block_room;
    size_t mapped_first;                 // index of the first mapped block
    bool mapped_known;                   // glibc's own count of mapped blocks was found:
    uint64_t mapped_count, mapped_bytes; // and says so many. The blocks agree, or do not
    size_t caches;                       // threads' caches found
    uint32_t tries;                      // while looking for arenas
    uint64_t bytes[GLIBC_STATES], counts[GLIBC_STATES];
};

// Not finding any is no failure: then there are no arenas.
bool glibc_open(struct glibc *glibc, struct target *target, const struct residence *residence,
                struct err *err);
void glibc_close(struct glibc *glibc); // accepts a zeroed one

// Whether the address lies in the head of an arena, whose words are the allocator's own.
bool glibc_is_own(const struct glibc *glibc, addr at);

// The block that holds the address, in use or free, or null. Cost: two binary searches.
const struct glibc_block *glibc_block_of(const struct glibc *glibc, addr at);

// Whole pages that malloc_trim(0) would give back to the system, stretch by stretch, ascending in
// each arena.
typedef void glibc_visit(void *context, addr from, addr to);
void glibc_trim(const struct glibc *glibc, glibc_visit *visit, void *context);

#endif
