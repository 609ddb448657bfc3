// SPDX-License-Identifier: GPL-3.0-or-later
// A process's memory in one sentence: what most of it is, and how much could be given back.
//
// Does not know: who owns which block, unless it is told. Owns, borrows: nothing.
// Cost: a look at the rows of memory, and a pass over pymalloc's blocks.
#ifndef OURO_HEAP_MEMORY_MEMORY_VERDICT_H
#define OURO_HEAP_MEMORY_MEMORY_VERDICT_H

#include "heap/memory/block_owners.h"

struct memory_verdict {
    uint64_t objects, python_free, pinned, malloc_used, malloc_free, stacks, stack_count; // bytes
    bool known; // bytes are those in memory; else what is mapped
};

// Appends the sentence. blocks: whose they are; null: not known. False: out of memory.
bool memory_verdict_find(struct memory_verdict *verdict, const struct memory *memory,
                         const struct heap *heap, const struct block_owners *blocks,
                         struct text *sentence);

#endif
