// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays of a saved heap: what saved_heap.c and saved_roots.c share. Private to src/heap.
#ifndef OURO_HEAP_SAVED_SAVED_ARRAY_H
#define OURO_HEAP_SAVED_SAVED_ARRAY_H

#include "base/record.h"
#include "base/store.h"
#include "heap/heap.h"
#include "heap/saved/skeleton.h"

// How arrays are kept: as they are, so that opening them costs nothing; packed where the file is made to
// be sent.
static inline enum store_filter saved_form(const struct heap *heap)
{
    return heap_has_values(heap) ? STORE_AS_IS : STORE_PLAIN;
}

// Unpacks a section of exactly `count` items of `width` bytes into fresh memory; to_pp is the
// address of the array's pointer.
bool saved_array(struct store *store, const char *name, uint64_t count, size_t width, void *to_pp,
                 struct err *err);

// The same as the store has it: the array stays the store's, and nobody writes to it.
bool saved_lent(struct store *store, const char *name, uint64_t count, size_t width, void *to_pp,
                struct err *err);

// A set of `count` bits (graph/marks.h) into fresh memory with a word to spare, freed with what it
// belongs to. Bits past the last one, which would be numbers of objects that do not exist, are
// cleared: they mean nothing.
bool saved_marks(struct store *store, const char *name, uint32_t count, uint64_t **marks,
                 struct err *err);

// The counts of a dry run that are too much for 16 bits.
void saved_put_many(struct text *to, const struct skeleton_count *rows, size_t count);
bool saved_take_many(struct record *from, struct skeleton_count **rows, size_t *count,
                     struct err *err);

// Whether a dry run over `count` objects is one: fates are fates, only the tracked have any, and
// every count is there. flags: enum node_flags.
bool saved_run(const int16_t *refs, const uint8_t *fates, const uint8_t *flags, uint32_t count,
               const struct skeleton_count *many, size_t many_count, unsigned threads,
               struct err *err);

// Looks at items by pieces, by several threads. False where a piece is not as it should be.
typedef bool saved_fits(const void *context, uint64_t first, uint64_t end);
bool saved_fit_all(saved_fits *fits, const void *context, uint64_t count, unsigned threads);

#endif
