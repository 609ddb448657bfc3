// SPDX-License-Identifier: GPL-3.0-or-later
// The stages of a dry run: which objects are at each step of a collection, and what one would cost.
//
//      candidates -> (subtract) -> outside -> reachable -> unreachable -> uncollectable,
//      finalizers, weakrefs -> uncertain, freed
//
// The cost is an estimate, by rates that were measured elsewhere.
//
// Does not know: how the run comes about (heap/analysis/collect.h); what the stages are called. Owns,
// borrows: nothing. Cost: a pass over the objects per question, one over the candidates' references.
#ifndef OURO_HEAP_ANALYSIS_STAGES_H
#define OURO_HEAP_ANALYSIS_STAGES_H

#include "heap/analysis/collect.h"

enum stage {
    STAGE_CANDIDATES,
    STAGE_OUTSIDE,
    STAGE_REACHABLE,
    STAGE_UNREACHABLE,
    STAGE_UNCOLLECTABLE,
    STAGE_WEAKREFS, // weak references to what is unreachable
    STAGE_FINALIZERS,
    STAGE_UNCERTAIN,
    STAGE_FREED,
    STAGES_COUNT
};

struct stage_sum {
    uint64_t count, bytes; // own sizes
};

// Whether it can be told: of weak references not without values.
bool stage_is_known(const struct heap *heap, enum stage stage);
struct stage_sum stage_sum(const struct heap *heap, const struct collection *run, enum stage stage);
// Which objects are at it: one bit each, to be freed. Null: out of memory.
uint64_t *stage_marks(const struct heap *heap, const struct collection *run, enum stage stage,
                      struct err *err);

// References from a candidate to a candidate, as the dry run subtracts them.
uint64_t stages_subtracted(const struct heap *heap, const struct collection *run);

// CPU time of gc.collect() with CPython 3.8 to 3.13 on heaps of 300,000 objects whose references lead
// anywhere: what a processor of 2020 took an object, and a reference between two.
#define STAGES_OBJECT_NS 55
#define STAGES_REFERENCE_NS 80
double stages_seconds(uint64_t objects, uint64_t references);

// What share of its time a process has spent on collections of a kind, at today's cost.
struct stages_load {
    double hours, full, young; // the latter two: shares
    uint64_t stays;            // candidates that a full collection passes over each time
    struct gc_state gc;
};
// False: how long the process ran, or how often it collected, is not known.
bool stages_load(const struct heap *heap, const struct collection *run, uint64_t references,
                 struct stages_load *load);

#endif
