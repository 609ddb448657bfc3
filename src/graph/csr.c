// SPDX-License-Identifier: GPL-3.0-or-later
// Building graphs in flat arrays, and turning them round.
#include "graph/csr.h"

#include <stdlib.h>
#include <string.h>

#include "graph/big.h"

#define BLOCK_MASK ((1u << CSR_BLOCK_SHIFT) - 1)

// How many edges ahead the transposition asks for its cache lines: far enough for memory to answer,
// near enough for the lines to be still there.
#define FAR_AHEAD 32
#define NEAR_AHEAD 16

#define PROGRESS_EDGES ((uint64_t)1 << 18)

static uint64_t csr_block_count(uint32_t node_count)
{
    return ((uint64_t)node_count >> CSR_BLOCK_SHIFT) + 1;
}

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

bool csr_blank(struct csr *csr, uint32_t node_count, struct err *err)
{
    *csr = (struct csr){ .node_count = node_count, .node_room = node_count };
    size_t bytes = ((size_t)node_count + 1) * sizeof *csr->offset;
    csr->offset = big_hint(calloc(1, bytes), bytes);
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

void csr_settle(struct csr *csr)
{
    // Every cursor has come to its node's end, which is the next node's start. The last entry never
    // was a cursor and stands right.
    for (uint32_t n = csr->node_count; n-- > 0;)
        csr->offset[n] = n & BLOCK_MASK ? csr->offset[n - 1] : 0;
}

static bool count_sources(const struct csr *csr, struct csr *reverse,
                          const struct progress *progress)
{
    for (uint64_t e = 0; e < csr->edge_count; e++) {
        if (e + FAR_AHEAD < csr->edge_count)
            __builtin_prefetch(&reverse->offset[csr->to[e + FAR_AHEAD] & CSR_NODE], 1);
        // a count may wrap, past 2^32 edges into one node: csr_transpose() sees it in the sum
        reverse->offset[csr->to[e] & CSR_NODE]++;
        if (e % PROGRESS_EDGES == 0
            && !progress_step(progress, "counting referrers", e, csr->edge_count))
            return false;
    }
    return true;
}

// Asks for the line of a cursor, and, nearer, for the line that the cursor points at.
static void ask_ahead(const struct csr *csr, const struct csr *reverse, uint64_t e)
{
    if (e + FAR_AHEAD >= csr->edge_count)
        return;
    __builtin_prefetch(&reverse->offset[csr->to[e + FAR_AHEAD] & CSR_NODE], 1);
    __builtin_prefetch(&reverse->to[csr_first(reverse, csr->to[e + NEAR_AHEAD] & CSR_NODE)], 1);
}

static bool place_sources(const struct csr *csr, struct csr *reverse,
                          const struct progress *progress)
{
    uint64_t e = 0;
    for (uint32_t from = 0; from < csr->node_count; from++) {
        for (uint64_t end = csr_end(csr, from); e < end; e++) {
            ask_ahead(csr, reverse, e);
            uint32_t word = csr->to[e];
            uint32_t to = word & CSR_NODE;
            reverse->to[csr_first(reverse, to)] = from | (word & ~CSR_NODE);
            reverse->offset[to]++;
            if (e % PROGRESS_EDGES == 0
                && !progress_step(progress, "listing referrers", e, csr->edge_count))
                return false;
        }
    }
    return true;
}

bool csr_transpose(const struct csr *csr, struct csr *reverse, const struct progress *progress,
                   struct err *err)
{
    if (!csr_blank(reverse, csr->node_count, err))
        return false;
    bool counted = count_sources(csr, reverse, progress);
    if (counted && !csr_counted(reverse, err)) {
        csr_free(reverse);
        return false;
    }
    if (counted && reverse->edge_count != csr->edge_count) {
        csr_free(reverse);
        return err_set(err, ERR_UNSUPPORTED, "more than %u references to one object", UINT32_MAX);
    }
    if (!counted || !place_sources(csr, reverse, progress)) {
        csr_free(reverse);
        return err_set(err, ERR_CANCELLED, "stopped while listing referrers");
    }
    csr_settle(reverse);
    return true;
}

uint64_t csr_find_edge(const struct csr *csr, uint32_t skip_mask, uint32_t from, uint32_t to)
{
    uint64_t end = csr_end(csr, from);
    for (uint64_t e = csr_first(csr, from); e < end; e++)
        if ((csr->to[e] & CSR_NODE) == to && !(csr->to[e] & skip_mask))
            return e;
    return CSR_NO_EDGE;
}

void csr_free(struct csr *csr)
{
    free(csr->offset);
    free(csr->base);
    free(csr->to);
    *csr = (struct csr){ 0 };
}
