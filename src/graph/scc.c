// SPDX-License-Identifier: GPL-3.0-or-later
// Strongly connected components by David J. Pearce, "A space-efficient algorithm for finding
// strongly connected components", Information Processing Letters 116 (2016), iteratively.
//
// Problem: number the components in one depth-first walk with one number per node.
//  1. A node entered gets the next index; `low` holds the lowest index that it is known to reach.
//  2. When all its edges have been followed, a node that reaches nothing lower than itself is the
//     root of a component: its members are the nodes kept on the second stack with low >= its own.
//     Any other node is kept on the second stack until its root is found.
//  3. The members' `low` becomes their component's number, from the top of the number range down,
//     so that later comparisons with an index ignore them.
// Both stacks share one array of one place per node: a node is on one of them at most.
#include "graph/scc.h"

#include <stdlib.h>

#include "graph/big.h"

#define NOT_ROOT 0x80000000u // on a stack entry: the node reaches something lower than itself
#define PROGRESS_NODES (1u << 16)

struct scc_search {
    const struct csr *csr;
    struct walk walk;
    uint32_t *low;   // 0: not entered; indices from 1 up; ~number once the component is known
    uint32_t *stack; // [0, depth): the walk; [kept, room): waiting for their root
    uint32_t *at;    // per place of the walk: how many edges have been followed
    uint32_t depth;
    uint32_t kept;
    uint32_t room;
    uint32_t index;
    uint32_t done;
    struct scc *scc;
};

static uint32_t walk_size(const struct walk *walk, uint32_t node_count)
{
    if (!walk->only)
        return node_count;
    uint32_t size = 0;
    for (uint32_t n = 0; n < node_count; n += 64) {
        uint64_t word = walk->only[n >> 6];
        if (node_count - n < 64)
            word &= ((uint64_t)1 << (node_count - n)) - 1;
        size += (uint32_t)__builtin_popcountll(word);
    }
    return size;
}

static void scc_search_enter(struct scc_search *search, uint32_t node)
{
    search->low[node] = ++search->index;
    search->stack[search->depth] = node;
    search->at[search->depth++] = 0;
    __builtin_prefetch(&search->csr->to[csr_first(search->csr, node)]);
}

static void search_leave(struct scc_search *search)
{
    uint32_t entry = search->stack[--search->depth];
    uint32_t node = entry & CSR_NODE;
    if (entry & NOT_ROOT) {
        search->stack[--search->kept] = node;
        return;
    }
    uint32_t low = search->low[node];
    uint32_t number = search->scc->count++;
    uint32_t size = 1;
    for (; search->kept < search->room && search->low[search->stack[search->kept]] >= low; size++)
        search->low[search->stack[search->kept++]] = ~number;
    search->low[node] = ~number;
    search->scc->size[number] = size;
    search->index -= size;
    search->done += size;
}

// Follows the edges of the node on top until one enters a new node, or none is left.
static void search_step(struct scc_search *search)
{
    const struct csr *csr = search->csr;
    uint32_t *entry = &search->stack[search->depth - 1];
    uint32_t node = *entry & CSR_NODE;
    uint64_t first = csr_first(csr, node);
    uint64_t end = csr_end(csr, node);
    uint32_t low = search->low[node];
    for (uint64_t e = first + search->at[search->depth - 1]; e < end; e++) {
        if (!walk_takes(&search->walk, csr->to[e]))
            continue;
        uint32_t to = csr->to[e] & CSR_NODE;
        if (!search->low[to]) {
            // the edge is examined again on return, for what `to` has reached
            search->at[search->depth - 1] = (uint32_t)(e - first);
            search->low[node] = low;
            scc_search_enter(search, to);
            return;
        }
        if (search->low[to] < low) {
            low = search->low[to];
            *entry |= NOT_ROOT;
        }
    }
    search->low[node] = low;
    search_leave(search);
}

static bool search_run(struct scc_search *search, const struct progress *progress)
{
    uint32_t steps = 0;
    for (uint32_t n = 0; n < search->csr->node_count; n++) {
        if (search->low[n] || !walk_has(&search->walk, n))
            continue;
        scc_search_enter(search, n);
        while (search->depth) {
            search_step(search);
            if (++steps % PROGRESS_NODES == 0
                && !progress_step(progress, "finding rings", search->done, search->room))
                return false;
        }
    }
    return true;
}

bool scc_find(const struct csr *csr, struct walk walk, struct scc *scc,
              const struct progress *progress, struct err *err)
{
    uint32_t room = walk_size(&walk, csr->node_count);
    *scc = (struct scc){ .node_count = csr->node_count };
    size_t bytes = ((size_t)csr->node_count + 1) * sizeof *scc->component;
    scc->component = big_hint(calloc(1, bytes), bytes);
    scc->size = malloc(((size_t)room + 1) * sizeof *scc->size);
    uint32_t *stack = malloc(((size_t)room + 1) * sizeof *stack);
    uint32_t *at = malloc(((size_t)room + 1) * sizeof *at);
    struct scc_search search = { .csr = csr,
                                 .walk = walk,
                                 .low = scc->component,
                                 .stack = stack,
                                 .at = at,
                                 .kept = room,
                                 .room = room,
                                 .scc = scc };
    bool enough = scc->component && scc->size && stack && at;
    bool found = enough && search_run(&search, progress);
    free(stack);
    free(at);
    if (!found) {
        scc_free(scc);
        return enough ? err_set(err, ERR_CANCELLED, "stopped while finding rings")
                      : err_memory(err, "finding rings");
    }
    for (uint32_t n = 0; n < csr->node_count; n++)
        scc->component[n] = ~scc->component[n]; // and 0, never entered, becomes SCC_NONE
    uint32_t *fitting = realloc(scc->size, ((size_t)scc->count + 1) * sizeof *scc->size);
    scc->size = fitting ? fitting : scc->size;
    return true;
}

static bool holds_itself(const struct csr *csr, uint32_t skip_mask, uint32_t node)
{
    return csr_find_edge(csr, skip_mask, node, node) != CSR_NO_EDGE;
}

// Numbers the components with a ring: ring_of[c] is the number, or SCC_NONE. Sums up their members.
static uint32_t number_rings(const struct csr *csr, uint32_t skip_mask, const struct scc *scc,
                             uint32_t *ring_of, uint64_t *members)
{
    for (uint32_t c = 0; c < scc->count; c++)
        ring_of[c] = scc->size[c] > 1 ? 0 : SCC_NONE;
    for (uint32_t n = 0; n < scc->node_count; n++) {
        uint32_t c = scc->component[n];
        if (c != SCC_NONE && scc->size[c] == 1 && holds_itself(csr, skip_mask, n))
            ring_of[c] = 0;
    }
    uint32_t count = 0;
    *members = 0;
    for (uint32_t c = 0; c < scc->count; c++) {
        if (ring_of[c] == SCC_NONE)
            continue;
        ring_of[c] = count++;
        *members += scc->size[c];
    }
    return count;
}

static void fill_rings(const struct scc *scc, const uint32_t *ring_of, struct scc_rings *rings)
{
    uint32_t total = 0;
    for (uint32_t c = 0; c < scc->count; c++) {
        if (ring_of[c] == SCC_NONE)
            continue;
        rings->component[ring_of[c]] = c;
        rings->first[ring_of[c]] = total;
        total += scc->size[c];
    }
    rings->first[rings->count] = total;
    for (uint32_t n = 0; n < scc->node_count; n++) {
        uint32_t c = scc->component[n];
        if (c != SCC_NONE && ring_of[c] != SCC_NONE)
            rings->member[rings->first[ring_of[c]]++] = n;
    }
    // each `first` has advanced to the next one's start
    for (uint32_t i = rings->count; i-- > 0;)
        rings->first[i] = i ? rings->first[i - 1] : 0;
}

bool scc_list_rings(const struct csr *csr, struct walk walk, const struct scc *scc,
                    struct scc_rings *rings, struct err *err)
{
    *rings = (struct scc_rings){ 0 };
    uint32_t *ring_of = malloc(((size_t)scc->count + 1) * sizeof *ring_of);
    if (!ring_of)
        return err_memory(err, "listing rings");
    uint64_t members;
    rings->count = number_rings(csr, walk.skip_mask, scc, ring_of, &members);
    rings->component = malloc(((size_t)rings->count + 1) * sizeof *rings->component);
    rings->first = malloc(((size_t)rings->count + 1) * sizeof *rings->first);
    rings->member = malloc((members + 1) * sizeof *rings->member);
    bool enough = rings->component && rings->first && rings->member;
    if (enough)
        fill_rings(scc, ring_of, rings);
    else
        scc_rings_free(rings);
    free(ring_of);
    return enough ? true : err_memory(err, "listing rings");
}

// Marks every component that has an incoming edge from another one.
static void mark_entered(const struct csr *csr, const struct walk *walk, const struct scc *scc,
                         uint64_t *entered)
{
    for (uint32_t n = 0; n < scc->node_count; n++) {
        uint32_t c = scc->component[n];
        uint64_t end = c == SCC_NONE ? 0 : csr_end(csr, n);
        for (uint64_t e = c == SCC_NONE ? 0 : csr_first(csr, n); e < end; e++) {
            if (!walk_takes(walk, csr->to[e]))
                continue;
            uint32_t other = scc->component[csr->to[e] & CSR_NODE];
            if (other != c)
                marks_set(entered, other);
        }
    }
}

bool scc_tops(const struct csr *csr, struct walk walk, const struct scc *scc, uint32_t **tops,
              uint32_t *count, struct err *err)
{
    *tops = NULL;
    *count = 0;
    uint64_t *entered = calloc(marks_words(scc->count) + 1, sizeof *entered);
    if (!entered)
        return err_memory(err, "finding where garbage begins");
    mark_entered(csr, &walk, scc, entered);
    uint32_t total = 0;
    for (uint32_t c = 0; c < scc->count; c++)
        total += !marks_has(entered, c);
    *tops = malloc(((size_t)total + 1) * sizeof **tops);
    for (uint32_t n = 0; *tops && n < scc->node_count; n++) {
        uint32_t c = scc->component[n];
        if (c == SCC_NONE || marks_has(entered, c))
            continue;
        marks_set(entered, c); // the lowest node represents its component
        (*tops)[(*count)++] = n;
    }
    free(entered);
    return *tops ? true : err_memory(err, "finding where garbage begins");
}

void scc_free(struct scc *scc)
{
    free(scc->component);
    free(scc->size);
    *scc = (struct scc){ 0 };
}

void scc_rings_free(struct scc_rings *rings)
{
    free(rings->component);
    free(rings->first);
    free(rings->member);
    *rings = (struct scc_rings){ 0 };
}
