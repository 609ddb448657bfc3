// SPDX-License-Identifier: GPL-3.0-or-later
// What is in the allocator's blocks: objects that nothing known refers to, and the census that
// `coverage` is made of. Private to src/heap.
//
//   1. alloc_open     looks at every block in use. That of a known object is counted; the rest has
//                     its bit in `left`, but for what is on a free list.
//   2. alloc_living   while objects are being found: those that the blocks left over look like,
//                     less those that lie in memory beside an object, where another one was before
// or 2. alloc_explain for the census: every object names the blocks beside it, a list's items, a
//                     dict's tables, ... Their bits go.
//   3. alloc_finish   the bits still set are dead objects, or blocks that nobody can name.
//
// Free-threaded builds have mimalloc's blocks instead of pymalloc's, and among them those that only
// hold memory.
//
// Owns: the arenas and the bits. Borrows: the heap.
// Cost: about 12 ns per block; one bit per 16 bytes of the arenas, while the heap is built.
#ifndef OURO_HEAP_BUILD_ALLOC_H
#define OURO_HEAP_BUILD_ALLOC_H

#include "heap/heap.h"
#include "py/memory/pymalloc.h"
#include "py/objects/type.h"

struct alloc {
    struct heap *heap;
    struct pymalloc pm;
    struct address_map
        others; // free-threaded builds: `left` for mimalloc's blocks, wherever they are
    bool threaded;
    bool lists_are_whole; // every tracked object was met in the collector's lists
    uint64_t
        *left; // blocks in use that are not explained yet: one bit per unit, at the block's start
    size_t arena_words; // words of `left` an arena
    unsigned unit_shift;
    size_t last;    // the arena that was asked for last
    addr low, high; // all blocks lie in here
    uint8_t *plans; // a type: enum plan
    size_t plan_count, plan_capacity;
    addr *chain; // blocks beside an object whose own words are still to be looked at
    size_t chain_count, chain_capacity;
};

// Objects that were in none of the known ones' references.
struct alloc_blocks {
    addr *objects;
    size_t count, capacity;
};

bool alloc_open(struct alloc *alloc, struct heap *heap, struct err *err);
bool alloc_living(struct alloc *alloc, struct alloc_blocks *blocks, struct err *err);
void alloc_explain(struct alloc *alloc, const struct type *type, addr at);
void alloc_finish(struct alloc *alloc);
void alloc_close(struct alloc *alloc); // accepts a zeroed one

// --- between alloc.c, alloc_live.c, alloc_buffers.c and alloc_less.c ---

// The arena that has the address, or null.
const struct pymalloc_arena *alloc_arena_of(struct alloc *alloc, addr at);
// Clears the block's bit; false when it was not set.
bool alloc_take(struct alloc *alloc, const struct pymalloc_arena *arena, addr block);
// The living object in a block, or 0; and whether there is one that has died but kept its type.
addr alloc_living_in(const struct alloc *alloc, addr block, const uint8_t *bytes, uint64_t size);
bool alloc_is_dead(const struct alloc *alloc, const uint8_t *bytes, uint64_t size);
// Takes out what lies in memory beside the objects that were found, or beside one another.
bool alloc_less_buffers(struct alloc *alloc, struct alloc_blocks *blocks);
// Clears and counts what the interpreters' free lists have.
void alloc_find_dead(struct alloc *alloc);

#endif
