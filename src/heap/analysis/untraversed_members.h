// SPDX-License-Identifier: GPL-3.0-or-later
// Members of extension types that own objects which the collector is never told of.
//
//      instance: | head | ... | word -> object | ... | word | ...
//                                                        |
//                  the extension's own memory:           +-> | ... | word -> object | ...
//
// It judges types in C of neither the interpreter nor its standard library (theirs is on purpose),
// by a sample of their instances, those of Python classes that derive from them included.
//
//   1. every word of an instance that points at an object, and that its tp_traverse does not visit
//      (all of them, when the type is without the collector's flag), is a claim; so is every word
//      of a block of the extension's own memory that a word of the instance points at
//   2. a claim is good when the object's refcount is more than what all known references, roots and
//      C variables account for, as many times as it is claimed; or when a decoder knows the member
//   3. a member is listed when nearly every instance has an object or null there, nearly all claims
//      are good, and one of the objects at least could be part of a ring
//   4. with one or two instances, the references unaccounted for must be just the claims; beyond a
//      pointer, they must cover everybody's claims on the object, and three instances must own one
//
// Does not see: what is two pointers away, or further than 512 bytes in a block.
// Owns: the list. Cost: a look at the words of some thousand instances per type.
#ifndef OURO_HEAP_ANALYSIS_UNTRAVERSED_MEMBERS_H
#define OURO_HEAP_ANALYSIS_UNTRAVERSED_MEMBERS_H

#include "heap/analysis/roots.h"

struct untraversed_member {
    uint32_t type;
    uint32_t offset;
    int32_t behind; // in the block that the word at `offset` points at; -1: the word itself
    uint64_t instances, judged; // of the type in all; of these, looked at
    uint64_t held;              // of those, how many own an object there
    node example;
    bool has_flag; // Py_TPFLAGS_HAVE_GC: its tp_traverse forgets the member
    bool few;      // there are one or two instances only
};

struct untraversed {
    struct untraversed_member *members; // by type and offset
    size_t count, room;
    uint64_t types;  // judged
    uint64_t few;    // of these, types with one or two instances
    uint64_t untold; // types whose visited references are only guessed at
};

bool heap_untraversed(const struct heap *heap, const struct heap_roots *roots,
                      struct untraversed *out, struct err *err);
// The object that the member of this instance owns, or NODE_NONE.
node untraversed_owned(const struct heap *heap, const struct untraversed_member *member,
                       node instance);
// "+0x18", or "behind +0x18 at +0x8".
#define UNTRAVERSED_PLACE 48
const char *untraversed_place(const struct untraversed_member *member,
                              char place[UNTRAVERSED_PLACE]);
void untraversed_free(struct untraversed *unseen); // accepts a zeroed one

#endif
