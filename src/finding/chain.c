// SPDX-License-Identifier: GPL-3.0-or-later
// chain: a structure whose objects keep one another: a linked list without an end, of nodes, of
// exceptions with their contexts, of generators around generators.
//
//   1. for each type with many objects and bytes, the one in the middle of the order of dominators
//   2. from it upwards as far as there is one of the type: how many are met, and the highest. (Where
//      a chain has most of the type's objects the one in the middle is on it, half-way down.)
//   3. the highest has to retain at least half of all
//
// What accumulates in a container is told by the kind `container`.
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "finding/finder.h"

#define MANY 1000       // objects of the type
#define LENGTH_LEAST 500 // of the chain
#define PERCENT_LEAST 1 // of the heap

struct chain {
    node top;        // the highest of the type above the one in the middle
    uint32_t length; // how many of the type there are between
};

// The objects of one type, as places in the tree's order.
struct places {
    uint32_t *first; // per type: the start of its own in `all`; one more at the end
    uint32_t *all;
};

static bool sort_places(const struct finder *f, struct places *places, struct err *err)
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

// How many of the sorted numbers are below the limit.
static uint32_t below(const uint32_t *numbers, uint32_t count, uint32_t limit)
{
    return (uint32_t)search_u32(numbers, count, sizeof *numbers, 0, limit);
}

static bool climb(const struct finder *f, const uint32_t *places, uint32_t count, uint32_t type,
                  struct chain *chain)
{
    node at = f->tree.order[places[count / 2]];
    *chain = (struct chain){ .top = at };
    for (uint32_t steps = 0; steps < f->tree.count; steps++) {
        if (heap_type(f->heap, at) == type) {
            chain->top = at;
            chain->length++;
        }
        at = f->dominate->parent[at];
        if (at == DOM_ROOT || at == DOM_NONE)
            break;
    }
    uint32_t number = f->tree.number[chain->top];
    return below(places, count, f->tree.end[number]) - below(places, count, number) >= count / 2;
}

static bool tell(struct finder *f, const struct chain *chain, uint32_t type, struct err *err)
{
    uint64_t bytes = finder_retained(f, chain->top);
    enum home home = finder_home(f, chain->top);
    const char *name = type_row(f->py->types, type)->name;
    return finder_add(
        f,
        &(struct finding){
            .severity = finder_severity(f, bytes, home == HOME_LIBRARY ? home : HOME_NONE),
            .object = chain->top,
            .objects = f->types[type].count,
            .bytes = bytes,
            .what = finder_text(f, "%s leads to a chain of %s that keep one another: %s of them, "
                                   "%s, %s of the heap",
                                finder_name(f, chain->top), name,
                                finder_count(f, f->types[type].count), finder_size(f, bytes),
                                finder_percent(f, bytes)),
            .why = finder_text(f, "from there to the one in their middle it is %s links, and all "
                                  "ways lead through the first: as long as that is held, all are; "
                                  "cut the link behind what is still needed",
                               finder_count(f, chain->length)),
            .next = finder_text(f, "path 0x%llx -n 1",
                                (unsigned long long)heap_addr(f->heap, chain->top)),
        },
        err);
}

static bool find(struct finder *f, struct err *err)
{
    struct places places = { 0 };
    if (!finder_need_ways(f, err) || !finder_need_tree(f, err))
        return false;
    bool ok = sort_places(f, &places, err);
    for (uint32_t t = 0; ok && t < heap_type_count(f->heap); t++) {
        struct chain chain;
        uint32_t count = places.first[t + 1] - places.first[t];
        if (count < MANY || f->types[t].bytes < f->heap->bytes / 100 * PERCENT_LEAST
            || (f->types[t].roles & (ROLE_TYPE | ROLE_FUNCTION | ROLE_CODE)))
            continue;
        if (climb(f, places.all + places.first[t], count, t, &chain)
            && chain.length >= LENGTH_LEAST && !finder_is_dead(f, chain.top)
            && !finder_is_told(f, chain.top))
            ok = tell(f, &chain, t, err);
    }
    free(places.first);
    free(places.all);
    return ok;
}

const struct finding_kind finding_chain = {
    .name = "chain",
    .help = "objects that keep one another, like a linked list that only grows",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = find,
};
