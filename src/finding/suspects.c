// SPDX-License-Identifier: GPL-3.0-or-later
// Finding what keeps much: see suspects.h.
#include "finding/suspects.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "finding/buckets.h"
#include "graph/marks.h"
#include "heap/names/edge.h"
#include "heap/names/task.h"

#define PERCENT_LEAST 5 // of the heap; 1 with a baseline: what grew may still be small
#define BYTES_LEAST (UINT64_C(128) << 10)
#define ALIKE 3             // heavy children of one type: then the container is the suspect
#define CHAIN_LEAST 100     // links
#define REFERENCES_MANY 200 // more than an instance has attributes
#define PROGRESS_EVERY (1u << 18)
#define AHEAD 16     // objects that memory is asked for in advance
#define OWNERS_MAX 8 // steps up from what is inside of a C object
#define TEXT_ROLES (ROLE_TYPE | ROLE_FUNCTION | ROLE_MODULE | ROLE_CODE)

struct search {
    struct finder *f;
    struct suspects *out;
    uint64_t least;
    uint64_t *claimed; // marks: belongs to a suspect
    node *run;         // one path down, for as long as each object has a single heavy child
    size_t run_count, run_capacity;
    node *todo; // heavy objects still to be examined
    size_t todo_count, todo_capacity;
};

// The least that makes a suspect.
static uint64_t suspects_least(const struct finder *f)
{
    uint64_t share = f->dominate->living_bytes / 100 * (f->before ? 1 : PERCENT_LEAST);
    return share > BYTES_LEAST ? share : BYTES_LEAST;
}

static bool suspects_add(struct search *search, const struct suspect *suspect, struct err *err)
{
    struct suspects *out = search->out;
    if (!vec_grow(&out->items, &out->capacity, out->count + 1, sizeof *out->items, err))
        return false;
    out->items[out->count++] = *suspect;
    return true;
}

// Claims everything that the suspect dominates.
static void suspects_claim(struct search *search, node n)
{
    const struct tree *tree = &search->f->tree;
    uint32_t number = tree->number[n];
    for (uint32_t i = number; number != NODE_NONE && i < tree->end[number]; i++)
        marks_set(search->claimed, tree->order[i]);
}

static bool suspects_is_namespace(const struct finder *f, node n)
{
    uint32_t roles = finder_roles(f, n);
    if (roles & ROLE_DICT)
        return root_paths_module(&f->paths, n) || finder_is_attributes(f, n)
               || finder_is_globals(f, n);
    // What a C class keeps in an object (the handlers of a GObject) is no attribute; neither are
    // the callbacks in the state of the module atexit (up to 3.9).
    bool is_large =
        csr_end(&f->heap->forward, n) - csr_first(&f->heap->forward, n) >= REFERENCES_MANY;
    if (is_large && (roles & ROLE_MODULE))
        return false;
    return (roles & TEXT_ROLES) || ((roles & ROLE_INSTANCE) && !(roles & ROLE_GROWS) && !is_large);
}

// --- 1. by dominators ---------------------------------------------------------------------------

struct below { // an object's children
    uint64_t heavy_bytes;
    uint32_t heavy, alike; // heavy ones, and how many of these are of the most frequent type
    node heaviest;
};

static void suspects_look_below(const struct search *search, uint32_t from, uint32_t end,
                                struct below *below)
{
    const struct tree *tree = &search->f->tree;
    uint32_t type = UINT32_MAX;
    *below = (struct below){ .heaviest = NODE_NONE };
    for (uint32_t i = from; i < end; i = tree->end[i]) {
        node child = tree->order[i];
        uint64_t bytes = finder_retained(search->f, child);
        if (bytes < search->least || finder_is_dead(search->f, child))
            continue;
        if (type == UINT32_MAX)
            type = heap_type(search->f->heap, child);
        below->alike += heap_type(search->f->heap, child) == type;
        below->heavy++;
        below->heavy_bytes += bytes;
        if (below->heaviest == NODE_NONE || bytes > finder_retained(search->f, below->heaviest))
            below->heaviest = child;
    }
}

static bool suspects_push_heavy(struct search *search, uint32_t from, uint32_t end, struct err *err)
{
    const struct tree *tree = &search->f->tree;
    for (uint32_t i = from; i < end; i = tree->end[i]) {
        node child = tree->order[i];
        if (finder_retained(search->f, child) < search->least || finder_is_dead(search->f, child))
            continue;
        if (!vec_grow(&search->todo, &search->todo_capacity, search->todo_count + 1,
                      sizeof *search->todo, err))
            return false;
        search->todo[search->todo_count++] = child;
    }
    return true;
}

// Whether a C object keeps it inside of itself, as neither attribute nor item: the buffer of a
// BytesIO, the list of a SimpleQueue.
static bool suspects_is_inside(const struct search *search, node owner, node n)
{
    struct finder *f = search->f;
    struct heap_edges edges = { 0 };
    bool is_inside = false;
    if ((finder_roles(f, owner) & (ROLE_GROWS | ROLE_TUPLE | TEXT_ROLES))
        || finder_is(f, owner, TRAIT_FRAME | TRAIT_CELL | TRAIT_ANY_GENERATOR))
        return false;
    bool is_instance = finder_roles(f, owner) & ROLE_INSTANCE; // perhaps of a class written in C
    if (finder_edges(f, owner, n, &edges)) {
        const char *edge = heap_edge_name(&edges, 0);
        is_inside =
            is_instance ? *edge == '+' : *edge != '.' && *edge != '[' && strncmp(edge, "local ", 6);
    }
    heap_edges_fini(&edges);
    return is_inside;
}

// Whether it is a library's private attribute: `_mgr` of a DataFrame.
static bool suspects_is_private(struct finder *f, node owner, node n)
{
    struct heap_edges edges = { 0 };
    if (!(finder_roles(f, owner) & ROLE_INSTANCE) || (finder_roles(f, owner) & ROLE_GROWS))
        return false;
    bool is = finder_edges(f, owner, n, &edges) && !strncmp(heap_edge_name(&edges, 0), "._", 2);
    heap_edges_fini(&edges);
    return is;
}

static bool suspects_is_node(const struct search *search, node n)
{
    return n < search->f->heap->node_count;
}

// The object that people know: a DataFrame rather than an array of its blocks. It is found by going
// up as long as something is inside of a C object, and then as long as the names are a library's
// private ones.
//
// parent: of the dominator tree, or of the root paths.
static node suspects_owner(const struct search *search, node n, const node *parent)
{
    struct finder *f = search->f;
    node top = n, below = n;
    for (int i = 0; i < OWNERS_MAX && suspects_is_node(search, parent[below]); i++) {
        node owner = parent[below];
        bool is_tuple_inside = (finder_roles(f, owner) & ROLE_TUPLE)
                               && suspects_is_node(search, parent[owner])
                               && suspects_is_inside(search, parent[owner], owner);
        if (suspects_is_inside(search, owner, below)
            || (top != n && suspects_is_private(f, owner, below)))
            top = owner;
        else if (!is_tuple_inside)
            break;
        below = owner;
    }
    return top;
}

static bool suspects_give_one(struct search *search, node n, struct err *err)
{
    for (size_t i = 0; i < search->out->count; i++) // another of its parts led here before
        if (search->out->items[i].object == n)
            return true;
    suspects_claim(search, n);
    return suspects_add(search,
                        &(struct suspect){ .form = SUSPECT_ALONE,
                                           .object = n,
                                           .bytes = finder_retained(search->f, n),
                                           .type = heap_type(search->f->heap, n) },
                        err);
}

// The most frequent of the run's types, those first in which programs express structure: links of a
// chain are instances, functions or exceptions rather than the dicts and cells between them.
static uint32_t suspects_link_type(const struct search *search, uint64_t *links)
{
    const struct finder *f = search->f;
    uint32_t best = UINT32_MAX, *counts = calloc(heap_type_count(f->heap) + 1u, sizeof *counts);
    int best_rank = -1;
    for (size_t i = 0; counts && i < search->run_count; i++)
        counts[heap_type(f->heap, search->run[i])]++;
    for (uint32_t t = 0; counts && t < heap_type_count(f->heap); t++) {
        if (counts[t] < CHAIN_LEAST || counts[t] < search->run_count / 16)
            continue;
        uint32_t roles = f->types[t].roles;
        int rank = roles & (ROLE_INSTANCE | ROLE_EXCEPTION) ? 2
                   : roles & (ROLE_FUNCTION | ROLE_METHOD)  ? 1
                                                            : 0;
        if (best == UINT32_MAX || rank > best_rank
            || (rank == best_rank && counts[t] > counts[best])) {
            best = t;
            best_rank = rank;
        }
    }
    *links = best == UINT32_MAX ? 0 : counts[best];
    free(counts);
    return best;
}

// Adds the run as a chain, if the bytes are spread along it and not at its end.
static bool suspects_give_chain(struct search *search, bool *is_chain, struct err *err)
{
    const struct finder *f = search->f;
    uint64_t links = 0;
    node last = search->run[search->run_count - 1];
    *is_chain = false;
    if (search->run_count < CHAIN_LEAST)
        return true;
    uint32_t type = suspects_link_type(search, &links);
    if (type == UINT32_MAX)
        return true;
    size_t first = 0;
    while (heap_type(f->heap, search->run[first]) != type)
        first++;
    node head = search->run[first];
    if (finder_retained(f, head) - finder_retained(f, last) < search->least)
        return true;
    *is_chain = true;
    suspects_claim(search, head);
    return suspects_add(search,
                        &(struct suspect){ .form = SUSPECT_CHAIN,
                                           .object = head,
                                           .bytes = finder_retained(f, head),
                                           .count = links,
                                           .type = type },
                        err);
}

// Goes down from a heavy object to where the path ends or forks.
static bool suspects_go_down(struct search *search, node n, struct err *err)
{
    const struct finder *f = search->f;
    struct below below;
    uint32_t number;
    search->run_count = 0;
    for (;;) {
        if (!vec_grow(&search->run, &search->run_capacity, search->run_count + 1,
                      sizeof *search->run, err))
            return false;
        search->run[search->run_count++] = n;
        number = f->tree.number[n];
        suspects_look_below(search, number + 1, f->tree.end[number], &below);
        if (below.heavy != 1 || finder_retained(f, n) - below.heavy_bytes >= search->least)
            break;
        n = below.heaviest;
    }
    bool is_chain = false, fans = finder_retained(f, n) - below.heavy_bytes >= search->least;
    bool plain = (finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE)) && !suspects_is_namespace(f, n);
    if (!suspects_give_chain(search, &is_chain, err))
        return false;
    if (is_chain)
        return true;
    if (plain && (below.alike >= ALIKE || (fans && below.heavy)))
        return suspects_give_one(search, suspects_owner(search, n, f->dominate->parent), err);
    if (below.heavy)
        return suspects_push_heavy(search, number + 1, f->tree.end[number], err);
    return suspects_is_namespace(f, n)
           || suspects_give_one(search, suspects_owner(search, n, f->dominate->parent), err);
}

static bool suspects_dominators(struct search *search, struct err *err)
{
    bool ok = suspects_push_heavy(search, 0, search->f->tree.count, err);
    while (ok && search->todo_count)
        ok = suspects_go_down(search, search->todo[--search->todo_count], err);
    return ok;
}

// --- 2. by root paths ---------------------------------------------------------------------------

// Whether it is code in its own place, the namespace of a module or a class, where it does not
// count.
static bool suspects_is_at_home(const struct finder *f, node n, node from)
{
    if (!(finder_roles(f, n) & TEXT_ROLES))
        return false;
    if (!(finder_roles(f, from) & ROLE_DICT))
        return finder_roles(f, from) & TEXT_ROLES;
    return root_paths_module(&f->paths, from) || (finder_roles(f, f->paths.from[from]) & ROLE_TYPE);
}

// Whether it is a namespace with one object that has half of its bytes: that object is what is
// heavy.
static bool suspects_is_of_one(const struct finder *f, node n, const uint64_t *weight)
{
    const struct csr *forward = &f->heap->forward;
    if (!suspects_is_namespace(f, n))
        return false;
    for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n); e++) {
        node to = forward->to[e] & EDGE_NODE;
        if (f->paths.from[to] == n && to != n && weight[to] >= weight[n] / 2)
            return true;
    }
    return false;
}

static bool suspects_give_shared(struct search *search, node n, uint64_t bytes, struct err *err)
{
    n = suspects_owner(search, n, search->f->paths.from);
    for (size_t i = 0; i < search->out->count; i++) // it also keeps something alone: one suspect
        if (search->out->items[i].object == n) {
            search->out->items[i].bytes += bytes;
            return true;
        }
    return suspects_add(search,
                        &(struct suspect){ .form = SUSPECT_SHARED,
                                           .object = n,
                                           .bytes = bytes,
                                           .type = heap_type(search->f->heap, n) },
                        err);
}

// Claims what is reached through the taken objects; a predecessor precedes its successors.
static void suspects_claim_shared(struct search *search, uint64_t *taken)
{
    const struct root_paths *paths = &search->f->paths;
    for (uint32_t i = 0; i < paths->count; i++) {
        node n = paths->order[i];
        if (!marks_has(taken, n) && !marks_has(taken, paths->from[n]))
            continue;
        marks_set(taken, n);
        marks_set(search->claimed, n);
    }
}

// Asks memory for what is needed of an object that is some places further in the walk backwards.
__attribute__((always_inline)) static inline void
suspects_prefetch(const struct finder *f, uint32_t place, const uint64_t *weight)
{
    if (place < AHEAD)
        return;
    node n = f->paths.order[place - AHEAD];
    __builtin_prefetch(&f->paths.from[n]);
    __builtin_prefetch(&weight[n], 1);
    __builtin_prefetch(&f->heap->size16[n]);
    if (f->heap->type16)
        __builtin_prefetch(&f->heap->type16[n]);
}

static bool suspects_paths(struct search *search, struct err *err)
{
    struct finder *f = search->f;
    const struct root_paths *paths = &f->paths;
    size_t count = (size_t)f->heap->node_count + 1;
    uint64_t *weight = calloc(count, sizeof *weight); // bytes reached through an object
    uint64_t *heavy = calloc(count, sizeof *heavy);   // of these, through heavy children
    uint64_t *taken = calloc(marks_words(f->heap->node_count) + 1, sizeof *taken);
    bool ok = weight && heavy && taken;
    if (!ok)
        err_memory(err, "what is heavy");
    for (uint32_t i = paths->count; ok && i-- > 0;) {
        if (i % PROGRESS_EVERY == 0
            && !progress_step(f->progress, "weighing what is heavy", paths->count - i,
                              paths->count)) {
            ok = err_set(err, ERR_CANCELLED, "weighing what is heavy was cancelled");
            break;
        }
        suspects_prefetch(f, i, weight);
        node n = paths->order[i], from = paths->from[n];
        if (!marks_has(search->claimed, n))
            weight[n] += heap_own(f->heap, n);
        if (weight[n] >= search->least && weight[n] >= search->least + heavy[n]
            && ((finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE)) || !suspects_is_namespace(f, n))
            && !suspects_is_of_one(f, n, weight)) {
            ok = suspects_give_shared(search, n, weight[n] - heavy[n], err);
            marks_set(taken, n);
        }
        if (from == n || suspects_is_at_home(f, n, from))
            continue;
        weight[from] += weight[n];
        if (weight[n] >= search->least)
            heavy[from] += weight[n];
    }
    if (ok)
        suspects_claim_shared(search, taken);
    free(weight);
    free(heavy);
    free(taken);
    return ok;
}

// --- 3. by class --------------------------------------------------------------------------------

// The bytes that it dominates and that belong to no suspect yet.
static uint64_t suspects_bytes_left(const struct search *search, node n)
{
    const struct finder *f = search->f;
    uint32_t number = f->tree.number[n];
    uint64_t bytes = 0;
    for (uint32_t i = number; i < f->tree.end[number]; i++)
        if (!marks_has(search->claimed, f->tree.order[i]))
            bytes += heap_own(f->heap, f->tree.order[i]);
    return bytes;
}

// Whether a str lives without a holder: it was interned (3.12 and later).
static bool suspects_is_interned(const struct finder *f, node n)
{
    const struct csr *reverse = &f->heap->reverse;
    if (!(finder_roles(f, n) & ROLE_STRING) || !(f->heap->flags[n] & NODE_IMMORTAL))
        return false;
    for (uint64_t e = csr_first(reverse, n); e < csr_end(reverse, n); e++)
        if (marks_has(f->roots->only, reverse->to[e] & EDGE_NODE)) // not their table
            return false;
    return true;
}

// Groups by type the objects that no single object dominates and that belong to no suspect yet.
// Plain data has no telling type.
static bool suspects_classes(struct search *search, struct err *err)
{
    struct finder *f = search->f;
    const struct tree *tree = &f->tree;
    const uint32_t dull = TEXT_ROLES | ROLE_STRING | ROLE_NUMBER | ROLE_DICT | ROLE_TUPLE;
    struct buckets groups = { 0 };
    bool ok = true;
    for (uint32_t i = 0; ok && i < tree->count; i = tree->end[i]) {
        node n = tree->order[i];
        bool is_interned = suspects_is_interned(f, n);
        if (marks_has(search->claimed, n) || finder_is_dead(f, n)
            || ((finder_roles(f, n) & dull) && !(finder_roles(f, n) & ROLE_INSTANCE)
                && !is_interned))
            continue;
        ok = buckets_add(&groups, finder_alike(f, n), n, suspects_bytes_left(search, n), NULL, err);
    }
    buckets_sort(&groups);
    for (size_t i = 0; ok && i < groups.count && groups.items[i].bytes >= search->least; i++) {
        const struct bucket *group = &groups.items[i];
        if (group->count > 1)
            ok = suspects_add(search,
                              &(struct suspect){ .form = SUSPECT_CLASS,
                                                 .object = group->largest,
                                                 .bytes = group->bytes,
                                                 .count = group->count,
                                                 .type = (uint32_t)group->key },
                              err);
    }
    buckets_free(&groups);
    return ok;
}

// --- all of it ----------------------------------------------------------------------------------

static int suspects_by_bytes(const void *left, const void *right)
{
    const struct suspect *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return (a->object > b->object) - (a->object < b->object);
}

bool suspects_find(struct suspects *suspects, struct finder *f, struct err *err)
{
    *suspects = (struct suspects){ 0 };
    if (!finder_need_paths(f, err) || !finder_need_tree(f, err))
        return false;
    struct search search = { .f = f, .out = suspects, .least = suspects_least(f) };
    search.claimed = calloc(marks_words(f->heap->node_count) + 1, sizeof *search.claimed);
    bool ok = search.claimed ? suspects_dominators(&search, err) && suspects_paths(&search, err)
                                   && suspects_classes(&search, err)
                             : err_memory(err, "what is heavy");
    if (ok && suspects->count)
        qsort(suspects->items, suspects->count, sizeof *suspects->items, suspects_by_bytes);
    free(search.claimed);
    free(search.run);
    free(search.todo);
    if (!ok)
        suspects_free(suspects);
    return ok;
}

void suspects_free(struct suspects *suspects)
{
    free(suspects->items);
    *suspects = (struct suspects){ 0 };
}
