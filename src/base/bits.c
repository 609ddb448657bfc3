// SPDX-License-Identifier: GPL-3.0-or-later
// A set of small numbers: see bits.h.
#include "base/bits.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { RUN_WORDS = 8 }; // words per rank

static size_t words_of(const struct bits *bits)
{
    return bits->size / 64 + (bits->size % 64 != 0);
}

bool bits_init(struct bits *bits, size_t size, struct err *err)
{
    *bits = (struct bits){ .size = size };
    bits->words = calloc(words_of(bits) + 1, sizeof *bits->words); // never zero bytes
    if (!bits->words) {
        bits->size = 0;
        return err_memory(err, "a set of bits");
    }
    return true;
}

void bits_fini(struct bits *bits)
{
    free(bits->words);
    free(bits->ranks);
    *bits = (struct bits)BITS_INIT;
}

void bits_clear_all(struct bits *bits)
{
    if (bits->size)
        memset(bits->words, 0, words_of(bits) * sizeof *bits->words);
}

void bits_set_all(struct bits *bits)
{
    if (!bits->size)
        return;
    memset(bits->words, 0xff, words_of(bits) * sizeof *bits->words);
    if (bits->size % 64)
        bits->words[bits->size / 64] = (UINT64_C(1) << bits->size % 64) - 1;
}

size_t bits_count(const struct bits *bits)
{
    size_t n = 0;
    for (size_t i = 0, words = words_of(bits); i < words; i++)
        n += (size_t)__builtin_popcountll(bits->words[i]);
    return n;
}

size_t bits_next(const struct bits *bits, size_t from)
{
    if (from >= bits->size)
        return bits->size;
    size_t i = from / 64, words = words_of(bits);
    uint64_t word = bits->words[i] >> from % 64 << from % 64;
    while (!word) {
        if (++i == words)
            return bits->size;
        word = bits->words[i];
    }
    return i * 64 + (size_t)__builtin_ctzll(word);
}

size_t bits_previous(const struct bits *bits, size_t from)
{
    if (!bits->size)
        return bits->size;
    if (from >= bits->size)
        from = bits->size - 1;
    size_t i = from / 64;
    unsigned above = 63 - from % 64;
    uint64_t word = bits->words[i] << above >> above;
    while (!word) {
        if (i-- == 0)
            return bits->size;
        word = bits->words[i];
    }
    return i * 64 + 63 - (size_t)__builtin_clzll(word);
}

bool bits_rank_build(struct bits *bits, struct err *err)
{
    size_t words = words_of(bits), runs = words / RUN_WORDS + 1;
    uint32_t *ranks = realloc(bits->ranks, runs * sizeof *ranks);
    if (!ranks)
        return err_memory(err, "the ranks of a set of bits");
    bits->ranks = ranks;
    uint64_t before = 0;
    for (size_t i = 0; i < words; i++) {
        if (i % RUN_WORDS == 0)
            ranks[i / RUN_WORDS] = (uint32_t)before;
        before += (uint64_t)__builtin_popcountll(bits->words[i]);
    }
    if (words % RUN_WORDS == 0)
        ranks[runs - 1] = (uint32_t)before;
    if (before > UINT32_MAX)
        return err_set(err, ERR_UNSUPPORTED, "more than 2^32 objects");
    return true;
}

size_t bits_rank(const struct bits *bits, size_t i)
{
    size_t word = i / 64, run = word / RUN_WORDS;
    size_t n = bits->ranks[run];
    for (size_t k = run * RUN_WORDS; k < word; k++)
        n += (size_t)__builtin_popcountll(bits->words[k]);
    if (i % 64)
        n += (size_t)__builtin_popcountll(bits->words[word] << (64 - i % 64));
    return n;
}
