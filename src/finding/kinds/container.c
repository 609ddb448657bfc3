// SPDX-License-Identifier: GPL-3.0-or-later
// container: lists, dicts, sets and deques of modules, classes and their objects that hold most
// instances of a class, or much of the heap.
//
//   1. candidates    growing containers with many references that a module's names lead to; not
//                    the namespaces of modules, classes and instances, nor tables of functions
//   2. contents      the most frequent class written in Python among what they refer to
//   3. weight        what the container retains, or its items do: those that stand in a second
//                    container too (a list beside an index) are retained by neither
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "finding/finder.h"
#include "finding/growth/growth.h"
#include "finding/living_keys.h"
#include "graph/marks.h"

#define REFERENCES_LEAST 50
#define MANY 100      // instances: if these are half of the class, the shape is that of a leak
#define PART_SOME 200 // the container must keep 1/200 of the heap to be rated a leak
#define MANY_LIBRARY 5000
#define STEPS_MAX 64 // steps up a path, to the nearest instance
#define NAMED_MAX 40 // candidates that are named: names are expensive

struct pile {
    node container;
    uint32_t type; // of the instances; UINT32_MAX: plain data
    uint64_t held; // how many of that type it holds
    uint64_t weight;
};

struct container_search {
    struct finder *f;
    uint32_t *counts; // per type: how many the current container refers to
    struct pile *piles;
    size_t count, capacity;
};

static bool is_enum(const struct finder *f, uint32_t type)
{
    return finder_derives(f, type_row(f->py->types, type), "enum.Enum");
}

// Whether it is a namespace, whose content was put there by writing the program.
static bool is_namespace(const struct finder *f, node n)
{
    node from = f->paths.from[n];
    if (from == n || root_paths_module(&f->paths, n))
        return true;
    if (!(finder_roles(f, n) & ROLE_DICT))
        return false;
    return finder_roles(f, from) & (ROLE_TYPE | ROLE_MODULE | ROLE_FUNCTION);
}

// Whether it belongs to a closure, a default or a frame, of which other kinds tell.
static bool is_of_function(const struct finder *f, node n)
{
    node from = f->paths.from[n];
    if (finder_is(f, from, TRAIT_CELL | TRAIT_FRAME))
        return true;
    return (finder_roles(f, from) & ROLE_TUPLE)
           && (finder_roles(f, f->paths.from[from]) & ROLE_FUNCTION);
}

static uint64_t container_degree(const struct finder *f, node n)
{
    return csr_end(&f->heap->forward, n) - csr_first(&f->heap->forward, n);
}

static bool container_is_candidate(const struct finder *f, node n)
{
    return (finder_roles(f, n) & ROLE_GROWS) && container_degree(f, n) >= REFERENCES_LEAST
           && f->paths.from[n] != NODE_NONE && marks_has(f->roots->only, n) && !is_namespace(f, n)
           && !is_of_function(f, n) && !type_is_exact(finder_type(f, n), TRAIT_FROZENSET);
}

// Whether the roles are those of classes, functions and modules: the program itself.
static bool is_program_text(uint32_t roles)
{
    return roles & (ROLE_TYPE | ROLE_FUNCTION | ROLE_MODULE | ROLE_CODE | ROLE_METHOD | ROLE_WEAK);
}

// Finds what a container mostly contains. False: it is no candidate.
static bool look_inside(struct container_search *search, node n, struct pile *pile)
{
    const struct finder *f = search->f;
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n), text = 0;
    uint32_t best = UINT32_MAX;
    for (uint64_t e = first; e < end; e++) {
        uint32_t type = heap_type(f->heap, forward->to[e] & EDGE_NODE);
        uint32_t roles = f->types[type].roles;
        search->counts[type]++;
        text += is_program_text(roles);
        if ((roles & ROLE_INSTANCE)
            && (best == UINT32_MAX || search->counts[type] > search->counts[best]))
            best = type;
    }
    *pile = (struct pile){ n, UINT32_MAX, 0, finder_retained(f, n) };
    if (best != UINT32_MAX && search->counts[best] >= REFERENCES_LEAST && !is_enum(f, best)) {
        pile->type = best;
        pile->held = search->counts[best];
    }
    for (uint64_t e = first; e < end; e++)
        search->counts[heap_type(f->heap, forward->to[e] & EDGE_NODE)] = 0;
    return text <= (end - first) / 4;
}

// Instances that have other holders are not retained by the container, but what they retain
// themselves counts.
static uint64_t container_weigh(const struct finder *f, const struct pile *pile)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t sum = heap_own(f->heap, pile->container);
    for (uint64_t e = csr_first(forward, pile->container); e < csr_end(forward, pile->container);
         e++) {
        node to = forward->to[e] & EDGE_NODE;
        if (heap_type(f->heap, to) == pile->type)
            sum += finder_retained(f, to);
    }
    uint64_t most = f->dominate->living_bytes;
    return sum < pile->weight ? pile->weight : sum < most ? sum : most;
}

static bool collect_piles(struct container_search *search, struct err *err)
{
    const struct finder *f = search->f;
    for (node n = 0; n < f->heap->node_count; n++) {
        struct pile pile;
        if (!container_is_candidate(f, n) || !look_inside(search, n, &pile))
            continue;
        if (pile.type != UINT32_MAX)
            pile.weight = container_weigh(f, &pile);
        if (!vec_grow(&search->piles, &search->capacity, search->count + 1, sizeof *search->piles,
                      err))
            return false;
        search->piles[search->count++] = pile;
    }
    return true;
}

static int by_weight(const void *a, const void *b)
{
    const struct pile *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return (x->container > y->container) - (x->container < y->container);
}

static bool holds_most(const struct finder *f, const struct pile *pile)
{
    return pile->type != UINT32_MAX && pile->held >= f->types[pile->type].count / 2;
}

// The shape of a leak is rated low at least. Plain data of the program's own may be intended, so
// more of it is needed. What no function adds to is only information; what one also removes from is
// rated lower. What only a local variable holds counts like the program's own if a function of the
// program fills it.
static enum severity container_judge(const struct finder *f, const struct pile *pile,
                                     enum home home, const struct growth_answer *growth)
{
    bool most = holds_most(f, pile), own = home != HOME_LIBRARY;
    enum severity severity = finder_severity(f, pile->weight,
                                             !own   ? home
                                             : most ? HOME_PROGRAM
                                                    : HOME_NONE);
    if (!growth_goes_on(growth) || (home == HOME_NONE && !growth->surely)
        || living_keys_are_threads(f, pile->container))
        return SEVERITY_INFO;
    bool some = pile->weight >= f->heap->bytes / PART_SOME;
    if (own && most && some && pile->held >= MANY && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    return growth->taker && severity < SEVERITY_INFO ? severity + 1 : severity;
}

static const char *what(struct finder *f, const struct pile *pile)
{
    const char *name = finder_name(f, pile->container);
    const char *size = finder_size(f, pile->weight);
    if (pile->type == UINT32_MAX)
        return finder_text(f, "%s, %s %s of %s, keeps %s, %s of the heap", name,
                           text_article(finder_type_name(f, pile->container)),
                           finder_type_name(f, pile->container),
                           finder_count(f, finder_length(f, pile->container)), size,
                           finder_percent(f, pile->weight));
    const char *type = type_row(f->py->types, pile->type)->name;
    uint64_t all = f->types[pile->type].count;
    if (pile->held >= all)
        return finder_text(f, "%s holds all %s %s: %s", name, finder_count(f, all), type, size);
    return finder_text(f, "%s holds %s of the %s %s: %s", name, finder_count(f, pile->held),
                       finder_count(f, all), type, size);
}

// Whose names lead to it. What an instance has belongs to its class, the program's or a library's,
// even if a variable of main() holds the instance; a variable's own containers are work in
// progress.
static enum home home_of(const struct finder *f, node n)
{
    enum home home = finder_home(f, n);
    for (int i = 0; home == HOME_NONE && i < STEPS_MAX; i++) {
        node from = f->paths.from[n];
        if (from == n || from == NODE_NONE)
            return home;
        n = from;
        node class = heap_node_of(f->heap, finder_type(f, n)->at);
        if ((finder_roles(f, n) & ROLE_INSTANCE) && class != NODE_NONE)
            home = finder_home(f, class);
    }
    return home;
}

// Whether it is worth telling of, whoever fills it.
static bool is_telling(const struct finder *f, const struct pile *pile, enum home home)
{
    if (finder_is_told(f, pile->container))
        return false;
    if (holds_most(f, pile) && pile->held >= (home == HOME_LIBRARY ? MANY_LIBRARY : MANY))
        return true;
    return finder_severity(f, pile->weight, home) < SEVERITY_INFO;
}

static bool container_tell(struct finder *f, const struct pile *pile, struct err *err)
{
    enum home home = home_of(f, pile->container);
    struct growth_answer growth;
    if (!is_telling(f, pile, home))
        return true;
    growth_find(f, pile->container, &growth);
    return finder_add(
        f,
        &(struct finding){
            .severity = container_judge(f, pile, home, &growth),
            .object = pile->container,
            .objects = pile->type == UINT32_MAX ? finder_length(f, pile->container) : pile->held,
            .bytes = pile->weight,
            .what = what(f, pile),
            .why = finder_text(f, "it lives as long as %s, and everything in it does, too%s",
                               home == HOME_PROGRAM   ? "the program"
                               : home == HOME_LIBRARY ? "the library that keeps it"
                                                      : "the function that has it",
                               growth_text(f, &growth)),
            .next = finder_text(f, "retained %s -n 10", finder_word(f, pile->container)),
        },
        err);
}

static bool container_find(struct finder *f, struct err *err)
{
    struct container_search search = { .f = f };
    if (!finder_need_deeds(f, err))
        return false;
    search.counts = calloc((size_t)heap_type_count(f->heap) + 1, sizeof *search.counts);
    bool ok = search.counts ? collect_piles(&search, err) : err_memory(err, "containers");
    if (ok && search.count)
        qsort(search.piles, search.count, sizeof *search.piles, by_weight);
    for (size_t i = 0; ok && i < search.count && i < NAMED_MAX; i++)
        ok = container_tell(f, &search.piles[i], err);
    free(search.counts);
    free(search.piles);
    return ok;
}

const struct finding_kind finding_container = {
    .name = "container",
    .help = "lists, dicts, sets and deques, reached from a class or a module, that hold most "
            "instances of a class, or much of the heap",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_of_one = true,
    .find = container_find,
};
