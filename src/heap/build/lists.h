// SPDX-License-Identifier: GPL-3.0-or-later
// Walking the generations' lists: the tracked objects, in order, each with its bit set. Private to
// src/heap.
//
// Following a list means one cache miss after another. Where the allocator's arenas are known it is
// walked from many places at once, so that the misses overlap:
//
//      head -> o -> o -> o -> S -> o -> o -> S -> o ... -> head     S: drawn from an arena
//      [     part       ][      part      ][    part        ]
//
// A part ends where it meets a list's head or an object that was seen: the start of the next part,
// or the list is damaged. Only when the parts of every list join from head to head, none left over,
// are they believed; else all is forgotten, and the lists are walked from both ends, which says
// where one is broken.
//
// Does not know: what becomes of the objects. Owns: the addresses, in blocks of one array: arrays
// that grow in many places would leave holes. Cost: 8 bytes per tracked object; about 30 ns each
// from many places, 75 ns from both ends.
#ifndef OURO_HEAP_BUILD_LISTS_H
#define OURO_HEAP_BUILD_LISTS_H

#include "heap/heap.h"

#define LIST_BLOCK 4096u // addresses

struct list_block {
    uint32_t next; // of the same list; 0: none
    uint32_t used;
};

struct list {
    uint32_t first, last; // blocks; 0: none
    bool broken;
    addr broken_at;   // the PyGC_Head after which it went wrong
    uint32_t visited; // incremental: that many of generation 2, its first, are of the visited space
};

struct lists {
    struct list (*rows)[GEN_COUNT]; // one row per interpreter
    struct list_block *blocks;      // the first is none
    addr *objects;                  // LIST_BLOCK a block
    uint32_t block_count;
    size_t block_room, object_room;
};

// Free-threaded builds have no lists: all that is tracked stands in one, in the order of memory.
// Fails when memory runs out or the user cancels. lists_fini() in any case.
bool lists_walk(struct lists *lists, struct heap *heap, const struct progress *progress,
                struct err *err);
void lists_fini(struct lists *lists);

// How many objects a list has.
size_t list_count(const struct lists *lists, const struct list *list);

// A block's addresses, `used` of them.
static inline const addr *list_objects(const struct lists *lists, uint32_t block)
{
    return lists->objects + (size_t)block * LIST_BLOCK;
}

#endif
