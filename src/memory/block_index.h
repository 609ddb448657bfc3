// SPDX-License-Identifier: GPL-3.0-or-later
// From an address to the block that holds it, for millions of words that may be addresses.
//
//      stretch (blocks not further apart than 1 MiB)   | page | page | page | ...
//      page                                            the first block that ends after its start
//
// Does not know: whose the blocks are.
// Owns: the tables. Borrows: the rows, sorted by address and not overlapping.
// Cost: 4 bytes per page that the blocks span; a look-up is a compare for what lies outside, else
// a few loads.
#ifndef OURO_MEMORY_BLOCK_INDEX_H
#define OURO_MEMORY_BLOCK_INDEX_H

#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"

#define BLOCK_NONE UINT32_MAX

struct block_row {
    addr at;       // what malloc() gave
    uint64_t size; // bytes from there on that are the block's
};

struct block_stretch {
    addr start, end;
    size_t first; // in pages
};

struct block_index {
    const struct block_row *rows;
    uint32_t count;
    struct block_stretch *stretches;
    size_t stretch_count, stretch_room;
    uint32_t *pages;
    size_t page_count, page_room;
    addr low, high;
    size_t last; // the stretch that was hit last
};

bool block_index_open(struct block_index *index, const struct block_row *rows, uint32_t count,
                      struct err *err);
void block_index_close(struct block_index *index); // accepts a zeroed one

// Below the face: use block_index_find().
uint32_t block_index_look(struct block_index *index, addr at);

// The block that holds the address, its first byte or a later one; BLOCK_NONE.
static inline uint32_t block_index_find(struct block_index *index, addr at)
{
    return at - index->low < index->high - index->low ? block_index_look(index, at) : BLOCK_NONE;
}

#endif
