// SPDX-License-Identifier: GPL-3.0-or-later
// Where objects start: the map between addresses and node numbers, one bit per 8 bytes of the
// memory that has objects.
//
//      address  =  chunk (512 KiB)  |  bit (8 bytes)
//      node     =  chunk's first node  +  set bits before it (a rank for every 64 bits)
//
// Against a hash table of addresses (24 bytes an object) the bits take a byte or two and stay in
// the cache. Does not know: what an object is. Owns: the chunks. While objects are being found bits
// come and go; place_number() fixes them, and only then are there numbers.
#ifndef OURO_HEAP_PLACE_H
#define OURO_HEAP_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define CHUNK_SHIFT 19
#define CHUNK_WORDS 1024 // 512 KiB / 8 bytes / 64 bits

struct place_chunk {
    addr base;
    uint32_t first; // the number of its first object; while finding: of the chunk, in order of
                    // creation
    uint16_t rank[CHUNK_WORDS]; // objects before each word
    uint64_t bits[CHUNK_WORDS];
    // While finding, both in a slab of the place's:
    uint64_t *held;    // targets of references that only hold
    uint64_t *visited; // the bits as they were when the collector's references were exhausted
};

struct place_slot {
    addr base; // 0: free
    struct place_chunk *chunk;
};

struct place {
    struct place_chunk **chunks; // in order of creation, from place_number on by address
    size_t count, capacity;
    struct place_slot *slots; // open addressing by base
    size_t slot_count;        // a power of two
    uint32_t node_count;
    uint32_t *guide; // from numbers to chunks, see place_addr
    bool failed;  // out of memory once
    void **slabs; // room for `held` and `visited`, a slab for many chunks: freed whole
    size_t slab_count, slab_room, slab_left;
};

static inline size_t place_hash(addr base, size_t slot_count)
{
    return (size_t)((base >> CHUNK_SHIFT) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (slot_count - 1);
}

// The chunk that holds the address, or null.
static inline struct place_chunk *place_chunk(const struct place *place, addr at)
{
    addr base = at >> CHUNK_SHIFT << CHUNK_SHIFT;
    if (!place->slot_count)
        return NULL;
    for (size_t i = place_hash(base, place->slot_count);; i = (i + 1) & (place->slot_count - 1)) {
        const struct place_slot *slot = &place->slots[i];
        if (slot->base == base)
            return slot->chunk;
        if (!slot->chunk)
            return NULL;
    }
}

static inline unsigned place_bit(addr at)
{
    return (unsigned)(at >> 3) & (CHUNK_WORDS * 64 - 1);
}

// While finding: greater for what a walk over the chunks in order of creation comes to later.
#define PLACE_END UINT64_MAX
static inline uint64_t place_position(const struct place_chunk *c, unsigned bit)
{
    return (uint64_t)c->first << 16 | bit;
}

static inline bool chunk_has(const uint64_t *bits, unsigned bit)
{
    return bits[bit >> 6] >> (bit & 63) & 1;
}

static inline void chunk_set(uint64_t *bits, unsigned bit)
{
    bits[bit >> 6] |= UINT64_C(1) << (bit & 63);
}

static inline void chunk_clear(uint64_t *bits, unsigned bit)
{
    bits[bit >> 6] &= ~(UINT64_C(1) << (bit & 63));
}

// The chunk that holds the address, made on first sight; null when out of memory.
struct place_chunk *place_make(struct place *place, addr at);

// Sorts the chunks, ranks the bits, numbers the objects. Fails when there are more than
// CSR_NODE_MAX of them.
bool place_number(struct place *place, struct err *err);

// Ends the finding: `held` and `visited` are no more.
void place_drop_scratch(struct place *place);
void place_free(struct place *place);

// Set bits of a word. Open-coded: a program for any x86-64 may not use the instruction, and the
// library's function is a call a reference.
static inline uint32_t place_ones(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

// The number of the object at a bit of the chunk, or NODE_NONE.
static inline node place_number_of(const struct place_chunk *c, unsigned bit)
{
    unsigned word = bit >> 6;
    uint64_t bits = c->bits[word];
    if (!(bits >> (bit & 63) & 1))
        return NODE_NONE;
    return c->first + c->rank[word] + place_ones(bits & ((UINT64_C(1) << (bit & 63)) - 1));
}

// Asks for what place_number_of() will look at.
__attribute__((always_inline)) static inline void place_prefetch(const struct place_chunk *c,
                                                                 unsigned bit)
{
    __builtin_prefetch(&c->bits[bit >> 6]);
    __builtin_prefetch(&c->rank[bit >> 6]);
}

// The number of the object that starts at the address, or NODE_NONE.
static inline node place_node(const struct place *place, addr at)
{
    const struct place_chunk *c = place_chunk(place, at);
    return c && !(at & 7) ? place_number_of(c, place_bit(at)) : NODE_NONE;
}

// The address of an object. Cost: a binary search over a few chunks, and one over the words of
// one.
addr place_addr(const struct place *place, node n);

// The last object that starts at or before the address, or NODE_NONE.
node place_before(const struct place *place, addr at);

// All objects in address order: for (place_begin(&w, place); place_next(&w);) use w.node, w.at.
struct place_walk {
    const struct place *place;
    size_t chunk;
    unsigned word;
    uint64_t left; // of the word
    addr start;    // where the word begins
    node node;
    addr at;
};
void place_begin(struct place_walk *walk, const struct place *place);
bool place_next_word(struct place_walk *walk); // the next word that has objects

static inline bool place_next(struct place_walk *walk)
{
    if (!walk->left && !place_next_word(walk))
        return false;
    walk->at = walk->start + (unsigned)__builtin_ctzll(walk->left) * (addr)8;
    walk->left &= walk->left - 1;
    walk->node++;
    return true;
}

#endif
