// SPDX-License-Identifier: GPL-3.0-or-later
// How work on all nodes is divided among threads. Private to src/heap.
// Owns: nothing. Borrows: the heap.
#ifndef OURO_HEAP_BUILD_PARTS_H
#define OURO_HEAP_BUILD_PARTS_H

#include "base/pool.h"
#include "heap/heap.h"
#include "py/reader.h"

#define PARTS_NODES 16384u // a thread that has fewer nodes costs more than it saves
#define PARTS_CHUNKS 8u    // the same of chunks of the address map
#define PARTS_ARENAS 4u    // ... and of arenas

// Into how many parts work of so many times what is worth a thread is divided: 1 where looking at it
// brings memory, which one thread does.
static inline unsigned heap_parts_of(const struct heap *heap, uint64_t shares)
{
    unsigned threads = heap->threads < POOL_MOST ? heap->threads : POOL_MOST;
    threads = shares < threads ? (unsigned)shares : threads;
    return threads > 1 && python_may_share(heap->py) ? threads : 1;
}

// All nodes.
static inline unsigned heap_parts(const struct heap *heap)
{
    return heap_parts_of(heap, heap->node_count / PARTS_NODES);
}

// Where part i of so many begins, of a row of things that are about alike.
static inline size_t parts_first(size_t count, unsigned i, unsigned parts)
{
    return (size_t)((uint64_t)count * i / parts);
}

#endif
