// SPDX-License-Identifier: GPL-3.0-or-later
// A collection explained: see explain.h.
#include "heap/analysis/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/unused.h"
#include "base/vec.h"
#include "graph/graph.h"
#include "heap/names/edge.h"
#include "py/objects/type.h"
#include "py/runtime/finalizer.h"

#define EXPLAIN_LISTED 20 // finalizers and weak references listed; the rest are counted

struct explain {
    const struct explain_sources *sources;
    const struct heap *heap;
    const struct collection *run;
    struct explanation *out;
    struct err *err;
    node *from, *queue; // of a search: each node's predecessor; the nodes found, in order
    size_t found;
};

// A text in the explanation's arena. Null: out of memory, which explain_add() reports.
static const char *explain_format(struct explain *ex, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *explain_format(struct explain *ex, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_format_list(&ex->out->texts, format, args);
    va_end(args);
    return text;
}

static bool explain_add(struct explain *ex, struct explain_step step)
{
    struct explanation *out = ex->out;
    if (!step.what)
        return err_memory(ex->err, "the steps of a collection");
    if (!vec_grow(&out->items, &out->capacity, out->count + 1, sizeof *out->items, ex->err))
        return false;
    out->items[out->count++] = step;
    return true;
}

static bool explain_row(struct explain *ex, const char *step, int64_t count, const char *what,
                        node object)
{
    return explain_add(ex, (struct explain_step){ step, count, false, what, object });
}

// What is not listed one by one.
static bool explain_rest(struct explain *ex, const char *step, uint64_t count, const char *what)
{
    return explain_add(ex, (struct explain_step){ step, (int64_t)count, true, what, NODE_NONE });
}

// "app.Node.next", "frame: local x": the holder's type and the name of its reference.
static const char *explain_name(struct explain *ex, const struct heap_edges *edges, size_t i)
{
    const char *name = heap_edge_name(edges, i);
    const char *type = heap_type_name(ex->heap, heap_type(ex->heap, edges->items[i].from));
    bool joins = *name == '.' || *name == '[';
    return explain_format(ex, "%s%s%s", type, joins ? "" : ": ", name);
}

// --- counts -------------------------------------------------------------------------------------

static bool explain_not_candidate(struct explain *ex, node n)
{
    const struct heap *heap = ex->heap;
    static const char *const generations[] = { "0", "1", "2", "permanent" };
    int gen = heap->gen[n];
    const char *why =
        "nothing that the collector counts: it is untracked before refcounts are copied";
    if (!(heap->flags[n] & NODE_TRACKED))
        why = "the collector does not track it: only its refcount can free it";
    else if (heap->flags[n] & NODE_IMMORTAL)
        why = "it is immortal: never collected";
    else if (gen == GEN_PERMANENT)
        why = "it is in the permanent generation (gc.freeze): never collected";
    else if (gen <= GEN_2 && gen > ex->run->generation)
        why = explain_format(ex,
                             "it is in generation %s: a collection of generation %d leaves it "
                             "alone, and what it refers to counts as held from outside",
                             generations[gen], ex->run->generation);
    else if (ex->run->interpreter >= 0)
        why = "it belongs to another interpreter, or the collector leaves it out";
    return explain_row(ex, "fate", EXPLAIN_NO_COUNT, explain_format(ex, "not a candidate: %s", why),
                       n);
}

// Adds one row per reference that the collector subtracts, and counts them.
static bool explain_subtractions(struct explain *ex, node n, const struct heap_edges *edges,
                                 uint64_t *count)
{
    const struct csr *reverse = &ex->heap->reverse;
    uint64_t all = 0, named = 0;
    for (uint64_t e = csr_first(reverse, n), end = csr_end(reverse, n); e < end; e++)
        all += collect_subtracts(ex->run, ex->heap, reverse->to[e] & EDGE_NODE, n,
                                 reverse->to[e] & ~EDGE_NODE);
    bool ok = true;
    for (size_t i = 0; ok && i < edges->count; i++) {
        if (!collect_subtracts(ex->run, ex->heap, edges->items[i].from, n, edges->items[i].flags))
            continue;
        named++;
        ok = explain_row(ex, "subtract", -1, explain_name(ex, edges, i), edges->items[i].from);
    }
    *count = all;
    if (ok && all > named)
        ok = explain_row(ex, "subtract", -(int64_t)(all - named),
                         "further references from candidates", NODE_NONE);
    return ok;
}

static const char *explain_outside_why(const struct explain *ex, node from, uint32_t flags)
{
    if (flags & EDGE_HOLDS)
        return ", which tp_traverse does not visit";
    if (heap_evidence(ex->heap, from) == EVIDENCE_GUESSED && collect_is_candidate(ex->run, from))
        return ", which is guessed";
    if (collect_is_candidate(ex->run, from))
        return ", from another interpreter";
    switch (ex->heap->gen[from]) {
    case GEN_0:
    case GEN_1:
    case GEN_2:
        return ex->heap->gen[from] > ex->run->generation ? ", of an older generation"
                                                         : ", which is not a candidate";
    case GEN_PERMANENT:
        return ", of the permanent generation";
    default:
        return ", which is not tracked";
    }
}

// Adds the roots by name, each with the number of references that it accounts for.
static bool explain_roots(struct explain *ex, node n, int64_t *count)
{
    const struct heap_roots *roots = ex->sources->roots;
    struct text name = TEXT_INIT;
    bool ok = true;
    for (size_t i = heap_roots_first(roots, n); ok && i < roots->count && roots->items[i].to == n;
         i++) {
        const struct root *root = &roots->items[i].root;
        if (!heap_root_is_holder(root))
            continue;
        text_clear(&name);
        root_name(ex->heap->py, root, &name);
        int64_t stands = root->kind == ROOT_NATIVE ? (int64_t)root->index : 1;
        *count += stands;
        ok = explain_row(ex, "outside", stands,
                         arena_copy(&ex->out->texts, text_string(&name), name.size), NODE_NONE);
    }
    text_fini(&name);
    return ok;
}

// What is left in gc_refs, by name.
static bool explain_outside(struct explain *ex, node n, const struct heap_edges *edges)
{
    int64_t count = 0;
    bool ok = explain_roots(ex, n, &count);
    for (size_t i = 0; ok && i < edges->count; i++) {
        node from = edges->items[i].from;
        uint32_t flags = edges->items[i].flags;
        if ((flags & EDGE_BORROWED) || collect_subtracts(ex->run, ex->heap, from, n, flags)
            || !marks_has(ex->sources->roots->only, from))
            continue;
        count++;
        ok = explain_row(ex, "outside", 1,
                         explain_format(ex, "%s%s", explain_name(ex, edges, i),
                                        explain_outside_why(ex, from, flags)),
                         from);
    }
    int64_t rest = collect_gc_refs(ex->run, n) - count;
    if (ok && rest > 0)
        ok = explain_row(ex, "outside", rest, "held by something that was not found", NODE_NONE);
    return ok;
}

// refcount - subtractions = gc_refs
static bool explain_counts(struct explain *ex, node n, const struct heap_edges *edges)
{
    int64_t refcount = heap_refcount(ex->heap, n), refs = collect_gc_refs(ex->run, n);
    uint64_t subtracted;
    if (!explain_row(ex, "refcount", refcount, "its refcount, copied", n)
        || !explain_subtractions(ex, n, edges, &subtracted))
        return false;
    int64_t apart = refs - (refcount - (int64_t)subtracted);
    return (!apart
            || explain_row(ex, "apart", apart,
                           "counted apart from the object, by threads and running frames",
                           NODE_NONE))
           && explain_row(ex, "gc_refs", refs, "references from outside of the candidates", n);
}

// --- searches -----------------------------------------------------------------------------------

// Searches breadth first from n along visited edges, through nodes that may be passed, until one
// ends the search. Returns that one, or NODE_NONE. ex->from leads back; the start is its own
// predecessor.
static node explain_search(struct explain *ex, const struct csr *graph, node n,
                           bool (*passes)(const struct explain *ex, node n),
                           bool (*ends)(const struct explain *ex, node n, const void *context),
                           const void *context)
{
    for (size_t i = 0; i < ex->found; i++)
        ex->from[ex->queue[i]] = NODE_NONE;
    ex->found = 0;
    ex->from[n] = n;
    ex->queue[ex->found++] = n;
    for (size_t i = 0; i < ex->found; i++) {
        node at = ex->queue[i];
        if (ends && ends(ex, at, context))
            return at;
        for (uint64_t e = csr_first(graph, at), end = csr_end(graph, at); e < end; e++) {
            node to = graph->to[e] & EDGE_NODE;
            if ((graph->to[e] & EDGE_HOLDS) || ex->from[to] != NODE_NONE || !passes(ex, to))
                continue;
            ex->from[to] = at;
            ex->queue[ex->found++] = to;
        }
    }
    return NODE_NONE;
}

static bool explain_reached(const struct explain *ex, node n)
{
    enum collect_fate fate = collect_fate(ex->run, n);
    return fate == FATE_HELD || fate == FATE_REACHABLE;
}

static bool explain_held(const struct explain *ex, node n, UNUSED const void *context)
{
    return collect_fate(ex->run, n) == FATE_HELD;
}

static bool explain_unreachable(const struct explain *ex, node n)
{
    return collect_is_unreachable(ex->run, n);
}

// One reference of a chain or a ring: the first that is visited.
static bool explain_step(struct explain *ex, const char *step, int64_t count, node from, node to)
{
    struct heap_edges edges = { 0 };
    bool ok = heap_edges_between(ex->heap, from, to, &edges, ex->err);
    size_t i = 0;
    while (ok && i + 1 < edges.count && (edges.items[i].flags & EDGE_HOLDS))
        i++;
    ok = ok
         && explain_row(ex, step, count,
                        edges.count ? explain_name(ex, &edges, i) : "a reference without a name",
                        to);
    heap_edges_fini(&edges);
    return ok;
}

// Prints a backward search's result forward, from where it ended to where it began.
static bool explain_chain(struct explain *ex, const char *step, node at)
{
    bool ok = true;
    for (int64_t count = 1; ok && ex->from[at] != at; count++, at = ex->from[at])
        ok = explain_step(ex, step, count, at, ex->from[at]);
    return ok;
}

static bool explain_rescue(struct explain *ex, node n)
{
    node held = explain_search(ex, &ex->heap->reverse, n, explain_reached, explain_held, NULL);
    if (held == NODE_NONE)
        return explain_row(ex, "rescue", EXPLAIN_NO_COUNT, "by something that was not found",
                           NODE_NONE);
    struct heap_edges edges = { 0 };
    const char *type = heap_type_name(ex->heap, heap_type(ex->heap, held));
    bool ok = explain_row(ex, "rescue", 0,
                          explain_format(ex, "%s, whose gc_refs stay at %" PRId64, type,
                                         collect_gc_refs(ex->run, held)),
                          held)
              && explain_chain(ex, "rescue", held)
              && heap_referrers(ex->heap, held, EXPLAIN_NAMED, &edges, ex->err)
              && explain_outside(ex, held, &edges);
    heap_edges_fini(&edges);
    return ok;
}

// --- garbage ------------------------------------------------------------------------------------

static bool explain_on_ring(UNUSED const struct explain *ex, node n, const void *context)
{
    return marks_has(context, n);
}

// Whether an edge closes the ring by leading back to its start.
static bool explain_closes(const struct explain *ex, node n, const void *context)
{
    return csr_find_edge(&ex->heap->forward, EDGE_HOLDS, n, *(const node *)context) != CSR_NO_EDGE;
}

static bool explain_draw_ring(struct explain *ex, node start)
{
    node last =
        explain_search(ex, &ex->heap->forward, start, explain_unreachable, explain_closes, &start);
    size_t length = 1;
    for (node at = last; last != NODE_NONE && at != start; at = ex->from[at])
        length++;
    if (last == NODE_NONE)
        return true;
    node *ring = malloc(length * sizeof *ring);
    if (!ring)
        return err_memory(ex->err, "a ring");
    size_t i = length;
    for (node at = last; i > 0; at = ex->from[at])
        ring[--i] = at;
    bool ok = true;
    for (i = 0; ok && i < length; i++)
        ok = explain_step(ex, "ring", (int64_t)i + 1, ring[i], ring[(i + 1) % length]);
    free(ring);
    return ok;
}

// Marks the unreachable objects that are on rings.
static uint64_t *explain_mark_rings(struct explain *ex)
{
    const struct heap *heap = ex->heap;
    size_t words = marks_words(heap->node_count) + 1;
    uint64_t *only = calloc(words, sizeof *only), *on = calloc(words, sizeof *on);
    struct scc scc = { 0 };
    struct scc_rings rings = { 0 };
    struct walk walk = { .skip_mask = EDGE_HOLDS, .only = only };
    bool ok = (only && on) || err_memory(ex->err, "a set of objects");
    for (node n = 0; ok && n < heap->node_count; n++)
        if (collect_is_unreachable(ex->run, n))
            marks_set(only, n);
    ok = ok && scc_find(&heap->forward, walk, &scc, ex->sources->progress, ex->err)
         && scc_list_rings(&heap->forward, walk, &scc, &rings, ex->err);
    for (uint32_t i = 0; ok && i < rings.count; i++)
        for (uint32_t m = rings.first[i]; m < rings.first[i + 1]; m++)
            marks_set(on, rings.member[m]);
    scc_rings_free(&rings);
    scc_free(&scc);
    free(only);
    if (ok)
        return on;
    free(on);
    return NULL;
}

static bool explain_ring(struct explain *ex, node n)
{
    uint64_t *on = explain_mark_rings(ex);
    if (!on)
        return false;
    node ring = explain_search(ex, &ex->heap->reverse, n, explain_unreachable, explain_on_ring, on);
    free(on);
    if (ring == NODE_NONE)
        return explain_row(ex, "ring", EXPLAIN_NO_COUNT,
                           "no cycle keeps it: nothing of what is left holds it", NODE_NONE);
    return explain_chain(ex, "hangs", ring) && explain_draw_ring(ex, ring);
}

// Lists the finalizers of all objects that lead to n: any of them may resurrect it. The search
// leaves all such objects in the queue.
static bool explain_finalizers(struct explain *ex, node n)
{
    const struct heap *heap = ex->heap;
    explain_search(ex, &heap->reverse, n, explain_unreachable, NULL, NULL);
    uint64_t count = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < ex->found; i++) {
        node at = ex->queue[i];
        bool legacy =
            heap_has_values(heap)
            && object_has_legacy_finalizer(heap->py, type_row(heap->py->types, heap_type(heap, at)),
                                           heap_addr(heap, at));
        if ((!legacy && !collect_has_finalizer(heap, at)) || ++count > EXPLAIN_LISTED)
            continue;
        const char *type = heap_type_name(heap, heap_type(heap, at));
        ok = explain_row(ex, "finalizer", (int64_t)count,
                         explain_format(ex,
                                        legacy
                                            ? "%s has a legacy finalizer (tp_del): never collected"
                                        : collect_fate(ex->run, at) == FATE_FREED
                                            ? "%s has a finalizer: it runs first, and keeps nothing"
                                            : "%s has a finalizer: it runs first, and may keep it",
                                        type),
                         at);
    }
    if (ok && count > EXPLAIN_LISTED)
        ok = explain_rest(ex, "finalizer", count - EXPLAIN_LISTED, "further finalizers");
    return ok;
}

static const char *explain_weakref_fate(const struct explain *ex, node ref, bool callback)
{
    if (collect_is_unreachable(ex->run, ref))
        return callback ? "cleared; it is garbage as well: its callback does not run"
                        : "cleared; it is garbage as well";
    if (callback)
        return "cleared, then its callback runs";
    return ex->heap->py->rules.weakrefs_late ? "cleared when finalizers have run"
                                             : "cleared before finalizers run";
}

static bool explain_weakrefs(struct explain *ex, node n)
{
    const struct heap *heap = ex->heap;
    addr at = heap_addr(heap, n);
    uint64_t count = 0;
    bool ok = true;
    if (!heap_has_values(heap)) // weak references' targets are not saved
        return true;
    for (node ref = 0; ok && ref < heap->node_count; ref++) {
        const struct type *type = type_row(heap->py->types, heap_type(heap, ref));
        if (!type_is(type, TRAIT_WEAK))
            continue;
        bool callback = weakref_with_callback(heap->py, type, heap_addr(heap, ref)) == at;
        if (!callback && weakref_plain(heap->py, type, heap_addr(heap, ref)) != at)
            continue;
        if (++count <= EXPLAIN_LISTED)
            ok = explain_row(ex, "weakref", (int64_t)count, explain_weakref_fate(ex, ref, callback),
                             ref);
    }
    if (ok && count > EXPLAIN_LISTED)
        ok = explain_rest(ex, "weakref", count - EXPLAIN_LISTED, "further weak references");
    return ok;
}

// --- all of it ----------------------------------------------------------------------------------

static bool explain_fate(struct explain *ex, node n, enum collect_fate fate,
                         const struct heap_edges *edges)
{
    if (collect_gc_refs(ex->run, n) > 0 && !explain_outside(ex, n, edges))
        return false;
    if (fate == FATE_REACHABLE && !explain_rescue(ex, n))
        return false;
    if (fate >= FATE_FREED
        && (!explain_ring(ex, n) || !explain_finalizers(ex, n) || !explain_weakrefs(ex, n)))
        return false;
    return explain_row(ex, "fate", EXPLAIN_NO_COUNT, collect_reason(fate), n);
}

static bool explain_steps(struct explain *ex, node n)
{
    enum collect_fate fate = collect_fate(ex->run, n);
    if (fate == FATE_NONE)
        return explain_not_candidate(ex, n);
    struct heap_edges edges = { 0 };
    bool ok = heap_referrers(ex->heap, n, EXPLAIN_NAMED, &edges, ex->err)
              && explain_counts(ex, n, &edges) && explain_fate(ex, n, fate, &edges);
    heap_edges_fini(&edges);
    return ok;
}

bool explain_object(struct explanation *explanation, const struct explain_sources *sources, node n,
                    struct err *err)
{
    struct explain ex = { .sources = sources,
                          .heap = sources->heap,
                          .run = sources->run,
                          .out = explanation,
                          .err = err };
    size_t count = sources->heap->node_count;
    ex.from = malloc(count * sizeof *ex.from);
    ex.queue = malloc(count * sizeof *ex.queue);
    bool ok = (ex.from && ex.queue) || err_memory(err, "a search");
    for (size_t i = 0; ok && i < count; i++)
        ex.from[i] = NODE_NONE;
    ok = ok && explain_steps(&ex, n);
    free(ex.from);
    free(ex.queue);
    return ok;
}

void explanation_fini(struct explanation *explanation)
{
    free(explanation->items);
    arena_fini(&explanation->texts);
    *explanation = (struct explanation){ 0 };
}
