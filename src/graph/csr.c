// SPDX-License-Identifier: GPL-3.0-or-later
// Building graphs in flat arrays, and transposing them.
#include "graph/csr.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/unused.h"
#include "graph/big.h"

#define BLOCK_MASK ((1u << CSR_BLOCK_SHIFT) - 1)

// How many edges ahead the transposition prefetches cache lines: far enough for memory to answer,
// near enough for the lines to be still cached.
#define FAR_AHEAD 32
#define NEAR_AHEAD 16

#define PROGRESS_EDGES ((uint64_t)1 << 18)
#define EDGES_A_THREAD 18 // two to the power of that

// realloc() that keeps the old array on failure; glibc remaps the pages of big ones, so that
// growing does not need both at once.
static bool csr_resize(void *array, uint64_t count, size_t size, struct err *err)
{
    void *old;
    memcpy(&old, array, sizeof old);
    void *new = realloc(old, (count ? count : 1) * size);
    if (!new)
        return err_memory(err, "a graph");
    memcpy(array, &new, sizeof new);
    return true;
}

static bool resize_nodes(struct csr *csr, uint32_t room, struct err *err)
{
    if (!csr_resize(&csr->offset, (uint64_t)room + 1, sizeof *csr->offset, err)
        || !csr_resize(&csr->base, csr_block_count(room), sizeof *csr->base, err))
        return false;
    csr->node_room = room;
    return true;
}

bool csr_begin(struct csr *csr, uint32_t node_room, uint64_t edge_room, struct err *err)
{
    *csr = (struct csr){ 0 };
    if (node_room > CSR_NODE_MAX)
        node_room = CSR_NODE_MAX;
    if (!resize_nodes(csr, node_room, err)
        || !csr_resize(&csr->to, edge_room, sizeof *csr->to, err)) {
        csr_free(csr);
        return false;
    }
    csr->edge_room = edge_room;
    csr->base[0] = 0;
    csr->offset[0] = 0;
    return true;
}

bool csr_grow_edges(struct csr *csr, struct err *err)
{
    uint64_t room = csr->edge_room + csr->edge_room / 2 + 1024;
    if (!csr_resize(&csr->to, room, sizeof *csr->to, err))
        return false;
    csr->edge_room = room;
    return true;
}

bool csr_end_node_slow(struct csr *csr, struct err *err)
{
    if (csr->node_count == csr->node_room) {
        if (csr->node_room == CSR_NODE_MAX)
            return err_set(err, ERR_UNSUPPORTED, "more than %u objects", CSR_NODE_MAX);
        uint64_t room = (uint64_t)csr->node_room + csr->node_room / 2 + 1024;
        if (!resize_nodes(csr, room > CSR_NODE_MAX ? CSR_NODE_MAX : (uint32_t)room, err))
            return false;
    }
    uint32_t next = ++csr->node_count;
    uint64_t *base = &csr->base[next >> CSR_BLOCK_SHIFT];
    if (!(next & BLOCK_MASK))
        *base = csr->edge_count;
    uint64_t offset = csr->edge_count - *base;
    if (offset > UINT32_MAX)
        return err_set(err, ERR_UNSUPPORTED, "more than %u references in %u objects", UINT32_MAX,
                       BLOCK_MASK + 1);
    csr->offset[next] = (uint32_t)offset;
    return true;
}

bool csr_finish(struct csr *csr, struct err *err)
{
    uint32_t greatest = 0;
    for (uint64_t e = 0; e < csr->edge_count; e++) {
        uint32_t to = csr->to[e] & CSR_NODE;
        greatest = to > greatest ? to : greatest;
    }
    if (csr->edge_count && greatest >= csr->node_count)
        return err_set(err, ERR_FORMAT, "a reference to object %u of %u", greatest,
                       csr->node_count);
    if (!csr_resize(&csr->to, csr->edge_count, sizeof *csr->to, err))
        return false;
    csr->edge_room = csr->edge_count;
    return resize_nodes(csr, csr->node_count, err);
}

// A piece's offsets are the whole's; its own first one is written by whoever ends the node before.
bool csr_begin_piece(const struct csr *csr, uint32_t first, uint32_t count, uint64_t edge_room,
                     struct csr *piece, struct err *err)
{
    *piece = (struct csr){ .offset = csr->offset + first, .node_room = count };
    piece->base = calloc(csr_block_count(count), sizeof *piece->base);
    piece->to = malloc((edge_room ? edge_room : 1) * sizeof *piece->to);
    piece->edge_room = edge_room;
    return (piece->base && piece->to) || err_memory(err, "a graph");
}

void csr_drop_piece(struct csr *piece)
{
    free(piece->base);
    free(piece->to);
    *piece = (struct csr){ 0 };
}

// The bases of a piece's blocks, and of the end of its last one.
static void csr_join_bases(struct csr *csr, const struct csr *piece)
{
    uint64_t first = csr->node_count >> CSR_BLOCK_SHIFT;
    for (uint64_t i = 0; piece->node_count && i < csr_block_count(piece->node_count); i++)
        csr->base[first + i] = csr->edge_count + piece->base[i];
}

bool csr_join(struct csr *csr, struct csr *pieces, size_t count, struct err *err)
{
    uint64_t edges = 0;
    for (size_t i = 0; i < count; i++)
        edges += pieces[i].edge_count;
    free(csr->to);
    csr->to = pieces[0].to; // the first one's edges are where they belong
    pieces[0].to = NULL;
    csr->edge_room = pieces[0].edge_room;
    bool good = csr_resize(&csr->to, edges, sizeof *csr->to, err);
    for (size_t i = 0; i < count; i++) {
        const struct csr *piece = &pieces[i];
        if (good) {
            csr_join_bases(csr, piece);
            if (i && piece->edge_count)
                memcpy(csr->to + csr->edge_count, piece->to, piece->edge_count * sizeof *piece->to);
            csr->edge_count += piece->edge_count;
            csr->node_count += piece->node_count;
        }
        csr_drop_piece(&pieces[i]);
    }
    csr->edge_room = good ? edges : csr->edge_room;
    return good && csr_finish(csr, err);
}

static uint32_t *csr_new_offsets(uint32_t node_count)
{
    size_t bytes = ((size_t)node_count + 1) * sizeof(uint32_t);
    return big_hint(calloc(1, bytes), bytes);
}

bool csr_blank(struct csr *csr, uint32_t node_count, struct err *err)
{
    *csr = (struct csr){ .node_count = node_count, .node_room = node_count };
    csr->offset = csr_new_offsets(node_count);
    csr->base = calloc(csr_block_count(node_count), sizeof *csr->base);
    if (csr->offset && csr->base)
        return true;
    csr_free(csr);
    return err_memory(err, "a graph");
}

bool csr_counted(struct csr *csr, struct err *err)
{
    uint64_t total = 0;
    uint64_t base = 0;
    for (uint32_t n = 0; n <= csr->node_count; n++) {
        if (!(n & BLOCK_MASK))
            base = csr->base[n >> CSR_BLOCK_SHIFT] = total;
        uint32_t count = n < csr->node_count ? csr->offset[n] : 0;
        // the end of the node, too, must fit: it is the cursor's last value
        if (total + count - base > UINT32_MAX)
            return err_set(err, ERR_UNSUPPORTED, "more than %u references to %u objects",
                           UINT32_MAX, BLOCK_MASK + 1);
        csr->offset[n] = (uint32_t)(total - base);
        total += count;
    }
    csr->edge_count = csr->edge_room = total;
    size_t bytes = (total ? total : 1) * sizeof *csr->to;
    csr->to = big_hint(malloc(bytes), bytes);
    return csr->to ? true : err_memory(err, "a graph");
}

bool csr_nodes_fit(const struct csr *csr, uint32_t first, uint32_t end)
{
    bool good = first || !csr_first(csr, 0);
    for (uint32_t n = first; n < end;) {
        uint32_t stop = (n | BLOCK_MASK) < end ? n | BLOCK_MASK : end; // none crosses a block
        for (; n < stop; n++)
            good &= csr->offset[n] <= csr->offset[n + 1];
        if (n == end)
            break;
        uint64_t base = csr->base[(n >> CSR_BLOCK_SHIFT) + 1];
        good &=
            base <= csr->edge_count && csr_first(csr, n) <= csr_end(csr, n) && !csr->offset[n + 1];
        n++;
    }
    return good && csr->base[first >> CSR_BLOCK_SHIFT] <= csr->edge_count
           && csr_first(csr, end) <= csr->edge_count
           && (end < csr->node_count || csr_first(csr, end) == csr->edge_count);
}

bool csr_edges_fit(const struct csr *csr, uint64_t first, uint64_t end)
{
    uint32_t most = 0;
    for (uint64_t e = first; e < end; e++) {
        uint32_t to = csr->to[e] & CSR_NODE;
        most = to > most ? to : most;
    }
    return first == end || most < csr->node_count;
}

void csr_settle(struct csr *csr)
{
    // Every cursor has reached its node's end, which is the next node's start. The last entry was
    // never a cursor and is right already.
    for (uint32_t n = csr->node_count; n-- > 0;)
        csr->offset[n] = n & BLOCK_MASK ? csr->offset[n - 1] : 0;
}

// A transposition that threads share: each has a stretch of the sources, in order, and for every
// node a count of the stretch's own, which becomes a cursor: it begins behind the sources of the
// stretches before. So the array is the same as the one that a single thread makes.
//
//      sources    |  stretch 0  |  stretch 1  |  stretch 2  |
//      a node's referrers       | 0 0 0 | 1 | 2 2 |            each cursor goes through its part
struct csr_turning {
    const struct csr *csr;
    struct csr *reverse;
    uint32_t *cursors[POOL_MOST];  // the first is the result's offsets, until they are cursors
    uint32_t first[POOL_MOST + 1]; // where each stretch begins
    struct pool_progress shared;
};

// The edges up to here are looked at before the next question whether to go on.
static uint64_t csr_stop_at(uint64_t edge, uint64_t end)
{
    return end - edge > PROGRESS_EDGES ? edge + PROGRESS_EDGES : end;
}

static void count_sources(void *context, unsigned part, UNUSED unsigned parts)
{
    struct csr_turning *turning = context;
    const struct csr *csr = turning->csr;
    const uint32_t *to = csr->to;
    uint32_t *counts = turning->cursors[part];
    uint64_t first = csr_first(csr, turning->first[part]),
             end = csr_first(csr, turning->first[part + 1]);
    for (uint64_t e = first; e < end && pool_goes_on(&turning->shared, part, e - first);) {
        // a count may wrap, past 2^32 edges into one node: csr_transpose() sees it in the sum
        uint64_t stop = csr_stop_at(e, end), ahead = stop - e > FAR_AHEAD ? stop - FAR_AHEAD : e;
        for (; e < ahead; e++) {
            __builtin_prefetch(&counts[to[e + FAR_AHEAD] & CSR_NODE], 1);
            counts[to[e] & CSR_NODE]++;
        }
        for (; e < stop; e++)
            counts[to[e] & CSR_NODE]++;
    }
}

static void place_sources(void *context, unsigned part, UNUSED unsigned parts)
{
    struct csr_turning *turning = context;
    const struct csr *csr = turning->csr;
    const uint32_t *to = csr->to;
    const uint64_t *base = turning->reverse->base;
    uint32_t *out = turning->reverse->to, *cursors = turning->cursors[part];
    uint32_t from = turning->first[part], behind = turning->first[part + 1];
    uint64_t first = csr_first(csr, from), e = first, all = csr_first(csr, behind), stop = first;
    uint64_t far_end = all - first > FAR_AHEAD ? all - FAR_AHEAD : first;
    for (; from < behind; from++) {
        for (uint64_t end = csr_end(csr, from); e < end; e++) {
            if (e == stop) {
                if (!pool_goes_on(&turning->shared, part, e - first))
                    return;
                stop = csr_stop_at(e, all);
            }
            if (e < far_end) { // the cursor's line, and, nearer, the line that it points at
                uint32_t near = to[e + NEAR_AHEAD] & CSR_NODE;
                __builtin_prefetch(&cursors[to[e + FAR_AHEAD] & CSR_NODE], 1);
                __builtin_prefetch(&out[base[near >> CSR_BLOCK_SHIFT] + cursors[near]], 1);
            }
            uint32_t word = to[e], node = word & CSR_NODE;
            out[base[node >> CSR_BLOCK_SHIFT] + cursors[node]++] = from | (word & ~CSR_NODE);
        }
    }
}

// Turns each stretch's counts into the counts of the stretches before it; the first one's become
// the totals.
static void csr_add_counts(struct csr_turning *turning)
{
    for (uint32_t n = 0; turning->shared.parts > 1 && n < turning->csr->node_count; n++) {
        uint32_t before = turning->cursors[0][n];
        for (unsigned i = 1; i < turning->shared.parts; i++) {
            uint32_t count = turning->cursors[i][n];
            turning->cursors[i][n] = before;
            before += count;
        }
        turning->cursors[0][n] = before;
    }
}

static void csr_begin_cursors(struct csr_turning *turning)
{
    for (unsigned i = 1; i < turning->shared.parts; i++)
        for (uint32_t n = 0; n <= turning->csr->node_count; n++)
            turning->cursors[i][n] += turning->cursors[0][n];
}

// The last stretch's cursors have reached the end of each node: they stay, as csr_settle() expects
// them.
static void csr_end_cursors(struct csr_turning *turning)
{
    turning->reverse->offset = turning->cursors[turning->shared.parts - 1];
    for (unsigned i = 0; i + 1 < turning->shared.parts; i++)
        free(turning->cursors[i]);
}

// The first node whose edges begin at the given one or later.
static uint32_t csr_node_at(const struct csr *csr, uint64_t edge)
{
    uint32_t low = 0, high = csr->node_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (csr_first(csr, middle) < edge)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Divides the sources into stretches of about equally many edges, no more than memory allows.
static void csr_share_out(struct csr_turning *turning, unsigned threads)
{
    const struct csr *csr = turning->csr;
    uint64_t shares = csr->edge_count >> EDGES_A_THREAD;
    unsigned most = threads < POOL_MOST ? threads : POOL_MOST;
    most = shares < most ? (unsigned)shares : most;
    turning->cursors[0] = turning->reverse->offset;
    turning->shared.parts = 1;
    while (turning->shared.parts < most
           && (turning->cursors[turning->shared.parts] = csr_new_offsets(csr->node_count)))
        turning->shared.parts++;
    for (unsigned i = 1; i < turning->shared.parts; i++)
        turning->first[i] = csr_node_at(csr, csr->edge_count / turning->shared.parts * i);
    turning->first[turning->shared.parts] = csr->node_count;
}

static bool csr_turn(struct csr_turning *turning, struct err *err)
{
    struct csr *reverse = turning->reverse;
    turning->shared.phase = "counting referrers";
    pool_run(turning->shared.parts, count_sources, turning);
    csr_add_counts(turning);
    if (!turning->shared.stopped && !csr_counted(reverse, err))
        return false;
    if (!turning->shared.stopped && reverse->edge_count != turning->csr->edge_count)
        return err_set(err, ERR_UNSUPPORTED, "more than %u references to one object", UINT32_MAX);
    turning->shared.phase = "listing referrers";
    if (!turning->shared.stopped) {
        csr_begin_cursors(turning);
        pool_run(turning->shared.parts, place_sources, turning);
    }
    return !turning->shared.stopped
           || err_set(err, ERR_CANCELLED, "stopped while listing referrers");
}

bool csr_transpose(const struct csr *csr, struct csr *reverse, unsigned threads,
                   const struct progress *progress, struct err *err)
{
    struct csr_turning turning = { .csr = csr,
                                   .reverse = reverse,
                                   .shared = { .progress = progress, .total = csr->edge_count } };
    if (!csr_blank(reverse, csr->node_count, err))
        return false;
    csr_share_out(&turning, threads);
    bool ok = csr_turn(&turning, err);
    csr_end_cursors(&turning);
    if (ok)
        csr_settle(reverse);
    else
        csr_free(reverse);
    return ok;
}

uint64_t csr_find_edge(const struct csr *csr, uint32_t skip_mask, uint32_t from, uint32_t to)
{
    uint64_t end = csr_end(csr, from);
    for (uint64_t e = csr_first(csr, from); e < end; e++)
        if ((csr->to[e] & CSR_NODE) == to && !(csr->to[e] & skip_mask))
            return e;
    return CSR_NO_EDGE;
}

// Of the nodes from low on, before high: the one that an edge leaves.
static uint32_t csr_source(const struct csr *csr, uint32_t low, uint32_t high, uint64_t edge)
{
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (csr_first(csr, middle) <= edge)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void csr_each_to(const struct csr *csr, uint32_t to, csr_meet *meet, void *context)
{
    for (uint32_t low = 0, high; low < csr->node_count; low = high) {
        high = csr->node_count - low > BLOCK_MASK ? low + BLOCK_MASK + 1 : csr->node_count;
        uint64_t end = csr_first(csr, high);
        for (uint64_t e = csr_first(csr, low); e < end; e++)
            if ((csr->to[e] & CSR_NODE) == to)
                meet(context, csr_source(csr, low, high, e), csr->to[e]);
    }
}

void csr_free(struct csr *csr)
{
    free(csr->offset);
    free(csr->base);
    free(csr->to);
    *csr = (struct csr){ 0 };
}
