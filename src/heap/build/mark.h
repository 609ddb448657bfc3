// SPDX-License-Identifier: GPL-3.0-or-later
// Setting the bits of addresses while objects are being found. Private to src/heap.
// Owns: nothing. Borrows: the heap.
#ifndef OURO_HEAP_BUILD_MARK_H
#define OURO_HEAP_BUILD_MARK_H

#include "heap/heap.h"

// The chunk of an address, made on first sight. Null where nothing can be read: garbage would ask
// for one with every word; and when memory ran out (addresses.failed).
static inline struct address_map_chunk *mark_chunk(struct heap *heap, addr at)
{
    struct address_map_chunk *c = address_map_chunk(&heap->addresses, at);
    if (c)
        return c;
    if (target_view(heap->py->target, at, 16))
        return address_map_make(&heap->addresses, at);
    heap->dropped++;
    return NULL;
}

// True when the bit was not set before.
static inline bool mark(struct heap *heap, addr at)
{
    struct address_map_chunk *c = mark_chunk(heap, at);
    unsigned bit = address_map_bit(at);
    if (!c || chunk_has(c->bits, bit))
        return false;
    chunk_set(c->bits, bit);
    return true;
}

// Asks for the bit. Always inline: gcc takes a function that only prefetches for one without an
// effect, and leaves calls of it out.
__attribute__((always_inline)) static inline void mark_prefetch(const struct heap *heap, addr at)
{
    const struct address_map_chunk *c = address_map_chunk(&heap->addresses, at);
    if (c)
        __builtin_prefetch(&c->bits[address_map_bit(at) >> 6], 1);
}

static inline bool mark_has(const struct heap *heap, addr at)
{
    const struct address_map_chunk *c = address_map_chunk(&heap->addresses, at);
    return c && chunk_has(c->bits, address_map_bit(at));
}

static inline void mark_clear(struct heap *heap, addr at)
{
    struct address_map_chunk *c = address_map_chunk(&heap->addresses, at);
    if (c)
        chunk_clear(c->bits, address_map_bit(at));
}

#endif
