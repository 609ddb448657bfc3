// SPDX-License-Identifier: GPL-3.0-or-later
// jemalloc's memory, seen from outside: its extents, and every region of them, in use or free.
//
//      radix tree   a table of 2^18 words among a library's variables; each leads to a leaf of 2^18
//                   words, one per page of that GiB: where the page's extent is described
//      extent       pages: one large block, or cut into regions of one size (a slab), or kept free
//      slab         has a bit for each region, set when it is free
//      cache        of a thread: stacks of blocks, by size, which their slabs still call used
//      base         blocks of 2 MiB and more in which descriptions, leaves and caches lie
//
// No symbol and no version is asked for: a table is jemalloc's when what its leaves lead to says of
// itself that it lies at that very page. What differs between 5.1 and 5.3 is data (struct
// jemalloc_shape), and is chosen by what fits. Slabs whose bits and count of free regions disagree
// are left out and counted (`odd`).
//
// Does not know: Python; pages other than of 4 KiB; addresses of more than 48 bits; a thread's cache
// that lies in no thread-local variables (explicit ones).
// Owns: the pieces. Borrows: the target and its residence, which must outlive it.
// Cost: a look at the variables of libraries that have 2 MiB of them, 2 MiB per GiB in use, and 16
// bytes kept per region.
#ifndef OURO_MEMORY_JEMALLOC_H
#define OURO_MEMORY_JEMALLOC_H

#include "base/addr.h"
#include "base/err.h"
#include "memory/malloc_piece.h"
#include "target/residence.h"

enum jemalloc_state {
    JEMALLOC_USED,
    JEMALLOC_CACHED, // free, in a thread's cache
    JEMALLOC_FREE,   // a region of a slab that has others in use
    JEMALLOC_SLACK,  // of an extent, beside its blocks
    JEMALLOC_DIRTY,  // free pages that are kept for a while
    JEMALLOC_MUZZY,  // free pages that the system may take (MADV_FREE)
    JEMALLOC_RETAINED,
    JEMALLOC_BASE,
    JEMALLOC_STATES,
};

_Static_assert((int)JEMALLOC_STATES <= PIECE_STATES, "a piece's word has room for the state");

struct jemalloc_shape;

struct jemalloc {
    struct target *target;
    const struct residence *residence;
    const struct jemalloc_shape *shape; // null: none found
    struct malloc_pieces pieces;        // their states: enum jemalloc_state
    addr reached;                       // while looking: the end of the last extent
    size_t extents, slabs, caches;
    size_t *own; // pieces in use that are its own: the stacks of threads' caches; ascending
    size_t own_count, own_room;
    size_t odd; // extents that make no sense: being changed, or damaged
};

// Not finding any is no failure.
bool jemalloc_open(struct jemalloc *jemalloc, struct target *target,
                   const struct residence *residence, struct err *err);
void jemalloc_close(struct jemalloc *jemalloc); // accepts a zeroed one

// Whether a piece in use is jemalloc's own.
bool jemalloc_is_own(const struct jemalloc *jemalloc, size_t piece);

#endif
