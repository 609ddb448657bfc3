// SPDX-License-Identifier: GPL-3.0-or-later
// What a block of C memory looks like, and what holds it, in words.
//
// Does not know: who asks. Owns, borrows: nothing. Cost: a view, a search for a symbol or two.
#ifndef OURO_HEAP_MEMORY_BLOCK_CONTENT_H
#define OURO_HEAP_MEMORY_BLOCK_CONTENT_H

#include "base/text.h"
#include "heap/memory/block_owners.h"

// What the bytes begin with: a table or function of a library by its symbol, a text, zeros,
// addresses of blocks. Without values texts are only said to be texts. Blocks of one form have one kind.
void block_content(struct block_owners *owners, uint32_t block, struct text *out);
void block_kind(struct block_owners *owners, uint32_t block, struct text *out); // without the text

// The library that the content's symbol is of, or that of the owner's type, or the one whose
// variable holds it; an index of the target's modules, or -1.
int block_library(struct block_owners *owners, uint32_t block);

// The struct that it is: what debug information says that the way from its owner leads to. Nothing
// where it does not. As conservative as the way itself.
void block_struct(struct block_owners *owners, uint32_t block, struct text *out);

// For what no object holds: the variable, the thread. Nothing for lost ones.
void block_holder(const struct block_owners *owners, uint32_t block, struct text *out);

// The way from its owner: "+0x18 -> +0x8"; where debug information tells, with the pointers' names:
// "+0x18 (root) -> +0x8 (left)".
void block_path(const struct block_owners *owners, uint32_t block, struct text *out);

#endif
