// SPDX-License-Identifier: GPL-3.0-or-later
// The dry run of a collection: see collect.h. Numbers in comments are the steps of
// deduce_unreachable() and what follows it in gc_collect_main().
#include "heap/collect.h"

#include <stdlib.h>

#include "py/deferred.h"
#include "py/finalizer.h"
#include "py/gc.h"
#include "py/type.h"

#define NOT_A_CANDIDATE INT32_MIN
#define PROGRESS_EVERY 1048576

struct run {
    const struct heap *heap;
    struct collection *out;
    node *stack;
    size_t depth;
};

static const struct type *type_of_node(const struct heap *heap, node n)
{
    return type_row(heap->py->types, heap_type(heap, n));
}

static bool in_scope(const struct heap *heap, node n, int generation, int interpreter)
{
    if (!(heap->flags[n] & NODE_TRACKED) || heap->gen[n] > generation)
        return false;
    return interpreter < 0 || !heap->owner || heap->owner[n] == interpreter;
}

// 1. candidates: the generation and the younger ones, without immortal objects; gc_refs = refcount
static void copy_counts(struct run *run, int generation, int interpreter)
{
    const struct heap *heap = run->heap;
    struct place_walk walk;
    for (place_begin(&walk, &heap->place); place_next(&walk);) {
        node n = walk.node;
        run->out->gc_refs[n] = NOT_A_CANDIDATE;
        if (!in_scope(heap, n, generation, interpreter))
            continue;
        bool immortal;
        int64_t refs = gc_refcount(heap->py, walk.at, &immortal);
        if (immortal)
            continue;
        bool apart = heap->py->rules.free_threaded; // then some of the count may be elsewhere
        run->out->gc_refs[n] = refs > INT32_MAX     ? INT32_MAX
                               : refs < 0 && !apart ? 0
                               : refs < -INT32_MAX  ? -INT32_MAX
                                                    : (int32_t)refs;
        run->out->candidates++;
    }
}

// The incremental collector of 3.14.0 to 3.14.4 (Python/gc.c, gc_collect_increment): collect(1)
// only marks what is reachable when a cycle begins, otherwise it takes the young objects and as
// many old ones as the work that is due. How many those are cannot be told from a core, but more
// candidates never keep what fewer would free: the young ones' garbage is certain, and a lower
// bound.
static int scope_of(const struct run *run, int generation, const struct gc_state *state)
{
    if (!run->heap->py->rules.incremental || generation != GEN_1)
        return generation;
    return state->marks_next ? -1 : GEN_0;
}

// Whether the collector may still have to do with the referent (_PyObject_GC_MAY_BE_TRACKED):
// tuples are asked, all others are believed.
static bool may_be_tracked(const struct run *run, node n, addr tuple_type)
{
    const struct heap *heap = run->heap;
    if (!(heap->flags[n] & NODE_GC))
        return false;
    if (type_of_node(heap, n)->at != tuple_type)
        return true;
    return (heap->flags[n] & NODE_TRACKED)
           && (heap->gen[n] != GEN_0 || run->out->gc_refs[n] != NOT_A_CANDIDATE);
}

// 1b. the incremental collector (its young list) and free-threaded builds untrack exact tuples
// (3.13: dicts too) that lead to nothing tracked, in the order of their heaps, before anything is
// subtracted: they are no candidates.
static void untrack(struct run *run)
{
    const struct heap *heap = run->heap;
    struct target *t = heap->py->target;
    addr tuple = target_symbol(t, heap->py->module, "PyTuple_Type");
    addr dict =
        heap->py->rules.untracks_dicts ? target_symbol(t, heap->py->module, "PyDict_Type") : 0;
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        for (uint32_t k = 0; k < heap->lists[i][GEN_0].count; k++) {
            node n = heap->lists[i][GEN_0].order[k];
            addr type = type_of_node(heap, n)->at;
            bool any = run->out->gc_refs[n] <= 0 || (type != tuple && type != dict)
                       || gc_is_deferred(heap->py, heap_addr(heap, n));
            for (uint64_t e = csr_first(&heap->forward, n), end = csr_end(&heap->forward, n);
                 !any && e < end; e++)
                any = may_be_tracked(run, heap->forward.to[e] & EDGE_NODE, tuple);
            if (any)
                continue;
            run->out->gc_refs[n] = NOT_A_CANDIDATE;
            run->out->candidates--;
        }
}

// 1c. what threads count apart from the objects
static void add_deferred(void *context, addr object, int64_t count)
{
    struct run *run = context;
    node n = heap_node_of(run->heap, object);
    if (n == NODE_NONE || run->out->gc_refs[n] == NOT_A_CANDIDATE)
        return;
    int64_t refs =
        run->out->gc_refs[n] + count; // a thread that only drops references has a negative count
    run->out->gc_refs[n] = refs > INT32_MAX    ? INT32_MAX
                           : refs < -INT32_MAX ? -INT32_MAX
                                               : (int32_t)refs;
}

static bool same_side(const struct heap *heap, node a, node b, int interpreter)
{
    return interpreter >= 0 || !heap->owner || heap->owner[a] == heap->owner[b];
}

// 2. subtract one for each reference from a candidate to a candidate. A guessed reference may be
// none: it does not count.
static bool subtract(struct run *run, int interpreter, const struct progress *progress)
{
    const struct heap *heap = run->heap;
    int32_t *gc_refs = run->out->gc_refs;
    for (node n = 0; n < heap->node_count; n++) {
        if (n % PROGRESS_EVERY == 0
            && !progress_step(progress, "subtracting references", n, heap->node_count))
            return false;
        if (gc_refs[n] == NOT_A_CANDIDATE || heap_evidence(heap, n) == EVIDENCE_GUESSED)
            continue;
        for (uint64_t e = csr_first(&heap->forward, n), end = csr_end(&heap->forward, n); e < end;
             e++) {
            uint32_t word = heap->forward.to[e];
            node to = word & EDGE_NODE;
            if (!(word & (EDGE_HOLDS | EDGE_BORROWED)) && gc_refs[to] != NOT_A_CANDIDATE
                && same_side(heap, n, to, interpreter))
                gc_refs[to]--;
        }
    }
    return true;
}

// Gives a fate to all candidates with the fate `from` that lie behind those on the stack.
static void spread(struct run *run, enum collect_fate from, enum collect_fate to)
{
    const struct heap *heap = run->heap;
    uint8_t *fate = run->out->fate;
    while (run->depth) {
        node n = run->stack[--run->depth];
        for (uint64_t e = csr_first(&heap->forward, n), end = csr_end(&heap->forward, n); e < end;
             e++) {
            uint32_t word = heap->forward.to[e];
            node next = word & EDGE_NODE;
            if ((word & EDGE_HOLDS) || fate[next] != from)
                continue;
            fate[next] = (uint8_t)to;
            run->stack[run->depth++] = next;
        }
    }
}

// 3. what is still counted is held from outside, and keeps all that it reaches. The rest is
// unreachable.
static void move_reachable(struct run *run)
{
    struct collection *out = run->out;
    uint32_t count = run->heap->node_count;
    for (node n = 0; n < count; n++)
        out->fate[n] = out->gc_refs[n] == NOT_A_CANDIDATE ? FATE_NONE : FATE_FREED;
    for (node n = 0; n < count; n++)
        if (out->fate[n] == FATE_FREED && out->gc_refs[n] > 0) {
            out->fate[n] = FATE_HELD;
            run->stack[run->depth++] = n;
            spread(run, FATE_FREED, FATE_REACHABLE);
        }
    // One that was reached before its own count was looked at is held as well.
    for (node n = 0; n < count; n++)
        if (out->fate[n] == FATE_REACHABLE && out->gc_refs[n] > 0)
            out->fate[n] = FATE_HELD;
}

// 4. legacy finalizers, and all that they reach: never freed
static void set_legacy_apart(struct run *run)
{
    const struct heap *heap = run->heap;
    uint8_t *fate = run->out->fate;
    for (node n = 0; n < heap->node_count; n++)
        if (fate[n] == FATE_FREED
            && object_has_legacy_finalizer(heap->py, type_of_node(heap, n), heap_addr(heap, n))) {
            fate[n] = FATE_UNCOLLECTABLE;
            run->stack[run->depth++] = n;
            spread(run, FATE_FREED, FATE_UNCOLLECTABLE);
        }
}

bool collect_has_finalizer(const struct heap *heap, node n)
{
    const struct type *type = type_of_node(heap, n);
    if (!type->has_finalizer)
        return false;
    return object_may_resurrect(heap->py, type, heap_addr(heap, n),
                                (heap->flags[n] & NODE_FINALIZED) != 0);
}

// 5. a finalizer may keep its object and everything behind it; up to 3.8 one that is kept keeps the
// whole batch
static void mark_uncertain(struct run *run)
{
    const struct heap *heap = run->heap;
    uint8_t *fate = run->out->fate;
    bool any = false;
    for (node n = 0; n < heap->node_count; n++)
        if (fate[n] == FATE_FREED && (run->out->gc_refs[n] < 0 || collect_has_finalizer(heap, n))) {
            any = true;
            fate[n] = FATE_UNCERTAIN;
            run->stack[run->depth++] = n;
            spread(run, FATE_FREED, FATE_UNCERTAIN);
        }
    for (node n = 0; any && heap->py->version < PYMINOR(3, 9) && n < heap->node_count; n++)
        if (fate[n] == FATE_FREED)
            fate[n] = FATE_UNCERTAIN;
}

// Weak references from outside with a callback: it runs, and what it does changes the number that
// collect() returns.
static bool callbacks_wait(const struct run *run)
{
    const struct heap *heap = run->heap;
    for (node n = 0; n < heap->node_count; n++) {
        const struct type *type = type_of_node(heap, n);
        if (!type->is_weakref || collect_is_unreachable(run->out, n))
            continue;
        addr referent = weakref_with_callback(heap->py, type, heap_addr(heap, n));
        node to = referent ? heap_node_of(heap, referent) : NODE_NONE;
        if (to != NODE_NONE && collect_is_unreachable(run->out, to))
            return true;
    }
    return false;
}

static void count(struct run *run)
{
    struct collection *out = run->out;
    for (node n = 0; n < run->heap->node_count; n++) {
        if (out->fate[n] < FATE_FREED)
            continue;
        out->unreachable++;
        out->bytes += heap_size(run->heap, n);
        out->uncertain += out->fate[n] == FATE_UNCERTAIN;
        out->uncollectable += out->fate[n] == FATE_UNCOLLECTABLE;
    }
    out->returns = out->unreachable;
    out->returns_known = out->uncertain == 0 && !callbacks_wait(run);
}

bool collect_run(const struct heap *heap, int generation, int interpreter, struct collection *out,
                 const struct progress *progress, struct err *err)
{
    *out =
        (struct collection){ .generation = generation, .interpreter = interpreter, .runs = true };
    struct run run = { .heap = heap, .out = out };
    size_t n = heap->node_count ? heap->node_count : 1;
    out->gc_refs = malloc(n * sizeof *out->gc_refs);
    out->fate = malloc(n);
    run.stack = malloc(n * sizeof *run.stack);
    if (!out->gc_refs || !out->fate || !run.stack) {
        free(run.stack);
        collect_fini(out);
        return err_memory(err, "the dry run");
    }
    struct gc_state state;
    python_gc_state(heap->py, interpreter > 0 ? (size_t)interpreter : 0, &state);
    out->runs = !state.collecting;
    int scope = scope_of(&run, generation, &state);
    copy_counts(&run, scope, interpreter);
    if (heap->py->rules.untracks_tuples)
        untrack(&run);
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        deferred_each(heap->py, i, add_deferred, &run);
    bool good = subtract(&run, interpreter, progress);
    if (good) {
        move_reachable(&run);
        set_legacy_apart(&run);
        mark_uncertain(&run);
        count(&run);
        if (scope == GEN_0 && generation != GEN_0) // an increment takes more
            out->returns_known = false;
    }
    free(run.stack);
    if (good)
        return true;
    collect_fini(out);
    return err_set(err, ERR_CANCELLED, "the dry run was cancelled");
}

void collect_fini(struct collection *collection)
{
    free(collection->gc_refs);
    free(collection->fate);
    *collection = (struct collection){ 0 };
}

const char *collect_reason(enum collect_fate fate)
{
    switch (fate) {
    case FATE_NONE:
        return "not a candidate";
    case FATE_HELD:
        return "held from outside of the generation";
    case FATE_REACHABLE:
        return "reachable from an object that is held";
    case FATE_FREED:
        return "unreachable: every reference comes from within";
    case FATE_UNCERTAIN:
        return "unreachable, but a finalizer runs first and may keep it";
    case FATE_UNCOLLECTABLE:
        return "unreachable, but a legacy finalizer (tp_del) forbids collecting it";
    }
    return "?";
}
