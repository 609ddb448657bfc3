// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a heap to a file and reading it back: the flat arrays as they are, the roots, the dry run, and
// of a heap without values its skeleton.
// Owns, borrows: nothing; the heap owns what was read.
//
// Does not know: the target's memory (target/image.h), nor what Python it is (py/runtime/saved_python.h).
//
// Hostile input: every number that is used as an index later is compared with its limit here, and
// every array has exactly the size that the number of objects asks for before it is allocated.
// Cost: reading looks at about 25 bytes per object, once, where the file has them.
#ifndef OURO_HEAP_SAVED_SAVED_HEAP_H
#define OURO_HEAP_SAVED_SAVED_HEAP_H

#include "base/store.h"
#include "heap/analysis/collect.h"
#include "heap/analysis/roots.h"
#include "heap/build/tally.h"

// Of the file's flags: how much of the target is in it.
uint32_t saved_heap_flags(enum disclosure how);
enum disclosure saved_heap_disclosure(uint32_t flags);

void heap_write(const struct heap *heap, struct store_out *out);
void heap_roots_write(const struct heap *heap, const struct heap_roots *roots,
                      struct store_out *out);
void collection_write(const struct heap *heap, const struct collection *garbage,
                      struct store_out *out);

bool heap_restore(struct heap *heap, struct python *py, struct store *store, struct err *err);
bool heap_roots_restore(struct heap_roots *roots, const struct heap *heap, struct store *store,
                        struct err *err);
bool collection_restore(struct collection *garbage, const struct heap *heap, struct store *store,
                        struct err *err);

// How many objects of each type there are, how large, and how many of them garbage: what `types` says of
// all, without reading a single object. Written of a heap that is whole; older files have none
// (ERR_NOT_FOUND).
void tallies_write(const struct heap *heap, const struct collection *garbage,
                   struct store_out *out);
bool tallies_restore(struct tallies *tallies, const struct python *py, struct store *store,
                     struct err *err);

// Counts one object.
void tally_node(struct tally *tally, const struct heap *heap, const struct collection *garbage,
                node n);

// Tells the image which addresses hold objects.
struct image;
void heap_cover(const struct heap *heap, struct image *image);

#endif
