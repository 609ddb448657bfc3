// SPDX-License-Identifier: GPL-3.0-or-later
// Python's own part of a process's memory: pymalloc's arenas or mimalloc's segments, the stacks of
// Python frames, mmap objects. Claims it in the sums of memory/memory.h.
//
// Does not know: who asks. Owns: nothing. Borrows: heap and memory.
// Cost: a pass over the allocator's blocks, and one over the objects for the types that map memory.
#ifndef OURO_HEAP_MEMORY_PYTHON_MEMORY_H
#define OURO_HEAP_MEMORY_PYTHON_MEMORY_H

#include "heap/heap.h"
#include "memory/memory.h"

bool heap_claim(struct memory *memory, const struct heap *heap, struct err *err);

#endif
