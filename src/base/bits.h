// SPDX-License-Identifier: GPL-3.0-or-later
// A set of small numbers: one bit each, and on request how many set bits lie below a place.
//
// Does not know: what a bit stands for.
//
//     words | 64 bits | 64 bits | ...      bit i is word i/64, bit i%64; bits past `size` are zero
//     ranks | 0 | 37 | 80 | ...            set bits before each run of 512, made by bits_rank_build()
//
// Owns: both arrays. A zeroed one is a set of size 0. Cost: size/8 bytes, size/128 more for the
// ranks; bits_rank() counts at most eight words.
#ifndef OURO_BASE_BITS_H
#define OURO_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct bits {
    uint64_t *words;
    size_t size;     // in bits
    uint32_t *ranks; // null until bits_rank_build()
};

#define BITS_INIT                                                                                  \
    {                                                                                              \
        NULL, 0, NULL                                                                              \
    }

// An empty set of the numbers 0 .. size-1.
bool bits_init(struct bits *bits, size_t size, struct err *err);
void bits_fini(struct bits *bits);

static inline bool bits_test(const struct bits *bits, size_t i)
{
    return bits->words[i / 64] >> (i % 64) & 1;
}

static inline void bits_set(struct bits *bits, size_t i)
{
    bits->words[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline void bits_clear(struct bits *bits, size_t i)
{
    bits->words[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

// Sets the bit and says whether it was set before.
static inline bool bits_test_and_set(struct bits *bits, size_t i)
{
    uint64_t *word = &bits->words[i / 64];
    uint64_t mask = UINT64_C(1) << (i % 64);
    bool was = *word & mask;
    *word |= mask;
    return was;
}

// All bits to zero, or to one.
void bits_clear_all(struct bits *bits);
void bits_set_all(struct bits *bits);

// How many bits are set.
size_t bits_count(const struct bits *bits);

// The first set bit at `from` or after, or `size`. for (i = bits_next(b, 0); i < b->size;
// i = bits_next(b, i + 1)) visits them all.
size_t bits_next(const struct bits *bits, size_t from);

// The last set bit at `from` or before, or `size` when there is none.
size_t bits_previous(const struct bits *bits, size_t from);

// Counts the ranks, once the bits have their final values. Sets with 2^32 set bits are refused.
bool bits_rank_build(struct bits *bits, struct err *err);

// How many bits below `i` are set; i may be `size`. Needs the ranks.
size_t bits_rank(const struct bits *bits, size_t i);

#endif
