// SPDX-License-Identifier: GPL-3.0-or-later
// What jemalloc's extents and musl's groups are cut into: pieces of memory, each in one state.
//
//      at             word
//      0x7f..1000     0x40 | USED        64 bytes in use
//      0x7f..1040     0x40 | FREE        64 more, free
//
// Does not know: what the states mean.
// Owns: the rows. Borrows: nothing.
// Invariant: sizes are multiples of 8, so that the low three bits of `word` are the state.
// Cost: 16 bytes a piece.
#ifndef OURO_MEMORY_MALLOC_PIECE_H
#define OURO_MEMORY_MALLOC_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define PIECE_STATES 8
#define PIECE_STATE (uint64_t)(PIECE_STATES - 1) // the bits of it

struct malloc_piece {
    addr at;
    uint64_t word; // its bytes and its state
};

static inline uint64_t piece_size(const struct malloc_piece *piece)
{
    return piece->word & ~PIECE_STATE;
}

static inline unsigned piece_state(const struct malloc_piece *piece)
{
    return (unsigned)(piece->word & PIECE_STATE);
}

struct malloc_pieces {
    struct malloc_piece *rows; // by address, without overlaps, once they are in order
    size_t count, room;
    uint64_t bytes[PIECE_STATES], counts[PIECE_STATES]; // by state, after pieces_tally()
};

// One more at the end; nothing where it is empty.
bool pieces_add(struct malloc_pieces *pieces, addr from, addr to, unsigned state, struct err *err);

// By address; of several that begin together the largest first.
void pieces_sort(struct malloc_pieces *pieces);

// Counts them by state: once, when they are as they stay.
void pieces_tally(struct malloc_pieces *pieces);

// The piece that holds the address, or null. Cost: a binary search.
const struct malloc_piece *pieces_find(const struct malloc_pieces *pieces, addr at);

void pieces_fini(struct malloc_pieces *pieces); // accepts a zeroed one

#endif
