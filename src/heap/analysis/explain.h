// SPDX-License-Identifier: GPL-3.0-or-later
// A collection, step by step, for one object.
//
//      refcount  -  references from candidates  (+ what threads count apart)  =  gc_refs
//      gc_refs > 0      what holds it from outside, by name
//      reached          the chain of references from a candidate that is held, and what holds that one
//      unreachable      the ring that keeps it, the finalizers that wait, the weak references
//
// Does not know: which generation; the dry run (heap/analysis/collect.h) is the caller's. Nor who reads
// the steps. Owns: the steps and their texts, until explanation_fini(). Borrows: the sources, while it
// looks.
// Cost: the object's referrers and their names (the first EXPLAIN_NAMED of them); one search over
// the candidates, for garbage one more over the components of what is unreachable.
#ifndef OURO_HEAP_ANALYSIS_EXPLAIN_H
#define OURO_HEAP_ANALYSIS_EXPLAIN_H

#include "heap/analysis/collect.h"
#include "heap/analysis/roots.h"

#define EXPLAIN_NAMED 1000
#define EXPLAIN_NO_COUNT INT64_MIN

struct explain_step {
    const char
        *step;     // refcount, subtract, apart, gc_refs, outside, rescue, hangs, ring, finalizer,
                   // weakref, fate
    int64_t count; // how it changes the count, or what that comes to; or EXPLAIN_NO_COUNT
    bool is_rest;  // the count is of those that have no step of their own
    const char *what; // the reference by its name, or the step in words
    node object;      // the object at the other end, or NODE_NONE
};

struct explanation {
    struct explain_step *items;
    size_t count, capacity;
    struct arena texts;
};

struct explain_sources {
    const struct heap *heap; // with referrers
    const struct heap_roots *roots;
    const struct collection *run;
    const struct progress *progress;
};

// Into a zeroed one.
bool explain_object(struct explanation *explanation, const struct explain_sources *sources, node n,
                    struct err *err);
void explanation_fini(struct explanation *explanation); // accepts a zeroed one

#endif
