// SPDX-License-Identifier: GPL-3.0-or-later
// A smallest set of classes that is on every ring.
//
//   1. Some ring is looked for (depth first). One of its classes has to go: each is tried, with the
//      ring that is then left, and so on, for sets of 1 class, 2, ... FEEDBACK_EXACT_MAX. A class that
//      was tried stays in for those tried after it, so that no set is looked at twice.
//   2. Where that finds none, or the budget is gone: classes are taken as rings are met, the cheapest
//      of each, and those that turn out not to be needed are put back.
//
// Problem and bound: minimum feedback arc set; branching on the arcs of a ring is in Downey and
// Fellows, Parameterized Complexity. Here the branches are few: a ring has few classes.
#include "graph/feedback.h"

#include <stdlib.h>
#include <string.h>

enum { STATE_IN = 0, STATE_TAKEN, STATE_KEPT }; // of a class

struct feedback_search {
    const struct csr *csr;
    const struct feedback_edges *edges;
    struct feedback *feedback;
    uint64_t looked, budget;
    uint8_t *state; // per class
    uint8_t *color; // per node: 0 not seen, 1 on the current path, 2 done
    uint32_t *way;
    uint64_t *at; // per position on the path: the edge by which it is left
    uint32_t taken[FEEDBACK_EXACT_MAX];
    uint64_t cost;
    bool found;
};

static bool feedback_init(struct feedback_search *search, struct err *err)
{
    size_t nodes = (size_t)search->csr->node_count + 1;
    search->state = calloc(search->edges->class_count + (size_t)1, 1);
    search->color = malloc(nodes);
    search->way = malloc(nodes * sizeof *search->way);
    search->at = malloc(nodes * sizeof *search->at);
    search->feedback->classes =
        malloc((search->edges->class_count + (size_t)1) * sizeof *search->feedback->classes);
    if (search->state && search->color && search->way && search->at && search->feedback->classes)
        return true;
    return err_memory(err, "looking for references to cut");
}

static void feedback_fini(struct feedback_search *search)
{
    free(search->state);
    free(search->color);
    free(search->way);
    free(search->at);
}

static bool feedback_is_over(const struct feedback_search *search)
{
    return search->budget && search->looked >= search->budget;
}

// Descends from a node. True: a ring was found; its edges are at[*from] .. at[*to - 1].
static bool feedback_below(struct feedback_search *search, uint32_t start, uint32_t *from,
                           uint32_t *to)
{
    const struct csr *csr = search->csr;
    uint32_t depth = 0;
    search->way[0] = start;
    search->at[0] = csr_first(csr, start);
    search->color[start] = 1;
    for (;;) {
        uint32_t node = search->way[depth];
        if (search->at[depth] == csr_end(csr, node)) {
            search->color[node] = 2;
            if (!depth)
                return false;
            search->at[--depth]++;
            continue;
        }
        uint64_t edge = search->at[depth];
        uint32_t next = csr->to[edge] & CSR_NODE;
        search->looked++;
        if (search->color[next] == 2
            || search->state[search->edges->class_of[edge]] == STATE_TAKEN) {
            search->at[depth]++;
        } else if (search->color[next] == 1) {
            *to = depth + 1;
            for (*from = depth; search->way[*from] != next;)
                --*from;
            return true;
        } else {
            search->color[next] = 1;
            search->way[++depth] = next;
            search->at[depth] = csr_first(csr, next);
        }
    }
}

static int feedback_compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

// The classes of a remaining ring, in ascending order, without class 0. False: none is left.
// *classes is null if memory ran out.
static bool feedback_ring(struct feedback_search *search, uint32_t **classes, uint32_t *count)
{
    uint32_t from = 0, to = 0;
    bool met = false;
    *classes = NULL;
    *count = 0;
    memset(search->color, 0, search->csr->node_count);
    search->looked += search->csr->node_count;
    for (uint32_t n = 0; !met && n < search->csr->node_count; n++)
        met = !search->color[n] && feedback_below(search, n, &from, &to);
    if (!met)
        return false;
    uint32_t *all = malloc(((size_t)(to - from) + 1) * sizeof *all);
    uint32_t kept = 0, used = 0;
    for (uint32_t i = from; all && i < to; i++)
        if (search->edges->class_of[search->at[i]])
            all[kept++] = search->edges->class_of[search->at[i]];
    if (kept)
        qsort(all, kept, sizeof *all, feedback_compare);
    for (uint32_t i = 0; i < kept; i++)
        if (!used || all[used - 1] != all[i])
            all[used++] = all[i];
    *classes = all;
    *count = used;
    return true;
}

// Keeps the current set if it is better than the best one so far.
static void feedback_keep(struct feedback_search *search, uint32_t count)
{
    uint32_t set[FEEDBACK_EXACT_MAX];
    uint64_t cost = 0;
    memcpy(set, search->taken, count * sizeof *set);
    qsort(set, count, sizeof *set, feedback_compare);
    for (uint32_t i = 0; i < count; i++)
        cost += search->edges->cost[set[i]];
    bool better = !search->found || cost < search->cost;
    for (uint32_t i = 0; !better && cost == search->cost && i < count; i++) {
        if (set[i] > search->feedback->classes[i])
            break;
        better = set[i] < search->feedback->classes[i];
    }
    if (!better)
        return;
    memcpy(search->feedback->classes, set, count * sizeof *set);
    search->feedback->count = count;
    search->cost = cost;
    search->found = true;
}

// Tries all sets of `most` classes that begin with the first `depth` of `taken`. (It calls itself,
// at most FEEDBACK_EXACT_MAX levels deep.)
static bool feedback_try(struct feedback_search *search, uint32_t depth, uint32_t most,
                         struct err *err)
{
    uint32_t *classes, count;
    if (feedback_is_over(search) || search->feedback->is_hopeless)
        return true;
    if (!feedback_ring(search, &classes, &count)) {
        feedback_keep(search, depth);
        return true;
    }
    if (!classes)
        return err_memory(err, "looking for references to cut");
    search->feedback->is_hopeless |= !count;
    bool ok = true;
    uint32_t tried = 0;
    for (; ok && depth < most && tried < count; tried++) {
        if (search->state[classes[tried]] == STATE_KEPT)
            continue;
        search->state[classes[tried]] = STATE_TAKEN;
        search->taken[depth] = classes[tried];
        ok = feedback_try(search, depth + 1, most, err);
        search->state[classes[tried]] = STATE_KEPT;
        // A class that a caller kept must stay kept: only those marked here are released below.
        classes[tried] |= UINT32_C(1) << 31;
    }
    for (uint32_t i = 0; i < tried; i++)
        if (classes[i] >> 31)
            search->state[classes[i] & INT32_MAX] = STATE_IN;
    free(classes);
    return ok;
}

static bool feedback_exact(struct feedback_search *search, struct err *err)
{
    for (uint32_t most = 1; most <= FEEDBACK_EXACT_MAX; most++) {
        if (!feedback_try(search, 0, most, err))
            return false;
        if (search->found || search->feedback->is_hopeless || feedback_is_over(search))
            break;
    }
    search->feedback->is_smallest = search->found && !feedback_is_over(search);
    return true;
}

static uint32_t feedback_cheapest(const struct feedback_search *search, const uint32_t *classes,
                                  uint32_t count)
{
    uint32_t best = classes[0];
    for (uint32_t i = 1; i < count; i++)
        if (search->edges->cost[classes[i]] < search->edges->cost[best])
            best = classes[i];
    return best;
}

// Puts classes back that turn out not to be needed.
static void feedback_prune(struct feedback_search *search)
{
    struct feedback *feedback = search->feedback;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < feedback->count; i++) {
        uint32_t *classes = NULL, count;
        search->state[feedback->classes[i]] = STATE_IN;
        bool needed = feedback_is_over(search) || feedback_ring(search, &classes, &count);
        free(classes);
        if (needed) {
            search->state[feedback->classes[i]] = STATE_TAKEN;
            feedback->classes[kept++] = feedback->classes[i];
        }
    }
    feedback->count = kept;
}

static bool feedback_greedy(struct feedback_search *search, struct err *err)
{
    struct feedback *feedback = search->feedback;
    uint32_t *classes, count;
    search->budget = search->budget ? search->looked + search->budget : 0;
    memset(search->state, STATE_IN, search->edges->class_count);
    feedback->count = 0;
    while (feedback_ring(search, &classes, &count)) {
        if (!classes)
            return err_memory(err, "looking for references to cut");
        feedback->is_hopeless = !count;
        if (count) {
            uint32_t best = feedback_cheapest(search, classes, count);
            search->state[best] = STATE_TAKEN;
            feedback->classes[feedback->count++] = best;
        }
        free(classes);
        if (!count || feedback_is_over(search)) {
            feedback->count = 0;
            return true;
        }
    }
    feedback_prune(search);
    qsort(feedback->classes, feedback->count, sizeof *feedback->classes, feedback_compare);
    return true;
}

bool feedback_find(const struct csr *csr, const struct feedback_edges *edges, uint64_t budget,
                   struct feedback *feedback, struct err *err)
{
    *feedback = (struct feedback){ 0 };
    struct feedback_search search = {
        .csr = csr, .edges = edges, .feedback = feedback, .budget = budget
    };
    bool ok = feedback_init(&search, err) && feedback_exact(&search, err)
              && (search.found || feedback->is_hopeless || feedback_greedy(&search, err));
    feedback_fini(&search);
    if (!ok)
        feedback_free(feedback);
    return ok;
}

void feedback_free(struct feedback *feedback)
{
    free(feedback->classes);
    *feedback = (struct feedback){ 0 };
}
