// SPDX-License-Identifier: GPL-3.0-or-later
// Where objects start: the map between addresses and node numbers, one bit per 8 bytes of the
// memory that has objects.
//
//      address  =  chunk (512 KiB)  |  bit (8 bytes)
//      node     =  chunk's first node  +  set bits before it (a rank for every 64 bits)
//
// Where a hash table of addresses would take 24 bytes per object, the bits take one or two and stay in
// the cache. Does not know: what an object is. Owns: the chunks. While objects are being found bits
// come and go; address_map_number() fixes them, and only then are there numbers.
#ifndef OURO_HEAP_BUILD_ADDRESS_MAP_H
#define OURO_HEAP_BUILD_ADDRESS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define CHUNK_SHIFT 19
#define CHUNK_WORDS 1024 // 512 KiB / 8 bytes / 64 bits

struct address_map_chunk {
    addr base;
    uint32_t first; // the number of its first object; while finding: of the chunk, in order of
                    // creation
    uint16_t rank[CHUNK_WORDS]; // objects before each word
    uint64_t bits[CHUNK_WORDS];
    // While finding, both in a slab of the map's:
    uint64_t *held;    // targets of references that only hold
    uint64_t *visited; // the bits as they were when the collector's references were exhausted
};

struct address_map_slot {
    addr base; // 0: free
    struct address_map_chunk *chunk;
};

struct address_map {
    struct address_map_chunk *
        *chunks; // in order of creation, from address_map_number on by address
    size_t count, capacity;
    struct address_map_slot *slots; // open addressing by base
    size_t slot_count;              // a power of two
    uint32_t node_count;
    uint32_t *hints; // from numbers to words, see address_map_addr
    bool failed;     // out of memory once
    void **slabs;    // room for `held` and `visited`, a slab for many chunks: freed whole
    size_t slab_count, slab_room, slab_left;
};

static inline size_t address_map_hash(addr base, size_t slot_count)
{
    return (size_t)((base >> CHUNK_SHIFT) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (slot_count - 1);
}

// The chunk that holds the address, or null.
static inline struct address_map_chunk *address_map_chunk(const struct address_map *addresses,
                                                          addr at)
{
    addr base = at >> CHUNK_SHIFT << CHUNK_SHIFT;
    if (!addresses->slot_count)
        return NULL;
    for (size_t i = address_map_hash(base, addresses->slot_count);;
         i = (i + 1) & (addresses->slot_count - 1)) {
        const struct address_map_slot *slot = &addresses->slots[i];
        if (slot->base == base)
            return slot->chunk;
        if (!slot->chunk)
            return NULL;
    }
}

static inline unsigned address_map_bit(addr at)
{
    return (unsigned)(at >> 3) & (CHUNK_WORDS * 64 - 1);
}

// While finding: greater for what a walk over the chunks in order of creation comes to later.
#define ADDRESS_MAP_END UINT64_MAX
static inline uint64_t address_map_position(const struct address_map_chunk *c, unsigned bit)
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
struct address_map_chunk *address_map_make(struct address_map *addresses, addr at);

// Sorts the chunks, ranks the bits, numbers the objects. Fails when there are more than
// CSR_NODE_MAX of them.
bool address_map_number(struct address_map *addresses, struct err *err);

// Ends the finding: `held` and `visited` are no more.
void address_map_drop_scratch(struct address_map *addresses);
void address_map_free(struct address_map *addresses);

// Set bits of a word. Open-coded: a program for any x86-64 may not use the instruction, and the
// library's function is a call a reference.
static inline uint32_t address_map_ones(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

// The number of the object at a bit of the chunk, or NODE_NONE.
static inline node address_map_number_of(const struct address_map_chunk *c, unsigned bit)
{
    unsigned word = bit >> 6;
    uint64_t bits = c->bits[word];
    if (!(bits >> (bit & 63) & 1))
        return NODE_NONE;
    return c->first + c->rank[word] + address_map_ones(bits & ((UINT64_C(1) << (bit & 63)) - 1));
}

// Asks for what address_map_number_of() will look at.
__attribute__((always_inline)) static inline void
address_map_prefetch(const struct address_map_chunk *c, unsigned bit)
{
    __builtin_prefetch(&c->bits[bit >> 6]);
    __builtin_prefetch(&c->rank[bit >> 6]);
}

// The number of the object that starts at the address, or NODE_NONE.
static inline node address_map_node(const struct address_map *addresses, addr at)
{
    const struct address_map_chunk *c = address_map_chunk(addresses, at);
    return c && !(at & 7) ? address_map_number_of(c, address_map_bit(at)) : NODE_NONE;
}

// The address of an object. Cost: a hint for every 16 objects, and a search among the few words
// between two of them.
addr address_map_addr(const struct address_map *addresses, node n);

// The last object that starts at or before the address, or NODE_NONE.
node address_map_before(const struct address_map *addresses, addr at);

// All objects in address order: for (address_map_begin(&w, addresses); address_map_next(&w);) use w.node, w.at.
struct address_map_walk {
    const struct address_map *addresses;
    size_t chunk;
    unsigned word;
    uint64_t left; // of the word
    addr start;    // where the word begins
    node node;
    addr at;
};
void address_map_begin(struct address_map_walk *walk, const struct address_map *addresses);
// The same from a node on: address_map_next() comes to it first.
void address_map_begin_at(struct address_map_walk *walk, const struct address_map *addresses,
                          node first);
bool address_map_next_word(struct address_map_walk *walk); // the next word that has objects

static inline bool address_map_next(struct address_map_walk *walk)
{
    if (!walk->left && !address_map_next_word(walk))
        return false;
    walk->at = walk->start + (unsigned)__builtin_ctzll(walk->left) * (addr)8;
    walk->left &= walk->left - 1;
    walk->node++;
    return true;
}

#endif
