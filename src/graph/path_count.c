// SPDX-License-Identifier: GPL-3.0-or-later
// How many paths from roots to a node share no inner node: a maximum flow, one path at a time.
//
// Problem (Menger): flow runs backwards, from the target over referrers to any root; an inner node
// lets one unit through, a root any number, an edge from a root straight to the target one.
//  1. Each inner node is two places: IN, where flow arrives, and OUT, where it leaves. Without flow
//     one goes from IN to OUT; with flow, from OUT back to IN (giving up its unit).
//  2. From OUT one goes to IN of every referrer but the one that the flow already goes to. From IN
//     of a node with flow one goes to OUT of the node that its flow comes from (sending it
//     elsewhere).
//  3. Each time a breadth-first search from the target comes to a root there is one path more: add
//     the edges gone forward, take out those gone back. When none comes there, the count is exact.
#include "graph/path.h"

#include <stdlib.h>

#define PROGRESS_NODES (1u << 16)
#define OUT 1u // on a queue entry, beside the node shifted left

struct flow {
    const struct path_search *search;
    uint32_t *toward_root;   // per inner node with flow: the referrer it goes to, + 1; else 0
    uint32_t *toward_target; // ... and the node it comes from, + 1
    uint32_t *into;          // per node: the node from which its IN was reached, + 1
    uint32_t *out_of;        // ... its OUT
    uint32_t *queue;
    uint32_t head;
    uint32_t tail;
    uint64_t *direct; // roots whose edge to the target is taken
    uint64_t looked;
};

static bool flow_init(struct flow *flow, const struct path_search *search)
{
    size_t room = (size_t)search->csr->node_count + 1;
    *flow = (struct flow){
        .search = search,
        .toward_root = calloc(room, sizeof *flow->toward_root),
        .toward_target = calloc(room, sizeof *flow->toward_target),
        .into = calloc(room, sizeof *flow->into),
        .out_of = calloc(room, sizeof *flow->out_of),
        .queue = malloc(2 * room * sizeof *flow->queue),
        .direct = calloc(marks_words(search->csr->node_count) + 1, sizeof *flow->direct),
    };
    return flow->toward_root && flow->toward_target && flow->into && flow->out_of && flow->queue
           && flow->direct;
}

static void flow_fini(struct flow *flow)
{
    free(flow->toward_root);
    free(flow->toward_target);
    free(flow->into);
    free(flow->out_of);
    free(flow->queue);
    free(flow->direct);
}

static void flow_reach_in(struct flow *flow, uint32_t node, uint32_t from)
{
    if (flow->into[node])
        return;
    flow->into[node] = from + 1;
    flow->queue[flow->tail++] = node << 1;
}

static void flow_reach_out(struct flow *flow, uint32_t node, uint32_t from)
{
    if (flow->out_of[node])
        return;
    flow->out_of[node] = from + 1;
    flow->queue[flow->tail++] = node << 1 | OUT;
}

// True if the flow already uses the edge between the two.
static bool flow_has_edge(const struct flow *flow, uint32_t node, uint32_t referrer)
{
    const struct path_search *search = flow->search;
    if (node != search->target)
        return flow->toward_root[node] == referrer + 1;
    if (search->same && marks_has(search->roots, node) && marks_has(search->same, referrer))
        return true;
    return flow->toward_target[referrer] == node + 1 || marks_has(flow->direct, referrer);
}

// Leaves a node towards the roots. True if it reaches one: *root.
static bool flow_leave(struct flow *flow, uint32_t node, uint32_t *root)
{
    const struct path_search *search = flow->search;
    uint64_t end = csr_end(search->reverse, node);
    for (uint64_t e = csr_first(search->reverse, node); e < end; e++) {
        uint32_t from = search->reverse->to[e] & CSR_NODE;
        flow->looked++;
        if (!walk_takes(&search->walk, search->reverse->to[e]) || from == search->target
            || from == node || flow_has_edge(flow, node, from))
            continue;
        if (marks_has(search->roots, from)) {
            *root = from;
            return true;
        }
        flow_reach_in(flow, from, node);
    }
    if (node != search->target && flow->toward_root[node])
        flow_reach_in(flow, node, node);
    return false;
}

static void flow_arrive(struct flow *flow, uint32_t node)
{
    if (!flow->toward_root[node])
        flow_reach_out(flow, node, node);
    else if (flow->toward_target[node] != flow->search->target + 1)
        flow_reach_out(flow, flow->toward_target[node] - 1, node);
}

// Follows the search's trail back from the root to the target and changes the flow along it.
static void flow_change(struct flow *flow, uint32_t node, uint32_t root)
{
    uint32_t target = flow->search->target;
    if (node == target) {
        marks_set(flow->direct, root);
        return;
    }
    flow->toward_root[node] = root + 1;
    bool at_out = true;
    while (node != target) {
        if (at_out) {
            node = flow->out_of[node] - 1; // itself, or the node that now gets its unit elsewhere
            at_out = false;
            continue;
        }
        uint32_t from = flow->into[node] - 1;
        at_out = true;
        if (from == node) {
            flow->toward_root[node] = flow->toward_target[node] = 0; // gives up its unit
        } else {
            flow->toward_target[node] = from + 1;
            if (from != target)
                flow->toward_root[from] = node + 1;
            node = from;
        }
    }
}

static void flow_forget(struct flow *flow)
{
    for (uint32_t i = 0; i < flow->tail; i++) {
        uint32_t node = flow->queue[i] >> 1;
        flow->into[node] = flow->out_of[node] = 0;
    }
    flow->head = flow->tail = 0;
}

// Adds one more path, if there is one.
static enum path_end flow_augment(struct flow *flow, uint64_t budget,
                                  const struct progress *progress)
{
    enum path_end end = PATH_NO_MORE;
    uint32_t root;
    flow_reach_out(flow, flow->search->target, flow->search->target);
    while (end == PATH_NO_MORE && flow->head < flow->tail) {
        uint32_t entry = flow->queue[flow->head++];
        uint32_t node = entry >> 1;
        if (!(entry & OUT)) {
            flow_arrive(flow, node);
        } else if (flow_leave(flow, node, &root)) {
            flow_change(flow, node, root);
            end = PATH_FOUND;
        } else if (budget && flow->looked >= budget) {
            end = PATH_STOPPED;
        }
        if (end == PATH_NO_MORE && flow->head % PROGRESS_NODES == 0
            && !progress_step(progress, "counting paths", flow->looked, budget))
            end = PATH_STOPPED;
    }
    flow_forget(flow);
    return end;
}

bool path_count(const struct path_search *search, uint32_t most, uint64_t budget,
                struct path_tally *tally, const struct progress *progress, struct err *err)
{
    *tally = (struct path_tally){ .count = marks_has(search->roots, search->target) };
    struct flow flow;
    if (!flow_init(&flow, search)) {
        flow_fini(&flow);
        return err_memory(err, "counting paths");
    }
    enum path_end end = PATH_FOUND;
    while (tally->count < most && end == PATH_FOUND) {
        end = flow_augment(&flow, budget, progress);
        tally->count += end == PATH_FOUND;
    }
    tally->is_exact = end == PATH_NO_MORE;
    flow_fini(&flow);
    return true;
}
