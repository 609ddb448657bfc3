// SPDX-License-Identifier: GPL-3.0-or-later
// The dry run of a collection: see collect.h. The numbers in comments are the steps of
// deduce_unreachable() and what follows it in gc_collect_main().
#include "heap/analysis/collect.h"

#include <stdlib.h>

#include "base/unused.h"
#include "base/vec.h"
#include "graph/marks.h"
#include "heap/analysis/finalizing.h"
#include "heap/build/parts.h"
#include "heap/saved/skeleton.h"
#include "py/runtime/deferred.h"
#include "py/runtime/finalizer.h"
#include "py/runtime/gc.h"
#include "py/objects/type.h"

#define REFS_LEAST (INT16_MIN + 1)
#define PROGRESS_EVERY 1048576
#define REACH_AT 64    // when so many are on the stack they are followed before the pass goes on,
#define REACH_BATCH 16 // so many at once

struct collect_run {
    const struct heap *heap;
    struct collection *out;
    node *stack;
    size_t depth;
    node *found; // the unreachable, in order
    size_t found_count, found_room;
    struct finalizing finalizing;
    node *followed; // unreachable objects whose finalizers are followed
    size_t followed_count, followed_room;
    uint64_t fallen; // unreachable objects that finalizers release
    bool failed;     // out of memory
};

// --- counts

static int64_t *collect_count_of(const struct collection *c, node n)
{
    return &c->counts[map_get(&c->many, n)];
}

int64_t collect_gc_refs(const struct collection *c, node n)
{
    int16_t refs = c->refs[n];
    return refs == REFS_NONE ? 0 : refs == REFS_MANY ? *collect_count_of(c, n) : refs;
}

static bool is_counted(const struct collection *c, node n)
{
    return c->refs[n] > 0 && (c->refs[n] != REFS_MANY || *collect_count_of(c, n) > 0);
}

static int64_t clamp(int64_t count)
{
    return count > INT32_MAX ? INT32_MAX : count < -INT32_MAX ? -INT32_MAX : count;
}

static void set_count(struct collect_run *run, node n, int64_t count)
{
    struct collection *c = run->out;
    if (c->refs[n] == REFS_MANY) {
        *collect_count_of(c, n) = count;
        return;
    }
    if (count > REFS_LEAST && count < REFS_MANY) {
        c->refs[n] = (int16_t)count;
        return;
    }
    if (!vec_grow(&c->counts, &c->count_room, c->count_count + 1, sizeof *c->counts, NULL)
        || !map_put(&c->many, n, (uint32_t)c->count_count, NULL)) {
        run->failed = true;
        return;
    }
    c->counts[c->count_count++] = count;
    c->refs[n] = REFS_MANY;
}

// One reference fewer.
static void drop_count(struct collect_run *run, node n)
{
    int16_t refs = run->out->refs[n];
    if (refs > REFS_LEAST + 1 && refs < REFS_MANY)
        run->out->refs[n] = (int16_t)(refs - 1);
    else if (refs != REFS_NONE)
        set_count(run, n, collect_gc_refs(run->out, n) - 1);
}

// --- candidates

static const struct type *type_of_node(const struct heap *heap, node n)
{
    return type_row(heap->py->types, heap_type(heap, n));
}

static bool in_scope(const struct heap *heap, node n, int generation, int interpreter)
{
    if (heap->gen[n] > generation) // GEN_NONE is the greatest
        return false;
    return interpreter < 0 || !heap->owner || heap->owner[n] == interpreter;
}

// --- in parts
// ----------------------------------------------------------------------------------------

// Nodes are divided into stretches, one for each thread. What the stretches count for nodes of others
// is added up afterwards, and is the same with any number of them.
struct collect_part {
    struct python_reader reader;
    const struct python *py;
    node first, end;
    uint64_t candidates;
    struct node_count {
        node node;
        int64_t count;
    } * many; // counts that 16 bits do not hold, in order
    size_t many_count, many_room;
    uint16_t *dropped; // references to each node; null in the first part, which subtracts at once
    node *wrapped;     // nodes to which there were 65,536 more
    size_t wrapped_count, wrapped_room;
    bool failed; // out of memory
};

struct collect_sharing {
    struct collect_run *run;
    struct collect_part parts[POOL_MOST];
    int generation, interpreter;
    struct pool_progress shared;
};

static bool collect_part_begin(struct collect_sharing *sharing, unsigned i, node first, node end)
{
    const struct heap *heap = sharing->run->heap;
    struct collect_part *part = &sharing->parts[i];
    *part = (struct collect_part){ .first = first, .end = end, .py = heap->py };
    if (sharing->shared.parts == 1)
        return true;
    part->py = &part->reader.py;
    return python_reader_open(&part->reader, heap->py)
           && (!i || (part->dropped = calloc(heap->node_count, sizeof *part->dropped)));
}

static bool collect_share(struct collect_sharing *sharing)
{
    const struct heap *heap = sharing->run->heap;
    sharing->shared.parts = heap_parts(heap);
    for (unsigned i = 0; i < sharing->shared.parts; i++) {
        node first = (node)parts_first(heap->node_count, i, sharing->shared.parts);
        node end = (node)parts_first(heap->node_count, i + 1, sharing->shared.parts);
        if (!collect_part_begin(sharing, i, first, end))
            return false;
    }
    return true;
}

static void collect_unshare(struct collect_sharing *sharing)
{
    for (unsigned i = 0; i < sharing->shared.parts; i++) {
        struct collect_part *part = &sharing->parts[i];
        free(part->many);
        free(part->dropped);
        free(part->wrapped);
        if (sharing->shared.parts > 1)
            python_reader_close(&part->reader);
    }
}

static void note_many(struct collect_part *part, node n, int64_t count)
{
    if (!vec_grow(&part->many, &part->many_room, part->many_count + 1, sizeof *part->many, NULL)) {
        part->failed = true;
        return;
    }
    part->many[part->many_count++] = (struct node_count){ n, count };
}

// 1. candidates: the generation and the younger ones, without immortal objects; gc_refs = refcount
static void copy_counts(void *context, unsigned number, UNUSED unsigned count)
{
    struct collect_sharing *sharing = context;
    const struct heap *heap = sharing->run->heap;
    struct collection *out = sharing->run->out;
    struct collect_part *part = &sharing->parts[number];
    bool apart = heap->py->rules.free_threaded; // part of the count may be kept elsewhere
    struct address_map_walk walk;
    address_map_begin_at(&walk, &heap->addresses, part->first);
    while (walk.node + 1 != part->end && address_map_next(&walk)) {
        node n = walk.node;
        out->refs[n] = REFS_NONE;
        out->fate[n] = FATE_NONE;
        if (!in_scope(heap, n, sharing->generation, sharing->interpreter))
            continue;
        bool immortal;
        int64_t refs = gc_refcount(part->py, walk.at, &immortal);
        if (immortal)
            continue;
        refs = refs < 0 && !apart ? 0 : clamp(refs);
        if (refs > REFS_LEAST && refs < REFS_MANY)
            out->refs[n] = (int16_t)refs;
        else
            note_many(part, n, refs);
        out->fate[n] = FATE_FREED; // until something is found that holds it
        part->candidates++;
    }
}

static void collect_add_many(struct collect_sharing *sharing)
{
    struct collect_run *run = sharing->run;
    for (unsigned i = 0; i < sharing->shared.parts; i++) {
        struct collect_part *part = &sharing->parts[i];
        for (size_t k = 0; k < part->many_count; k++)
            set_count(run, part->many[k].node, part->many[k].count);
        run->out->candidates += part->candidates;
        run->failed = run->failed || part->failed;
        if (sharing->shared.parts > 1)
            python_reader_add(&part->reader, run->heap->py);
    }
}

// The incremental collector of 3.14.0 to 3.14.4 (Python/gc.c, gc_collect_increment): collect(1)
// only marks what is reachable at the beginning of a cycle; otherwise it takes the young objects
// and as many old ones as work is due. A core does not tell how many those are, but more candidates
// never keep what fewer would free: the young ones' garbage is certain, and a lower bound.
static int scope_of(const struct collect_run *run, int generation, const struct gc_state *state)
{
    if (!run->heap->py->rules.incremental || generation != GEN_1)
        return generation;
    return state->marks_next ? -1 : GEN_0;
}

// Whether the collector may still deal with the referent (_PyObject_GC_MAY_BE_TRACKED): only for
// tuples does it look whether they are tracked.
static bool may_be_tracked(const struct collect_run *run, node n, addr tuple_type)
{
    const struct heap *heap = run->heap;
    if (!(heap->flags[n] & NODE_GC))
        return false;
    if (type_of_node(heap, n)->at != tuple_type)
        return true;
    return (heap->flags[n] & NODE_TRACKED)
           && (heap->gen[n] != GEN_0 || collect_is_candidate(run->out, n));
}

// 1b. the incremental collector (in its young list) and free-threaded builds untrack exact tuples
// (3.13: dicts too) that refer to nothing tracked, in heap order, before anything is subtracted:
// these are no candidates.
static void untrack(struct collect_run *run)
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
            bool any = !is_counted(run->out, n) || (type != tuple && type != dict)
                       || gc_is_deferred(heap->py, heap_addr(heap, n));
            for (uint64_t e = csr_first(&heap->forward, n), end = csr_end(&heap->forward, n);
                 !any && e < end; e++)
                any = may_be_tracked(run, heap->forward.to[e] & EDGE_NODE, tuple);
            if (any)
                continue;
            run->out->refs[n] = REFS_NONE;
            run->out->fate[n] = FATE_NONE;
            run->out->candidates--;
        }
}

// 1c. what threads count apart from the objects
static void add_deferred(void *context, addr object, int64_t count)
{
    struct collect_run *run = context;
    node n = heap_node_of(run->heap, object);
    if (n == NODE_NONE || !collect_is_candidate(run->out, n))
        return;
    // a thread that only drops references has a negative count
    set_count(run, n, clamp(collect_gc_refs(run->out, n) + count));
}

// 2. subtract one for each reference from a candidate to a candidate. What is no candidate, or was
// untracked, has FATE_NONE meanwhile: counts change under the first part's hands alone.
static bool collect_goes_on(struct collect_sharing *sharing, const struct collect_part *part,
                            node n)
{
    node done = n - part->first;
    return done % PROGRESS_EVERY
           || pool_goes_on(&sharing->shared, (unsigned)(part - sharing->parts), done);
}

static void drop_later(struct collect_part *part, node n)
{
    if (++part->dropped[n])
        return;
    if (vec_grow(&part->wrapped, &part->wrapped_room, part->wrapped_count + 1,
                 sizeof *part->wrapped, NULL))
        part->wrapped[part->wrapped_count++] = n;
    else
        part->failed = true;
}

static void subtract(void *context, unsigned number, UNUSED unsigned count)
{
    struct collect_sharing *sharing = context;
    struct collect_run *run = sharing->run;
    struct collect_part *part = &sharing->parts[number];
    const struct heap *heap = run->heap;
    for (node n = part->first; n < part->end; n++) {
        if (!collect_goes_on(sharing, part, n))
            return;
        if (run->out->fate[n] == FATE_NONE)
            continue;
        for (uint64_t e = csr_first(&heap->forward, n), end = csr_end(&heap->forward, n); e < end;
             e++) {
            uint32_t word = heap->forward.to[e];
            node to = word & EDGE_NODE;
            if (!collect_subtracts_if(run->out, heap, n, to, word))
                continue;
            if (part->dropped)
                drop_later(part, to);
            else
                drop_count(run, to);
        }
    }
}

static void drop_many(struct collect_run *run, node n, int64_t references)
{
    if (references && collect_is_candidate(run->out, n))
        set_count(run, n, collect_gc_refs(run->out, n) - references);
}

static void add_dropped(struct collect_sharing *sharing)
{
    struct collect_run *run = sharing->run;
    for (unsigned i = 1; i < sharing->shared.parts; i++) {
        const struct collect_part *part = &sharing->parts[i];
        for (node n = 0; n < run->heap->node_count; n++)
            drop_many(run, n, part->dropped[n]);
        for (size_t k = 0; k < part->wrapped_count; k++)
            drop_many(run, part->wrapped[k], 65536);
        run->failed = run->failed || part->failed;
    }
}

// Gives a fate to the candidates with the fate `from` to which the node refers. Those before `here`
// go on the stack; the caller reaches the others later.
static void collect_reach(struct collect_run *run, node n, node here, enum collect_fate from,
                          enum collect_fate to)
{
    const struct heap *heap = run->heap;
    uint8_t *fate = run->out->fate;
    for (uint64_t e = csr_first(&heap->forward, n), end = csr_end(&heap->forward, n); e < end;
         e++) {
        uint32_t word = heap->forward.to[e];
        node next = word & EDGE_NODE;
        if ((word & EDGE_HOLDS) || fate[next] != from)
            continue;
        fate[next] = (uint8_t)to;
        if (next < here)
            run->stack[run->depth++] = next;
    }
}

// Follows everything on the stack, and all that it reaches. A few nodes at a time: they are
// scattered in memory, and their edges are prefetched.
static void reach_stacked(struct collect_run *run, node here, enum collect_fate from,
                          enum collect_fate to)
{
    const struct csr *forward = &run->heap->forward;
    node batch[REACH_BATCH];
    while (run->depth) {
        size_t count = run->depth < REACH_BATCH ? run->depth : REACH_BATCH;
        for (size_t i = 0; i < count; i++) {
            batch[i] = run->stack[--run->depth];
            __builtin_prefetch(&forward->offset[batch[i]]);
        }
        for (size_t i = 0; i < count; i++)
            __builtin_prefetch(&forward->to[csr_first(forward, batch[i])]);
        for (size_t i = 0; i < count; i++)
            collect_reach(run, batch[i], here, from, to);
    }
}

// 3. an object with gc_refs left is held from outside, and keeps all that it reaches. The rest
// is unreachable. One that was reached before its own count was examined is held as well:
// collect_fate says so.
static void move_reachable(struct collect_run *run)
{
    struct collection *out = run->out;
    uint32_t count = run->heap->node_count;
    for (node n = 0; n < count; n++) {
        if (out->fate[n] == FATE_FREED && is_counted(out, n))
            out->fate[n] = FATE_HELD;
        else if (out->fate[n] != FATE_REACHABLE)
            continue;
        collect_reach(run, n, n, FATE_FREED, FATE_REACHABLE);
        if (run->depth >= REACH_AT)
            reach_stacked(run, n, FATE_FREED, FATE_REACHABLE);
    }
    reach_stacked(run, count, FATE_FREED, FATE_REACHABLE);
}

enum collect_fate collect_fate(const struct collection *c, node n)
{
    bool held = c->fate[n] == FATE_REACHABLE && is_counted(c, n);
    return held ? FATE_HELD : (enum collect_fate)c->fate[n];
}

static void list_unreachable(struct collect_run *run)
{
    for (node n = 0; n < run->heap->node_count && !run->failed; n++) {
        if (run->out->fate[n] != FATE_FREED)
            continue;
        if (!vec_grow(&run->found, &run->found_room, run->found_count + 1, sizeof *run->found,
                      NULL))
            run->failed = true;
        else
            run->found[run->found_count++] = n;
    }
}

// Gives the fate to an unreachable object, and to all unreachable ones that it reaches.
static void spread(struct collect_run *run, node n, enum collect_fate to)
{
    run->out->fate[n] = (uint8_t)to;
    run->stack[run->depth++] = n;
    reach_stacked(run, NODE_NONE, FATE_FREED, to);
}

// 4. legacy finalizers, and all that they reach: never freed
static void set_legacy_apart(struct collect_run *run)
{
    const struct heap *heap = run->heap;
    for (size_t i = 0; i < run->found_count; i++) {
        node n = run->found[i];
        if (run->out->fate[n] == FATE_FREED
            && object_has_legacy_finalizer(heap->py, type_of_node(heap, n), heap_addr(heap, n)))
            spread(run, n, FATE_UNCOLLECTABLE);
    }
}

bool collect_has_finalizer(const struct heap *heap, node n)
{
    const struct type *type = type_of_node(heap, n);
    if (!type->has_finalizer)
        return false;
    if (!heap_has_values(heap))
        return marks_has(heap->skeleton->finalizers, n);
    return object_may_resurrect(heap->py, type, heap_addr(heap, n),
                                (heap->flags[n] & NODE_FINALIZED) != 0);
}

// Whether a finalizer of the object runs code that may do anything. A finalizer that can be
// followed is noted.
static bool collect_code_runs(struct collect_run *run, node n)
{
    if (!collect_has_finalizer(run->heap, n))
        return false;
    if (!finalizing_follow(&run->finalizing, n))
        return true;
    if (!vec_grow(&run->followed, &run->followed_room, run->followed_count + 1,
                  sizeof *run->followed, NULL)) {
        run->failed = true;
        return true;
    }
    run->followed[run->followed_count++] = n;
    return false;
}

static bool collect_is_found(const void *context, node n)
{
    return collect_is_unreachable(context, n);
}

// 5b. what the finalizers drop falls by its refcount, and is gone when the collector counts. True:
// what falls may do anything.
static bool follow_finalizers(struct collect_run *run)
{
    const struct fall *fall = &run->finalizing.fall;
    if (!fall->count)
        return false;
    if (!finalizing_go(&run->finalizing, collect_is_found, run->out)) {
        for (size_t i = 0; i < run->followed_count; i++)
            if (run->out->fate[run->followed[i]] == FATE_FREED)
                spread(run, run->followed[i], FATE_UNCERTAIN);
        return true;
    }
    for (size_t i = 0; i < fall->queued; i++)
        run->fallen += collect_is_unreachable(run->out, fall->queue[i]);
    return false;
}

// 5. a finalizer may resurrect its object and everything that it reaches; up to 3.8 one resurrected
// object keeps the whole batch
static void mark_uncertain(struct collect_run *run)
{
    const struct heap *heap = run->heap;
    uint8_t *fate = run->out->fate;
    bool any = false;
    for (size_t i = 0; i < run->found_count; i++) {
        node n = run->found[i];
        if (fate[n] != FATE_FREED
            || (collect_gc_refs(run->out, n) >= 0 && !collect_code_runs(run, n)))
            continue;
        any = true;
        spread(run, n, FATE_UNCERTAIN);
    }
    any = follow_finalizers(run) || any;
    for (size_t i = 0; any && heap->py->rules.resurrected_keep_all && i < run->found_count; i++)
        if (fate[run->found[i]] == FATE_FREED)
            fate[run->found[i]] = FATE_UNCERTAIN;
}

// Whether a weak reference from outside has a callback: it runs, and may change the number that
// collect() returns.
static bool callback_waits(const struct collect_run *run, node n, const struct type *type)
{
    const struct heap *heap = run->heap;
    if (collect_is_unreachable(run->out, n))
        return false;
    addr referent = weakref_with_callback(heap->py, type, heap_addr(heap, n));
    node to = referent ? heap_node_of(heap, referent) : NODE_NONE;
    return to != NODE_NONE && collect_is_unreachable(run->out, to);
}

// Which types are weak references: one check per type instead of one per object. Null: out of
// memory.
static bool *weak_types(struct collect_run *run)
{
    uint32_t types = heap_type_count(run->heap);
    bool *weak = malloc(types ? types : 1);
    for (uint32_t i = 0; weak && i < types; i++)
        weak[i] = type_is(type_row(run->heap->py->types, i), TRAIT_WEAK);
    run->failed = run->failed || !weak;
    return weak;
}

static bool callbacks_wait(struct collect_run *run, const bool *weak)
{
    const struct heap *heap = run->heap;
    bool any = false;
    for (node n = 0; n < heap->node_count && !any; n++)
        any = weak[heap_type(heap, n)] && callback_waits(run, n, type_of_node(heap, n));
    return any;
}

// 6. 3.15 on: a weak reference without a callback still leads to its object while callbacks and
// finalizers run, which may resurrect it through that, with everything that it reaches
static void mark_weakly_held(struct collect_run *run, const bool *weak)
{
    const struct heap *heap = run->heap;
    for (node n = 0; n < heap->node_count; n++) {
        if (!weak[heap_type(heap, n)])
            continue;
        addr referent = weakref_plain(heap->py, type_of_node(heap, n), heap_addr(heap, n));
        node to = referent ? heap_node_of(heap, referent) : NODE_NONE;
        if (to != NODE_NONE && run->out->fate[to] == FATE_FREED)
            spread(run, to, FATE_UNCERTAIN);
    }
}

// Whether code runs before the unreachable objects are freed, so that their number may change; and
// marks what it may keep.
static bool code_runs(struct collect_run *run)
{
    bool finalizers = false;
    for (size_t i = 0; i < run->found_count && !finalizers; i++)
        finalizers = run->out->fate[run->found[i]] == FATE_UNCERTAIN;
    bool late = run->heap->py->rules.weakrefs_late;
    if (!run->found_count || (finalizers && !late))
        return finalizers;
    bool *weak = weak_types(run);
    bool runs = !weak || finalizers || callbacks_wait(run, weak);
    if (weak && runs && late)
        mark_weakly_held(run, weak);
    free(weak);
    return runs;
}

static void collect_count(struct collect_run *run, bool code_runs_first)
{
    struct collection *out = run->out;
    for (size_t i = 0; i < run->found_count; i++) {
        uint8_t fate = out->fate[run->found[i]];
        out->bytes += heap_own(run->heap, run->found[i]);
        out->uncertain += fate == FATE_UNCERTAIN;
        out->uncollectable += fate == FATE_UNCOLLECTABLE;
    }
    out->unreachable = run->found_count;
    out->returns = run->found_count - (run->heap->py->rules.counts_before ? 0 : run->fallen);
    out->returns_known = !code_runs_first && heap_is_whole(run->heap);
}

// The counts, as the collector has them before it subtracts.
static void collect_prepare(struct collect_run *run)
{
    const struct heap *heap = run->heap;
    if (heap->py->rules.untracks_tuples)
        untrack(run);
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        deferred_each(heap->py, i, add_deferred, run);
}

// Steps 1 and 2.
static bool collect_deduce(struct collect_run *run, int scope, int interpreter,
                           const struct progress *progress, struct err *err)
{
    struct collect_sharing sharing = { .run = run,
                                       .generation = scope,
                                       .interpreter = interpreter,
                                       .shared = { .progress = progress,
                                                   .phase = "subtracting references",
                                                   .total = run->heap->node_count } };
    bool good = collect_share(&sharing) || err_memory(err, "the dry run");
    if (good) {
        pool_run(sharing.shared.parts, copy_counts, &sharing);
        collect_add_many(&sharing);
        collect_prepare(run);
        pool_run(sharing.shared.parts, subtract, &sharing);
        add_dropped(&sharing);
        good = !atomic_load(&sharing.shared.stopped)
               || err_set(err, ERR_CANCELLED, "the dry run was cancelled");
    }
    collect_unshare(&sharing);
    return good;
}

static void collect_judge(struct collect_run *run)
{
    move_reachable(run);
    list_unreachable(run);
    set_legacy_apart(run);
    mark_uncertain(run);
    collect_count(run, code_runs(run));
}

static bool collect_allocate(struct collect_run *run, struct err *err)
{
    size_t n = run->heap->node_count ? run->heap->node_count : 1;
    run->out->refs = malloc(n * sizeof *run->out->refs);
    run->out->fate = malloc(n);
    run->stack = malloc(n * sizeof *run->stack);
    return (run->out->refs && run->out->fate && run->stack) || err_memory(err, "the dry run");
}

// 2b. an object that its type's tp_is_gc excludes from collection (a running greenlet) may be on a
// list, but visit_decref ignores references to it: it keeps its whole count
static void restore_outside(struct collect_run *run)
{
    const struct heap *heap = run->heap;
    bool immortal;
    for (node n = 0; heap->outside && n < heap->node_count; n++)
        if (collect_is_candidate(run->out, n) && !(heap->flags[n] & NODE_GC))
            set_count(run, n, clamp(gc_refcount(heap->py, heap_addr(heap, n), &immortal)));
}

// Without values: takes the saved run of all interpreters, or the part of one interpreter.
static bool collect_take_skeleton(struct collect_run *run, int interpreter)
{
    const struct heap *heap = run->heap;
    struct collection *out = run->out;
    const struct skeleton_run *saved = &heap->skeleton->runs[out->generation];
    if (!collect_take_many(out, saved->many, saved->many_count, NULL))
        return false;
    for (node n = 0; n < heap->node_count; n++) {
        bool here = interpreter < 0 || !heap->owner || heap->owner[n] == interpreter;
        out->refs[n] = here ? saved->refs[n] : REFS_NONE;
        out->fate[n] = here ? saved->fate[n] : FATE_NONE;
        out->candidates += out->refs[n] != REFS_NONE;
        if (!here || out->fate[n] < FATE_FREED)
            continue;
        out->unreachable++;
        out->bytes += heap_own(heap, n);
        out->uncertain += out->fate[n] == FATE_UNCERTAIN;
        out->uncollectable += out->fate[n] == FATE_UNCOLLECTABLE;
    }
    out->returns = out->unreachable;
    out->returns_known = saved->returns_known && (interpreter < 0 || !heap->owner);
    out->runs = saved->runs;
    return true;
}

bool collect_take_many(struct collection *c, const struct skeleton_count *rows, size_t count,
                       struct err *err)
{
    bool ok = vec_grow(&c->counts, &c->count_room, count + 1, sizeof *c->counts, err);
    for (size_t i = 0; ok && i < count; i++) {
        c->counts[c->count_count] = rows[i].count;
        ok = map_put(&c->many, rows[i].object, (uint32_t)c->count_count++, err);
    }
    return ok;
}

bool collect_run(const struct heap *heap, int generation, int interpreter, struct collection *out,
                 const struct progress *progress, struct err *err)
{
    *out =
        (struct collection){ .generation = generation, .interpreter = interpreter, .runs = true };
    struct collect_run run = { .heap = heap, .out = out };
    struct gc_state state;
    python_gc_state(heap->py, interpreter > 0 ? (size_t)interpreter : 0, &state);
    out->runs = !state.collecting;
    int scope = scope_of(&run, generation, &state);
    bool good = collect_allocate(&run, err);
    if (good && !heap_has_values(heap)) {
        good = collect_take_skeleton(&run, interpreter) || err_memory(err, "the dry run");
    } else if (good) {
        finalizing_init(&run.finalizing, heap);
        good = collect_deduce(&run, scope, interpreter, progress, err);
    }
    if (good && heap_has_values(heap)) {
        restore_outside(&run);
        collect_judge(&run);
        if (scope == GEN_0 && generation != GEN_0) // an increment takes more
            out->returns_known = false;
        good = !run.failed || err_memory(err, "the dry run");
    }
    free(run.stack);
    free(run.found);
    free(run.followed);
    finalizing_fini(&run.finalizing);
    if (!good)
        collect_fini(out);
    return good;
}

void collect_fini(struct collection *collection)
{
    if (!collection->is_lent) {
        free(collection->refs);
        free(collection->fate);
    }
    free(collection->counts);
    map_fini(&collection->many);
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
        return "unreachable, but a finalizer or callback runs first and may keep it";
    case FATE_UNCOLLECTABLE:
        return "unreachable, but a legacy finalizer (tp_del) forbids collecting it";
    }
    return "?";
}
