// SPDX-License-Identifier: GPL-3.0-or-later
// The dry run: what gc.collect(generation) would find unreachable, by the collector's own algorithm
// for that version.
//
// Steps (Modules/gcmodule.c, deduce_unreachable; Python/gc.c from 3.12): candidates = the
// generation and the younger ones; gc_refs = refcount; subtract one per visited reference from a
// candidate to a candidate; what keeps gc_refs > 0 is held from outside, and all that is reachable
// from it is moved back; the rest is unreachable. Legacy finalizers (tp_del) and what they reach
// are set apart. References of objects whose evidence is `guessed` reach, but do not subtract: an
// error there keeps an object, never frees one.
//
// Owns: struct collection's arrays, until collect_fini(). Borrows: the heap. Cost: 3 bytes per node,
// two passes over the candidates' references in address order, and one over what is unreachable.
#ifndef OURO_HEAP_ANALYSIS_COLLECT_H
#define OURO_HEAP_ANALYSIS_COLLECT_H

#include "base/map.h"
#include "heap/heap.h"
#include "heap/saved/skeleton.h"

enum collect_fate { // why an object is in the set, or not
    FATE_NONE,      // not a candidate
    FATE_HELD,      // gc_refs > 0: something outside of the candidates holds it
    FATE_REACHABLE, // from a held one
    FATE_FREED,     // unreachable; nothing stands in the way
    FATE_UNCERTAIN, // unreachable, but a finalizer or a weakref callback runs first and may keep it
    FATE_UNCOLLECTABLE, // legacy tp_del, or reachable from one: goes to gc.garbage or stays
};

struct collection {
    int generation;
    int interpreter;
    int16_t *refs; // a node: its count, REFS_NONE or REFS_MANY. Ask collect_gc_refs
    uint8_t *fate; // a node: enum collect_fate, FATE_HELD only where that is sure. Ask collect_fate
    bool is_lent;  // both are the store's of a saved heap
    struct map many; // node -> index in counts, of those with REFS_MANY
    int64_t *counts;
    size_t count_count, count_room;
    uint64_t candidates, unreachable, uncertain, uncollectable, bytes; // bytes of the unreachable
    // What gc.collect(generation) would return is `returns`: no finalizer interferes, or they are
    // followed (finalizing.h). Then it may be less than the unreachable: what they let go goes before.
    bool returns_known;
    uint64_t returns;
    bool runs; // false: the collector would refuse now (already collecting)
};

#define REFS_NONE INT16_MIN // no candidate
#define REFS_MANY INT16_MAX // 16 bits are too few

// interpreter -1: all of them, each by itself. progress may be null.
bool collect_run(const struct heap *heap, int generation, int interpreter, struct collection *out,
                 const struct progress *progress, struct err *err);
void collect_fini(struct collection *collection);

// For a run that is taken from a skeleton, not run: the counts of those with REFS_MANY.
bool collect_take_many(struct collection *collection, const struct skeleton_count *rows,
                       size_t count, struct err *err);

// After subtraction; 0 for what is no candidate.
int64_t collect_gc_refs(const struct collection *c, node n);
enum collect_fate collect_fate(const struct collection *c, node n);

static inline bool collect_is_candidate(const struct collection *c, node n)
{
    return c->refs[n] != REFS_NONE;
}

// The same of what are known to be candidates.
static inline bool collect_subtracts_if(const struct collection *c, const struct heap *heap,
                                        node from, node to, uint32_t flags)
{
    bool one_side = c->interpreter >= 0 || !heap->owner;
    return heap_evidence(heap, from) != EVIDENCE_GUESSED && !(flags & (EDGE_HOLDS | EDGE_BORROWED))
           && (one_side || heap->owner[from] == heap->owner[to]);
}

// Whether a reference with these flags is subtracted: one from a candidate to a candidate. A guessed
// one may not be a reference: it does not count.
static inline bool collect_subtracts(const struct collection *c, const struct heap *heap, node from,
                                     node to, uint32_t flags)
{
    return collect_is_candidate(c, from) && collect_is_candidate(c, to)
           && collect_subtracts_if(c, heap, from, to, flags);
}

static inline bool collect_is_unreachable(const struct collection *c, node n)
{
    return c->fate[n] >= FATE_FREED;
}

// A finalizer of its own that has not run yet, and may run code.
bool collect_has_finalizer(const struct heap *heap, node n);

// "held from outside of the generation" ...: static text for a fate.
const char *collect_reason(enum collect_fate fate);

#endif
