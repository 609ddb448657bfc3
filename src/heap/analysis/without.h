// SPDX-License-Identifier: GPL-3.0-or-later
// What would be freed if some references were not there: by refcounts at once, by the collector
// later, and what would still be there.
//
//      1. take out    the references; an object is taken out whole by all references to it
//      2. fall        what their refcounts let fall (fall.h)
//      3. reach       what the roots still reach lives on; what they do not, and did not fall, is
//                     left to the collector
//
// Says nothing of finalizers and weakref callbacks, which may bring things back, and counts those.
//
// Does not know: what the references are called. Borrows: heap, roots and dead (marks of what no
// root reached anyway). Owns: the arrays, until without_free(). Cost: one pass over the references.
#ifndef OURO_HEAP_ANALYSIS_WITHOUT_H
#define OURO_HEAP_ANALYSIS_WITHOUT_H

#include "heap/analysis/fall.h"
#include "heap/analysis/roots.h"

enum without_fate {
    WITHOUT_NOTHING,   // was garbage, or hidden
    WITHOUT_LIVES,     // roots reach it still
    WITHOUT_COUNTS,    // freed by refcounts
    WITHOUT_COLLECTOR, // freed by the collector
};

struct without {
    const struct heap *heap;
    const struct heap_roots *roots;
    struct fall fall;
    uint64_t *held;    // marks: roots that are left
    uint64_t *targets; // marks: what the references led to
    uint8_t *fate;     // per object; null before without_find()
    uint64_t references, finalizers;
};

bool without_open(struct without *without, const struct heap *heap, const struct heap_roots *roots,
                  struct err *err);
bool without_edge(struct without *without, uint64_t edge, struct err *err);
bool without_object(struct without *without, node n, struct err *err); // every reference to it
bool without_find(struct without *without, const uint64_t *dead, const struct progress *progress,
                  struct err *err);
// Whether it lives on though something freed held it, or a reference that was taken out.
bool without_is_rest(const struct without *without, node n);
void without_free(struct without *without); // accepts a zeroed one

struct without_sum {
    uint64_t objects, bytes; // own sizes
    node largest;            // the first of the largest by sys.getsizeof
};
// What of each type has that fate, those with most bytes first; `count` of them, to be freed. Adds to
// `all`. Null: out of memory. After without_find().
struct without_sum *without_by_type(const struct without *without, enum without_fate fate,
                                    uint32_t *count, struct without_sum *all, struct err *err);

#endif
