// SPDX-License-Identifier: GPL-3.0-or-later
// A set of nodes as plain 64-bit words, one bit per node.
//
// Does not know: how many nodes there are; the caller keeps node numbers in range.
// Owns: nothing; the words belong to the code that allocated marks_words(n) of them.
// Cost: an eighth of a byte per node, so that the set of ten million nodes stays in the cache.
#ifndef OURO_GRAPH_MARKS_H
#define OURO_GRAPH_MARKS_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t marks_words(uint32_t node_count)
{
    return ((uint64_t)node_count + 63) / 64;
}

static inline bool marks_has(const uint64_t *marks, uint32_t at)
{
    return marks[at >> 6] >> (at & 63) & 1;
}

static inline void marks_set(uint64_t *marks, uint32_t at)
{
    marks[at >> 6] |= (uint64_t)1 << (at & 63);
}

static inline void marks_clear(uint64_t *marks, uint32_t at)
{
    marks[at >> 6] &= ~((uint64_t)1 << (at & 63));
}

#endif
