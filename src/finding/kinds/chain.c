// SPDX-License-Identifier: GPL-3.0-or-later
// chain: objects of one structure that keep one another alive: an endless linked list of nodes, of
// exceptions with their contexts, of generators around generators.
//
//   1. for each type with many objects and bytes, find how deep they are nested in the dominator
//      tree, and the deepest: its ancestors of the type are the chain
//   2. the highest of them must retain a noticeable part of the heap
//   3. a chain often runs through several types (function, tuple, cell, function ...): the most
//      telling one is reported
//
// The kind `container` tells of what accumulates in a container.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"

#define LENGTH_LEAST 500 // of the chain
#define PERCENT_LEAST 1  // of the heap

struct chain {
    uint32_t type;
    node top, deepest; // the highest and the lowest object of the type
    uint32_t length;   // how many of the type are between them, both included
    int rank;          // how telling the type is: the lower the better
};

// The objects of one type, as places in the tree's order.
struct chain_links {
    uint32_t *first; // per type: where its objects begin in `all`; one extra entry at the end
    uint32_t *all;
};

static bool chain_sort_places(const struct finder *f, struct chain_links *places, struct err *err)
{
    uint32_t types = heap_type_count(f->heap);
    places->first = calloc((size_t)types + 2, sizeof *places->first);
    places->all = malloc(((size_t)f->tree.count + 1) * sizeof *places->all);
    if (!places->first || !places->all)
        return err_memory(err, "chains");
    for (uint32_t i = 0; i < f->tree.count; i++)
        places->first[heap_type(f->heap, f->tree.order[i]) + 1]++;
    for (uint32_t t = 0; t < types; t++)
        places->first[t + 1] += places->first[t];
    uint32_t *next = malloc(((size_t)types + 1) * sizeof *next);
    if (!next)
        return err_memory(err, "chains");
    memcpy(next, places->first, ((size_t)types + 1) * sizeof *next);
    for (uint32_t i = 0; i < f->tree.count; i++)
        places->all[next[heap_type(f->heap, f->tree.order[i])]++] = i;
    free(next);
    return true;
}

// Finds the longest chain of the type. Objects come in the tree's order, so that the ancestors of
// each form a stack.
static void chain_measure(const struct finder *f, const uint32_t *places, uint32_t count,
                          uint32_t *stack, struct chain *chain)
{
    uint32_t depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        while (depth && f->tree.end[stack[depth - 1]] <= places[i])
            depth--;
        stack[depth++] = places[i];
        if (depth <= chain->length)
            continue;
        chain->length = depth;
        chain->top = f->tree.order[stack[0]];
        chain->deepest = f->tree.order[places[i]];
    }
}

static int chain_rank_of(uint32_t roles)
{
    return roles & ROLE_INSTANCE               ? 0
           : roles & ROLE_FUNCTION             ? 1
           : roles & (ROLE_TUPLE | ROLE_GROWS) ? 3
           : roles & (ROLE_CODE | ROLE_METHOD) ? 4
                                               : 2;
}

static int chain_by_rank(const void *a, const void *b)
{
    const struct chain *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->length != y->length)
        return x->length > y->length ? -1 : 1;
    return (x->type > y->type) - (x->type < y->type);
}

// Whether both chains are on one path down the tree.
static bool chain_is_same(const struct finder *f, const struct chain *a, const struct chain *b)
{
    return (tree_dominates(&f->tree, a->top, b->top)
            && tree_dominates(&f->tree, b->top, a->deepest))
           || (tree_dominates(&f->tree, b->top, a->top)
               && tree_dominates(&f->tree, a->top, b->deepest));
}

static bool chain_tell(struct finder *f, const struct chain *chain, struct err *err)
{
    uint64_t bytes = finder_retained(f, chain->top);
    enum home home = finder_home(f, chain->top);
    const char *name = type_row(f->py->types, chain->type)->name;
    return finder_add(
        f,
        &(struct finding){
            .severity = finder_severity(f, bytes, home == HOME_LIBRARY ? home : HOME_NONE),
            .object = chain->top,
            .objects = chain->length,
            .bytes = bytes,
            .what = finder_text(f,
                                "%s leads to a chain of %s that keep one another alive: %s of "
                                "them, %s, %s of the heap",
                                finder_name(f, chain->top), name, finder_count(f, chain->length),
                                finder_size(f, bytes), finder_percent(f, bytes)),
            .why = "each is held only by the one before it, and every path leads through the "
                   "first: as long as that is held, all are; cut the link behind the last one that "
                   "is still needed",
            .next = finder_text(f, "path 0x%llx -n 1",
                                (unsigned long long)heap_addr(f->heap, chain->top)),
        },
        err);
}

static bool chain_list_chains(const struct finder *f, const struct chain_links *places,
                              struct chain *chains, size_t *count, struct err *err)
{
    uint32_t *stack = malloc(((size_t)f->tree.count + 1) * sizeof *stack);
    if (!stack)
        return err_memory(err, "chains");
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++) {
        struct chain chain = { .type = t, .rank = chain_rank_of(f->types[t].roles) };
        uint32_t objects = places->first[t + 1] - places->first[t];
        if (objects < LENGTH_LEAST || f->types[t].roles & ROLE_TYPE)
            continue;
        chain_measure(f, places->all + places->first[t], objects, stack, &chain);
        if (chain.length >= LENGTH_LEAST
            && finder_retained(f, chain.top) >= f->heap->bytes / 100 * PERCENT_LEAST)
            chains[(*count)++] = chain;
    }
    free(stack);
    if (*count)
        qsort(chains, *count, sizeof *chains, chain_by_rank);
    return true;
}

static bool chain_tell_each(struct finder *f, const struct chain *chains, size_t count,
                            struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        bool again = finder_is_dead(f, chains[i].top) || finder_is_told(f, chains[i].top);
        for (size_t k = 0; !again && k < i; k++)
            again = chain_is_same(f, &chains[k], &chains[i]);
        if (!again && !chain_tell(f, &chains[i], err))
            return false;
    }
    return true;
}

static bool chain_find(struct finder *f, struct err *err)
{
    struct chain_links places = { 0 };
    size_t count = 0;
    if (!finder_need_paths(f, err) || !finder_need_tree(f, err))
        return false;
    struct chain *chains = calloc((size_t)heap_type_count(f->heap) + 1, sizeof *chains);
    bool ok = chains ? chain_sort_places(f, &places, err) : err_memory(err, "chains");
    ok = ok && chain_list_chains(f, &places, chains, &count, err)
         && chain_tell_each(f, chains, count, err);
    free(places.first);
    free(places.all);
    free(chains);
    return ok;
}

const struct finding_kind finding_chain = {
    .name = "chain",
    .help = "objects that keep one another alive, like a linked list that only grows",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .find = chain_find,
};
