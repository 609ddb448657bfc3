// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks whose words are no pointers: tables of objects (a list's items, a dict's keys), texts that a
// type points at, buffers of streams. Leftovers in them, or a hash, may look like an address.
//
// Does not know: whose the blocks are. Owns: nothing. Borrows: the heap.
// Cost: a few loads per object of these types.
#ifndef OURO_HEAP_MEMORY_BLANK_WORDS_H
#define OURO_HEAP_MEMORY_BLANK_WORDS_H

#include "heap/heap.h"

// Calls visit for each word of an object that leads to such a block. visit: as block_visit without
// the block.
typedef void blank_visit(void *context, addr word, addr to);
bool blank_words(const struct heap *heap, blank_visit *visit, void *context, struct err *err);

#endif
