// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with one object: references that lead to no object, memory beside it that is not
// there, items that it says it has and that nobody can read.
//
// Does not know: who asks. Borrows: the heap. Owns: nothing. Cost: the object decoded again.
#ifndef OURO_HEAP_ANALYSIS_DAMAGE_H
#define OURO_HEAP_ANALYSIS_DAMAGE_H

#include "base/text.h"
#include "heap/heap.h"

struct damage {
    const char *edge; // the reference's name; "": what it says of itself
    addr at;          // where it leads, or what cannot be read
    const char *text; // "no object: the type word 0x4141 is no type"
};

// False stops; what is told lasts until it returns. Not for a heap without values.
typedef bool damage_take(void *context, node n, const struct damage *damage);

// What is wrong with n, at most 100 times. left: as below, where many are asked; null: any number of
// words. False: stopped, or no memory (err).
bool heap_damage(const struct heap *heap, node n, uint64_t *left, damage_take *take, void *context,
                 struct err *err);

// Whether something may be: cheap, for a pass over all objects. Appends nothing, reads no names.
// left: words that all objects of the pass together may look at (kind_words_most()).
bool heap_is_damaged(const struct heap *heap, node n, addr at, uint64_t *left);

#endif
