// SPDX-License-Identifier: GPL-3.0-or-later
// What is in pymalloc's blocks: objects that nothing known refers to, and the census that `coverage` is made of. Private to src/heap.
//
// In free-threaded builds the blocks are mimalloc's, and those that only hold memory are among them.
//
//   1. alloc_find     every block in use: one of a known object is counted, one whose words look like a living object is one to look
//                     at, the rest keeps its bit in `left`. Free-listed objects are recognised first, and never are objects.
//   2. alloc_explain  an object being read names the blocks beside it: a list's items, a dict's tables, ... Their bits go.
//   3. alloc_finish   the bits still set are objects found meanwhile, dead objects, or blocks that nobody can name
//
// Owns: the arenas and the bits. Borrows: the heap. Cost: a bit for every 16 bytes of the arenas, while the heap is built.
#ifndef OURO_HEAP_ALLOC_H
#define OURO_HEAP_ALLOC_H

#include "heap/heap.h"
#include "py/pymalloc.h"
#include "py/type.h"

struct alloc {
    struct heap *heap;
    struct pymalloc pm;
    struct place others;   // free-threaded builds: `left` for mimalloc's blocks, wherever they are
    bool threaded;
    uint64_t *left;        // blocks in use that are not explained yet: a bit a unit, at the block's start
    size_t arena_words;    // words of `left` an arena
    unsigned unit_shift;
    size_t last;           // the arena that was asked for last
    addr low, high;        // all blocks lie in here
    uint8_t *plans;        // a type: enum plan
    size_t plan_count, plan_capacity;
    addr *chain;           // blocks beside an object whose own words are still to be looked at
    size_t chain_count, chain_capacity;
};

// Objects that were in none of the known ones' references.
struct alloc_blocks {
    addr *objects;
    size_t count, capacity;
};

bool alloc_find(struct alloc *alloc, struct heap *heap, struct alloc_blocks *blocks, struct err *err);
void alloc_explain(struct alloc *alloc, const struct type *type, addr at);
void alloc_finish(struct alloc *alloc);
void alloc_close(struct alloc *alloc); // accepts a zeroed one

#endif
