// SPDX-License-Identifier: GPL-3.0-or-later
// Breadth-first reachability: the queue tells which nodes come next, so that their edges can be
// prefetched. A stack would be as small, but would wait for memory at every step.
#include "graph/reach.h"

#include <stdlib.h>

#define FAR_AHEAD 12
#define NEAR_AHEAD 6
#define PROGRESS_NODES (1u << 16)

struct reach_queue {
    uint32_t *node; // each node enters once, so node_count entries suffice
    uint32_t head;
    uint32_t tail;
};

static void queue_ask_ahead(const struct reach_queue *queue, const struct csr *csr)
{
    if (queue->head + FAR_AHEAD < queue->tail)
        __builtin_prefetch(&csr->offset[queue->node[queue->head + FAR_AHEAD]]);
    if (queue->head + NEAR_AHEAD < queue->tail)
        __builtin_prefetch(&csr->to[csr_first(csr, queue->node[queue->head + NEAR_AHEAD])]);
}

// Nodes are written at most once each; untouched pages of the queue cost nothing.
static bool queue_init(struct reach_queue *queue, uint32_t node_count, struct err *err)
{
    *queue = (struct reach_queue){ .node = malloc(((size_t)node_count + 1) * sizeof *queue->node) };
    return queue->node ? true : err_memory(err, "walking a graph");
}

static void queue_offer(struct reach_queue *queue, uint64_t *seen, uint32_t node)
{
    if (marks_has(seen, node))
        return;
    marks_set(seen, node);
    queue->node[queue->tail++] = node;
}

static void queue_offer_targets(struct reach_queue *queue, const struct csr *csr,
                                const struct walk *walk, uint32_t node, uint64_t *seen)
{
    uint64_t end = csr_end(csr, node);
    for (uint64_t e = csr_first(csr, node); e < end; e++)
        if (walk_takes(walk, csr->to[e]))
            queue_offer(queue, seen, csr->to[e] & CSR_NODE);
}

static bool reach_follow(struct reach_queue *queue, const struct csr *csr, const struct walk *walk,
                         uint64_t *seen, const struct progress *progress, struct err *err)
{
    bool going = true;
    while (going && queue->head < queue->tail) {
        queue_ask_ahead(queue, csr);
        queue_offer_targets(queue, csr, walk, queue->node[queue->head++], seen);
        if (queue->head % PROGRESS_NODES == 0)
            going = progress_step(progress, "following references", queue->head, csr->node_count);
    }
    free(queue->node);
    return going ? true : err_set(err, ERR_CANCELLED, "stopped while following references");
}

bool reach_from_marked(const struct csr *csr, struct walk walk, const uint64_t *roots,
                       uint64_t *seen, const struct progress *progress, struct err *err)
{
    struct reach_queue queue;
    if (!queue_init(&queue, csr->node_count, err))
        return false;
    for (uint32_t n = 0; n < csr->node_count; n++)
        if (marks_has(roots, n) && walk_has(&walk, n))
            queue_offer(&queue, seen, n);
    return reach_follow(&queue, csr, &walk, seen, progress, err);
}
