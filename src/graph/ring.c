// SPDX-License-Identifier: GPL-3.0-or-later
// Rings: breadth-first searches back to where they began, and cuts tried out by removing an edge.
#include "graph/ring.h"

#include <stdlib.h>
#include <string.h>

#include "graph/scc.h"

#define CUT 0x80000000u // on an edge of the part while it is tried as a cut
#define CUT_TRIES 64    // candidates tried at most; a long ring has many similar ones

struct ring_search {
    const struct csr *csr;
    uint32_t *from; // per node: where the search came from, + 1; all 0 between searches
    uint32_t *queue;
    uint64_t looked; // edges, over all searches
    uint64_t budget; // 0: no bound
};

static bool ring_search_init(struct ring_search *search, const struct csr *csr, uint64_t budget,
                             struct err *err)
{
    *search = (struct ring_search){ .csr = csr, .budget = budget };
    search->from = calloc((size_t)csr->node_count + 1, sizeof *search->from);
    search->queue = malloc(((size_t)csr->node_count + 1) * sizeof *search->queue);
    if (search->from && search->queue)
        return true;
    free(search->from);
    free(search->queue);
    return err_memory(err, "finding a ring");
}

static void ring_search_fini(struct ring_search *search)
{
    free(search->from);
    free(search->queue);
}

static bool search_is_over(const struct ring_search *search)
{
    return search->budget && search->looked >= search->budget;
}

// The last node of a shortest ring from `start` back to it, of at most `longest` nodes, and its
// length; 0 if there is none or the budget is spent. The trail stays in `from`: search_forget().
static uint32_t search_back(struct ring_search *search, uint32_t start, uint32_t longest,
                            uint32_t *queued, uint32_t *last)
{
    const struct csr *csr = search->csr;
    uint32_t head = 0;
    uint32_t tail = 0;
    uint32_t level = 1; // nodes on the path from start to queue[head], both included
    search->from[start] = start + 1;
    search->queue[tail++] = start;
    uint32_t level_end = tail;
    uint32_t length = 0;
    while (!length && head < tail && level <= longest && !search_is_over(search)) {
        uint32_t node = search->queue[head++];
        uint64_t first = csr_first(csr, node);
        uint64_t end = csr_end(csr, node);
        for (uint64_t e = first; e < end && !length; e++) {
            uint32_t to = csr->to[e] & CSR_NODE;
            if (to == start) {
                *last = node;
                length = level;
            } else if (!search->from[to]) {
                search->from[to] = node + 1;
                search->queue[tail++] = to;
            }
        }
        search->looked += end - first + 1;
        if (head == level_end) {
            level_end = tail;
            level++;
        }
    }
    *queued = tail;
    return length;
}

static void search_forget(struct ring_search *search, uint32_t queued)
{
    for (uint32_t i = 0; i < queued; i++)
        search->from[search->queue[i]] = 0;
}

// Writes the ring that ends in `last` from the trail, in the numbers of the whole graph.
static bool search_keep(const struct ring_search *search, const struct part *part, uint32_t last,
                        uint32_t length, struct ring *ring, struct err *err)
{
    ring_free(ring);
    ring->node = malloc((size_t)length * sizeof *ring->node);
    ring->edge = malloc((size_t)length * sizeof *ring->edge);
    ring->part_node = malloc((size_t)length * sizeof *ring->part_node);
    if (!ring->node || !ring->edge || !ring->part_node) {
        ring_free(ring);
        return err_memory(err, "a ring");
    }
    ring->length = length;
    for (uint32_t i = length; i-- > 0; last = search->from[last] - 1) {
        ring->part_node[i] = last;
        ring->node[i] = part->members[last];
    }
    for (uint32_t i = 0; i < length; i++) {
        uint32_t next = ring->part_node[i + 1 < length ? i + 1 : 0];
        ring->edge[i] = part->edge[csr_find_edge(search->csr, 0, ring->part_node[i], next)];
    }
    return true;
}

// If a node refers to itself there is no shorter ring, and no search is needed to see it.
static uint32_t find_self(const struct csr *csr)
{
    for (uint32_t n = 0; n < csr->node_count; n++)
        if (csr_find_edge(csr, 0, n, n) != CSR_NO_EDGE)
            return n;
    return 0;
}

bool ring_shortest(const struct part *part, uint64_t budget, struct ring *ring, struct err *err)
{
    *ring = (struct ring){ 0 };
    struct ring_search search;
    if (!ring_search_init(&search, &part->graph, 0, err))
        return false;
    uint32_t count = part->graph.node_count;
    uint32_t start = find_self(&part->graph);
    uint32_t tried = 0;
    bool ok = true;
    // A ring of one is the shortest possible; so is a ring of two, as no node refers to itself.
    for (; ok && tried < count && (!ring->length || ring->length > 2); tried++) {
        if (search_is_over(&search))
            break;
        uint32_t queued;
        uint32_t last;
        uint32_t longest = ring->length ? ring->length - 1 : UINT32_MAX;
        uint32_t length = search_back(&search, (start + tried) % count, longest, &queued, &last);
        if (length)
            ok = search_keep(&search, part, last, length, ring, err);
        search_forget(&search, queued);
        search.budget = budget; // from the second search on
    }
    // the last search may have been cut short by the budget
    bool is_shortest =
        ring->length && (ring->length <= 2 || (tried == count && !search_is_over(&search)));
    ring_search_fini(&search);
    if (!ok)
        return false;
    ring->is_shortest = is_shortest;
    return ring->length ? true : err_set(err, ERR_NOT_FOUND, "these objects are not on a ring");
}

// Marks, or clears, all parallel edges between two part nodes. Returns how many there are.
static uint32_t set_cut(struct csr *csr, uint32_t from, uint32_t to, uint32_t mark)
{
    uint32_t copies = 0;
    uint64_t end = csr_end(csr, from);
    for (uint64_t e = csr_first(csr, from); e < end; e++) {
        if ((csr->to[e] & CSR_NODE) != to)
            continue;
        csr->to[e] = to | mark;
        copies++;
    }
    return copies;
}

// How many nodes are still on rings with the marked edges gone.
static bool ring_count_left(const struct csr *csr, uint32_t *left, struct err *err)
{
    struct walk walk = { .skip_mask = CUT };
    struct scc scc;
    if (!scc_find(csr, walk, &scc, NULL, err))
        return false;
    *left = 0;
    for (uint32_t n = 0; n < csr->node_count; n++)
        *left += scc.size[scc.component[n]] > 1 || csr_find_edge(csr, CUT, n, n) != CSR_NO_EDGE;
    scc_free(&scc);
    return true;
}

// The position, in the ring, of the untried edge whose target has the most incoming edges.
static uint32_t busiest(const struct ring *ring, const uint32_t *entered, const uint64_t *tried)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < ring->length; i++)
        if (!marks_has(tried, i) && (best == UINT32_MAX || entered[i] > entered[best]))
            best = i;
    return best;
}

// How many edges of the part enter the target of each of the ring's edges.
static bool count_entering(const struct csr *csr, const struct ring *ring, uint32_t *entered)
{
    uint32_t *degree = calloc((size_t)csr->node_count + 1, sizeof *degree);
    if (!degree)
        return false;
    for (uint64_t e = 0; e < csr->edge_count; e++)
        degree[csr->to[e] & CSR_NODE]++;
    for (uint32_t i = 0; i < ring->length; i++)
        entered[i] = degree[ring->part_node[i + 1 < ring->length ? i + 1 : 0]];
    free(degree);
    return true;
}

static void ring_describe(const struct ring *ring, uint32_t place, struct ring_cut *cut)
{
    cut->place = place;
    cut->from = ring->node[place];
    cut->to = ring->node[place + 1 < ring->length ? place + 1 : 0];
    cut->edge = ring->edge[place];
}

// Removes the ring's edge from the part, counts what is left, and restores it; keeps the best cut.
static bool try_cut(struct csr *csr, const struct ring *ring, uint32_t place, struct ring_cut *cut,
                    struct err *err)
{
    uint32_t from = ring->part_node[place];
    uint32_t to = ring->part_node[place + 1 < ring->length ? place + 1 : 0];
    uint32_t copies = set_cut(csr, from, to, CUT);
    uint32_t left;
    bool ok = ring_count_left(csr, &left, err);
    set_cut(csr, from, to, 0);
    if (!ok || (cut->why != RING_CUT_BUSIEST && left >= cut->left))
        return ok;
    ring_describe(ring, place, cut);
    cut->copies = copies;
    cut->left = left;
    cut->why = left ? RING_CUT_MAX : RING_CUT_ALL;
    return true;
}

static bool try_cuts(struct csr *csr, const struct ring *ring, uint64_t budget,
                     const uint32_t *entered, uint64_t *tried, struct ring_cut *cut,
                     struct err *err)
{
    uint64_t cost = csr->edge_count + csr->node_count;
    uint64_t spent = 0;
    for (uint32_t i = 0; i < CUT_TRIES && cut->why != RING_CUT_ALL; i++) {
        uint32_t place = busiest(ring, entered, tried);
        if (place == UINT32_MAX)
            break;
        if (!i) {
            ring_describe(ring, place, cut);
            cut->copies = set_cut(csr, ring->part_node[place],
                                  ring->part_node[place + 1 < ring->length ? place + 1 : 0], 0);
        }
        spent += cost;
        if (budget && spent > budget)
            break;
        marks_set(tried, place);
        if (!try_cut(csr, ring, place, cut, err))
            return false;
    }
    return true;
}

static bool is_all_fixed(const struct ring *ring, const uint64_t *fixed)
{
    uint32_t i = 0;
    while (fixed && i < ring->length && marks_has(fixed, i))
        i++;
    return fixed && i == ring->length;
}

bool ring_cut_find(struct part *part, const struct ring *ring, const uint64_t *fixed,
                   uint64_t budget, struct ring_cut *cut, struct err *err)
{
    *cut = (struct ring_cut){ .why = RING_CUT_BUSIEST };
    if (is_all_fixed(ring, fixed)) {
        cut->why = RING_CUT_NONE;
        return true;
    }
    uint32_t *entered = malloc(((size_t)ring->length + 1) * sizeof *entered);
    uint64_t *tried = calloc(marks_words(ring->length) + 1, sizeof *tried);
    bool ok = entered && tried && count_entering(&part->graph, ring, entered);
    if (ok && fixed)
        memcpy(tried, fixed, marks_words(ring->length) * sizeof *tried);
    if (ok)
        ok = try_cuts(&part->graph, ring, budget, entered, tried, cut, err);
    else
        err_memory(err, "finding the reference to cut");
    free(entered);
    free(tried);
    return ok;
}

const char *ring_cut_why_text(enum ring_cut_why why)
{
    switch (why) {
    case RING_CUT_ALL:
        return "without it no ring is left";
    case RING_CUT_MAX:
        return "of the references tried, it leaves the fewest objects on rings";
    case RING_CUT_BUSIEST:
        return "it leads to the most referenced object of the ring";
    case RING_CUT_NONE:
        return "no reference of this ring can be taken out: only a collection frees it";
    }
    return "";
}

void ring_free(struct ring *ring)
{
    free(ring->node);
    free(ring->edge);
    free(ring->part_node);
    *ring = (struct ring){ 0 };
}
