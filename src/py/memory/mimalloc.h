// SPDX-License-Identifier: GPL-3.0-or-later
// mimalloc's blocks, which free-threaded builds take all their objects from (Objects/mimalloc).
//
//      thread state   4 heaps: memory, objects without a collector's part, with one, and with one
//                     and words in front
//      heap           75 queues of pages; a page has blocks of one size
//      segment        32 MiB, cut into pages; that of a thread that has ended lies in its
//                     interpreter's abandoned pool
//      free blocks    three chains a page: free, freed by its thread, freed by others
//
// Does not know: what is in a block.
// Cost: 8 KiB of stack; a bit set and a compare per block. Nothing is kept.
#ifndef OURO_PY_MEMORY_MIMALLOC_H
#define OURO_PY_MEMORY_MIMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct python;

enum mimalloc_heap { // _Py_mimalloc_heap_id
    MIMALLOC_MEMORY,
    MIMALLOC_OBJECT,
    MIMALLOC_GC,     // the object is the block
    MIMALLOC_GC_PRE, // after 16 bytes: weak references, dict
    MIMALLOC_HEAPS,
};

// A block in use. `bytes` views it. False: stop.
typedef bool mimalloc_visit(void *context, enum mimalloc_heap heap, addr block,
                            const uint8_t *bytes, uint64_t size);

// Visits the used blocks of all threads of the interpreter, and of threads that have ended. False
// when visit stopped it. A damaged page is left out and counted as a fault. Nothing to visit in
// builds with a GIL.
bool mimalloc_each(const struct python *py, size_t interpreter, mimalloc_visit *visit,
                   void *context);

// A page: `carved` blocks of `size` bytes that were given out once, and room for `reserved` of them.
typedef bool mimalloc_visit_page(void *context, addr start, uint64_t size, uint32_t carved,
                                 uint32_t reserved);

// The same with the pages; each before its blocks.
bool mimalloc_each_page(const struct python *py, size_t interpreter, mimalloc_visit *visit,
                        mimalloc_visit_page *pages, void *context);

// What the page headers of an interpreter say when they are held against one another.
struct mimalloc_account {
    addr wanted;         // in: an object that the collector knows, or 0
    uint64_t sound, odd; // pages
    bool found;          // a sound page of the collector's heaps has a block for it
};
// Follows every queue of every thread, and the abandoned segments. A queue that cannot be followed
// counts as one odd page. Cost: a few reads a page.
void mimalloc_audit(const struct python *py, size_t interpreter, struct mimalloc_account *account);

// How many bytes the debug hooks put before each request: 16, or 0 without them. Asks a few blocks.
uint8_t mimalloc_guards(const struct python *py);

// The size of the blocks in the page around a block that mimalloc_each() showed; 0: damaged.
uint64_t mimalloc_block_size(const struct python *py, addr block);

#endif
