// SPDX-License-Identifier: GPL-3.0-or-later
// Dead objects: memory that CPython's free lists keep for the next object of the type. Their blocks
// are in use as far as the allocator knows, and what their words say is what was true once.
//
//      to 3.13       the refcount is 0, the type is still there (also the frames of 3.9 and before
//                    that code objects keep, co_zombieframe)
//      3.10 to 3.13  tables of dead dicts: an array with its length
//      3.14 on       chains through each item's first word
//
// Does not know: blocks of which allocator. Owns, borrows: nothing. Cost: a few loads per block.
#ifndef OURO_HEAP_BUILD_DEAD_H
#define OURO_HEAP_BUILD_DEAD_H

#include "py/objects/type.h"

#define DEAD_PRESIZES 3 // 0, 16, 32 bytes lie between a block's start and its object

// The type in a word that may be anything, or null: most words in a block are no type, and are kept
// away from the type table, which remembers what it was asked.
const struct type *dead_type_in_word(const struct python *py, addr word);

// Whether an object that has died, but kept its type, is in these bytes of a block. `lead`: what the
// allocator puts before.
bool dead_object(const struct python *py, uint32_t lead, const uint8_t *bytes, uint64_t size);

// The items of the lists in which dead objects and tables cannot be told by themselves. visit: false
// ends that list.
typedef bool dead_visit(void *context, addr item);
void dead_listed(const struct python *py, dead_visit *visit, void *context);

#endif
