// SPDX-License-Identifier: GPL-3.0-or-later
// Dominators by the semi-NCA algorithm: Loukas Georgiadis, "Linear-Time Algorithms for Dominators
// and Related Problems" (Princeton, 2005), 2.3; Georgiadis, Tarjan and Werneck, "Finding Dominators
// in Practice", JGAA 10 (2006).
//
// Problem: the immediate dominator of each node reached from a root above all given roots.
//  1. Walk depth first, number the nodes as they are entered; the root above is number 0.
//  2. From the highest number down, find each node's semidominator: the lowest number from which a
//     path leads to it over numbers higher than its own. It is the least, over its predecessors, of
//     the predecessor itself (where lower), or the least semidominator on the tree path from the
//     predecessor up to the nodes not yet done. That path is compressed as it is walked.
//  3. From the lowest number up: the dominator is the nearest tree ancestor whose number is not
//     above the semidominator, found by climbing the dominators known so far.
// Only semidominators are ever compared, so a label holds the semidominator itself instead of a
// node that has it, which saves one look into memory per comparison.
#include "graph/dom.h"

#include <stdlib.h>

#include "base/pool.h"
#include "base/unused.h"
#include "graph/big.h"

#define IS_ROOT 0x80000000u // on an entry of `vertex`: the root above refers to it directly
#define PROGRESS_NODES (1u << 16)

// How far ahead step 2 prefetches: its order is known, and each load depends on the one before.
#define AHEAD_OFFSET 32
#define AHEAD_EDGES 24
#define AHEAD_NUMBER 16
#define AHEAD_LINK 8

struct link {
    uint32_t ancestor; // the tree parent, or a higher ancestor once compressed
    uint32_t label;    // the least semidominator from here up to, not including, `ancestor`
};

struct dom_search {
    const struct csr *csr;
    const struct csr *reverse;
    struct walk walk;
    const struct progress *progress;
    uint32_t count;    // how many numbers are given: 1 .. count
    uint32_t *number;  // per node; 0: not reached
    uint32_t *vertex;  // per number: the node, with IS_ROOT
    uint32_t *parent;  // per number: the tree parent; after step 3, the dominator
    uint32_t *semi;    // per number
    struct link *link; // per number
    uint32_t *scratch; // step 1: edges followed, per depth; step 2: the path being compressed
    uint64_t *seen;    // step 1 only: stays in the cache where `number` does not
};

static void dom_search_enter(struct dom_search *search, uint32_t node, uint32_t parent,
                             uint32_t depth)
{
    marks_set(search->seen, node);
    uint32_t number = ++search->count;
    search->number[node] = number;
    search->vertex[number] = node;
    search->parent[number] = parent;
    search->scratch[depth] = 0;
    __builtin_prefetch(&search->csr->to[csr_first(search->csr, node)]);
}

// Follows the edges of node number `number` up to the first that leads to a new node.
static bool search_descend(struct dom_search *search, uint32_t number, uint32_t depth)
{
    const struct csr *csr = search->csr;
    uint32_t node = search->vertex[number];
    uint64_t first = csr_first(csr, node);
    uint64_t end = csr_end(csr, node);
    for (uint64_t e = first + search->scratch[depth]; e < end; e++) {
        uint32_t to = csr->to[e] & CSR_NODE;
        if (!walk_takes(&search->walk, csr->to[e]) || marks_has(search->seen, to))
            continue;
        search->scratch[depth] = (uint32_t)(e - first + 1);
        dom_search_enter(search, to, number, depth + 1);
        if (e + 1 < end)
            __builtin_prefetch(&csr->offset[csr->to[e + 1] & CSR_NODE]);
        return true;
    }
    return false;
}

static bool search_number(struct dom_search *search, const uint32_t *roots, uint32_t root_count)
{
    uint32_t steps = 0;
    for (uint32_t i = 0; i < root_count; i++) {
        if (!walk_has(&search->walk, roots[i]) || marks_has(search->seen, roots[i]))
            continue;
        uint32_t depth = 0;
        dom_search_enter(search, roots[i], 0, depth);
        for (uint32_t current = search->count; current;) {
            if (search_descend(search, current, depth)) {
                current = search->count;
                depth++;
            } else {
                current = search->parent[current];
                depth--; // wraps as the root's frame is left, which ends the loop
            }
            if (++steps % PROGRESS_NODES == 0
                && !progress_step(search->progress, "dominators: numbering", search->count,
                                  search->csr->node_count))
                return false;
        }
    }
    for (uint32_t i = 0; i < root_count; i++)
        if (walk_has(&search->walk, roots[i]))
            search->vertex[search->number[roots[i]]] |= IS_ROOT;
    return true;
}

// The least semidominator on the tree path from x, done already, up to the nodes not above
// `current`.
static uint32_t search_least(struct dom_search *search, uint32_t x, uint32_t current)
{
    struct link *link = search->link;
    uint32_t depth = 0;
    for (; link[x].ancestor > current; x = link[x].ancestor)
        search->scratch[depth++] = x;
    uint32_t top = link[x].ancestor;
    uint32_t least = link[x].label;
    while (depth) {
        struct link *below = &link[search->scratch[--depth]];
        below->ancestor = top;
        if (below->label < least)
            least = below->label;
        below->label = least;
    }
    return least;
}

static uint32_t search_node(const struct dom_search *search, uint32_t number)
{
    return search->vertex[number] & CSR_NODE;
}

static void search_ask_ahead(const struct dom_search *search, uint32_t i)
{
    if (i <= AHEAD_OFFSET)
        return;
    const struct csr *reverse = search->reverse;
    __builtin_prefetch(&reverse->offset[search_node(search, i - AHEAD_OFFSET)]);
    __builtin_prefetch(&reverse->to[csr_first(reverse, search_node(search, i - AHEAD_EDGES))]);
    uint32_t node = search_node(search, i - AHEAD_NUMBER);
    uint64_t e = csr_first(reverse, node);
    uint64_t end = csr_end(reverse, node);
    for (uint32_t k = 0; k < 4 && e < end; k++, e++)
        __builtin_prefetch(&search->number[reverse->to[e] & CSR_NODE]);
    node = search_node(search, i - AHEAD_LINK);
    e = csr_first(reverse, node);
    end = csr_end(reverse, node);
    for (uint32_t k = 0; k < 4 && e < end; k++, e++)
        __builtin_prefetch(&search->link[search->number[reverse->to[e] & CSR_NODE]]);
}

static uint32_t search_semi(struct dom_search *search, uint32_t i)
{
    if (search->vertex[i] & IS_ROOT)
        return 0;
    uint32_t semi = search->parent[i];
    const struct csr *reverse = search->reverse;
    uint32_t node = search->vertex[i];
    uint64_t end = csr_end(reverse, node);
    for (uint64_t e = csr_first(reverse, node); e < end; e++) {
        uint32_t word = reverse->to[e];
        uint32_t from = search->number[word & CSR_NODE];
        if (!from || word & search->walk.skip_mask)
            continue;
        uint32_t least = from > i ? search_least(search, from, i) : from;
        semi = least < semi ? least : semi;
    }
    return semi;
}

static bool search_semidominators(struct dom_search *search)
{
    for (uint32_t i = 1; i <= search->count; i++)
        search->link[i].ancestor = search->parent[i];
    for (uint32_t i = search->count; i > 0; i--) {
        search_ask_ahead(search, i);
        search->semi[i] = search->link[i].label = search_semi(search, i);
        if (i % PROGRESS_NODES == 0
            && !progress_step(search->progress, "dominators: semidominators", search->count - i,
                              search->count))
            return false;
    }
    return true;
}

static void search_dominators(struct dom_search *search)
{
    for (uint32_t i = 1; i <= search->count; i++) {
        uint32_t dominator = search->parent[i];
        while (dominator > search->semi[i])
            dominator = search->parent[dominator];
        search->parent[i] = dominator;
    }
}

// Converts numbers to nodes: `number` becomes the parents per node, `vertex` the order.
static void search_hand_over(struct dom_search *search, struct dom *dom)
{
    for (uint32_t n = 0; n < dom->node_count; n++)
        if (!search->number[n])
            search->number[n] = DOM_NONE;
    for (uint32_t i = 1; i <= search->count; i++) {
        uint32_t dominator = search->parent[i];
        search->number[search_node(search, i)] =
            dominator ? search_node(search, dominator) : DOM_ROOT;
    }
    for (uint32_t i = 1; i <= search->count; i++)
        search->vertex[i - 1] = search_node(search, i);
    dom->reached = search->count;
    dom->parent = search->number;
    dom->order = search->vertex;
    search->number = search->vertex = NULL;
    uint32_t *fitting = realloc(dom->order, ((size_t)dom->reached + 1) * sizeof *dom->order);
    dom->order = fitting ? fitting : dom->order;
}

static bool dom_search_init(struct dom_search *search)
{
    size_t room = (size_t)search->csr->node_count + 1;
    size_t bytes = room * sizeof *search->number; // of each of the four arrays
    search->number = big_hint(calloc(1, bytes), bytes);
    search->vertex = big_hint(malloc(bytes), bytes);
    search->parent = big_hint(malloc(bytes), bytes);
    search->scratch = malloc(bytes);
    search->seen = calloc(marks_words(search->csr->node_count) + 1, sizeof *search->seen);
    return search->number && search->vertex && search->parent && search->scratch && search->seen;
}

// The arrays of step 2, once it is known how many nodes were reached.
static bool search_init_links(struct dom_search *search)
{
    free(search->seen);
    search->seen = NULL;
    size_t room = (size_t)search->count + 1;
    search->semi = malloc(room * sizeof *search->semi);
    search->link = big_hint(malloc(room * sizeof *search->link), room * sizeof *search->link);
    return search->semi && search->link;
}

static void dom_search_fini(struct dom_search *search)
{
    free(search->number);
    free(search->vertex);
    free(search->parent);
    free(search->semi);
    free(search->link);
    free(search->scratch);
    free(search->seen);
}

// Step 1 by the caller's thread, and beside it what only step 2 needs.
struct dom_turning {
    struct dom_search *search;
    const uint32_t *roots;
    uint32_t root_count;
    struct csr *reverse;
    unsigned threads;
    bool numbered, turned;
    struct err err; // of what was not turned
    atomic_bool stopped;
};

static bool dom_goes_on(void *stopped, UNUSED const char *phase, UNUSED uint64_t done,
                        UNUSED uint64_t total)
{
    return !atomic_load((atomic_bool *)stopped);
}

static void dom_number_or_turn(void *context, unsigned part, UNUSED unsigned parts)
{
    struct dom_turning *turning = context;
    const struct progress goes_on = { dom_goes_on, &turning->stopped };
    if (part) {
        turning->turned = csr_transpose(turning->search->csr, turning->reverse,
                                        turning->threads - 1, &goes_on, &turning->err);
        return;
    }
    turning->numbered = search_number(turning->search, turning->roots, turning->root_count);
    if (!turning->numbered)
        atomic_store(&turning->stopped, true);
}

static bool dom_stopped(struct err *err)
{
    return err_set(err, ERR_CANCELLED, "stopped while finding dominators");
}

// Step 1.
static bool dom_number(struct dom_search *search, const uint32_t *roots, uint32_t root_count,
                       struct csr *missing, unsigned threads, struct err *err)
{
    struct dom_turning turning = { .search = search,
                                   .roots = roots,
                                   .root_count = root_count,
                                   .reverse = missing,
                                   .threads = threads };
    if (!dom_search_init(search))
        return err_memory(err, "finding dominators");
    if (!missing)
        return search_number(search, roots, root_count) || dom_stopped(err);
    pool_run(2, dom_number_or_turn, &turning);
    if (!turning.numbered)
        return dom_stopped(err);
    return turning.turned || err_set(err, turning.err.kind, "%s", turning.err.text);
}

// missing: `reverse`, where it is still to be made.
static bool dom_run(struct dom_search *search, const uint32_t *roots, uint32_t root_count,
                    struct csr *missing, unsigned threads, struct dom *dom, struct err *err)
{
    if (!dom_number(search, roots, root_count, missing, threads, err))
        return false;
    if (!search_init_links(search))
        return err_memory(err, "finding dominators");
    if (!search_semidominators(search))
        return dom_stopped(err);
    free(search->link);
    free(search->scratch);
    search->link = NULL;
    search->scratch = NULL;
    search_dominators(search);
    search_hand_over(search, dom);
    return true;
}

bool dom_find(const struct csr *csr, const struct csr *reverse, struct walk walk,
              const uint32_t *roots, uint32_t root_count, struct dom *dom,
              const struct progress *progress, struct err *err)
{
    struct dom_search search = {
        .csr = csr, .reverse = reverse, .walk = walk, .progress = progress
    };
    *dom = (struct dom){ .node_count = csr->node_count };
    bool found = dom_run(&search, roots, root_count, NULL, 1, dom, err);
    dom_search_fini(&search);
    return found;
}

bool dom_find_turning(const struct csr *csr, struct csr *reverse, unsigned threads,
                      struct walk walk, const uint32_t *roots, uint32_t root_count, struct dom *dom,
                      const struct progress *progress, struct err *err)
{
    struct dom_search search = {
        .csr = csr, .reverse = reverse, .walk = walk, .progress = progress
    };
    *dom = (struct dom){ .node_count = csr->node_count };
    bool found = dom_run(&search, roots, root_count, reverse, threads > 1 ? threads : 2, dom, err);
    dom_search_fini(&search);
    return found;
}

uint64_t dom_sum(const struct dom *dom, uint64_t *sum)
{
    uint64_t total = 0;
    for (uint32_t i = dom->reached; i-- > 0;) {
        uint32_t node = dom->order[i];
        uint32_t parent = dom->parent[node];
        if (parent == DOM_ROOT)
            total += sum[node];
        else
            sum[parent] += sum[node];
    }
    return total;
}

// The node of the children graph that holds n, or UINT32_MAX.
static uint32_t holder(const struct dom *dom, uint32_t n)
{
    return dom->parent[n] == DOM_ROOT ? dom->node_count : dom->parent[n];
}

bool dom_children(const struct dom *dom, struct csr *children, struct err *err)
{
    if (!csr_blank(children, dom->node_count + 1, err))
        return false;
    for (uint32_t n = 0; n < dom->node_count; n++)
        if (dom->parent[n] != DOM_NONE)
            children->offset[holder(dom, n)]++;
    if (!csr_counted(children, err)) {
        csr_free(children);
        return false;
    }
    for (uint32_t n = 0; n < dom->node_count; n++) {
        if (dom->parent[n] == DOM_NONE)
            continue;
        uint32_t from = holder(dom, n);
        children->to[csr_first(children, from)] = n;
        children->offset[from]++;
    }
    csr_settle(children);
    return true;
}

void dom_free(struct dom *dom)
{
    free(dom->parent);
    free(dom->order);
    *dom = (struct dom){ 0 };
}
