// SPDX-License-Identifier: GPL-3.0-or-later
// The checksum of a store's sections: four sums over words of eight bytes in turn, so that a
// processor works on all of them at once. Against accidents, not against forgery.
//
// Does not know: files. Bytes may come in any pieces.
#ifndef OURO_BASE_STORE_HASH_H
#define OURO_BASE_STORE_HASH_H

#include <stdint.h>
#include <string.h>

#define STORE_STRIDE ((size_t)32) // bytes that one round takes
#define STORE_PRIME UINT64_C(0x9fb21c651e98df25)

static inline void store_hash_begin(uint64_t hash[4])
{
    for (unsigned i = 0; i < 4; i++)
        hash[i] = STORE_PRIME * (i + 1);
}

static inline uint64_t store_hash_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * STORE_PRIME;
    return hash ^ hash >> 29;
}

// `size` is a multiple of STORE_STRIDE.
static inline void store_hash_add(uint64_t hash[4], const uint8_t *bytes, size_t size)
{
    uint64_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
    for (size_t i = 0; i < size; i += STORE_STRIDE) {
        uint64_t words[4];
        memcpy(words, bytes + i, sizeof words);
        a = store_hash_mix(a, words[0]);
        b = store_hash_mix(b, words[1]);
        c = store_hash_mix(c, words[2]);
        d = store_hash_mix(d, words[3]);
    }
    hash[0] = a, hash[1] = b, hash[2] = c, hash[3] = d;
}

// The last bytes, fewer than a stride, as if zeros followed; then the length.
static inline uint64_t store_hash_end(uint64_t hash[4], const uint8_t *tail, size_t size,
                                      uint64_t length)
{
    uint8_t last[STORE_STRIDE] = { 0 };
    if (size)
        memcpy(last, tail, size);
    store_hash_add(hash, last, sizeof last);
    uint64_t sum = length;
    for (unsigned i = 0; i < 4; i++)
        sum = store_hash_mix(sum, hash[i]);
    return sum;
}

static inline uint64_t store_hash(const uint8_t *bytes, size_t size)
{
    uint64_t hash[4];
    size_t whole = size - size % STORE_STRIDE;
    store_hash_begin(hash);
    store_hash_add(hash, bytes, whole);
    return store_hash_end(hash, bytes + whole, size - whole, size);
}

#endif
