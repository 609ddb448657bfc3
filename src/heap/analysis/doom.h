// SPDX-License-Identifier: GPL-3.0-or-later
// Objects that are about to go: their deallocators, or a collection under way, had begun to free them
// when the process stopped.
//
//      refcount 0         in its deallocator, which had released some of what it holds
//      on no list         the collector's header says tracked, but no generation has it: a collection
//                         that runs moved it to a list on the C stack, of what it found unreachable.
//                         Finalizers and weak references' callbacks run before that is cleared
//
// Does not know: what runs. Free-threaded builds and heaps saved without memory tell of refcounts
// alone. Owns: nothing. Borrows: the heap. Cost: a look at each interpreter's state; a read per object.
#ifndef OURO_HEAP_ANALYSIS_DOOM_H
#define OURO_HEAP_ANALYSIS_DOOM_H

#include "heap/heap.h"

enum doom { DOOM_NONE, DOOM_DEALLOCATED, DOOM_UNREACHABLE, DOOM_PENDING };

struct dooms {
    const struct heap *heap;
    uint64_t collecting; // bits of the interpreters, by index
};

void dooms_open(struct dooms *dooms, const struct heap *heap);
enum doom doom_of(const struct dooms *dooms, node n);

// A sentence's end: "being destroyed: ...". Null for DOOM_NONE.
const char *doom_text(enum doom doom);

#endif
