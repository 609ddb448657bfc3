// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks in the dominator tree of objects: see native_retained.h.
//
//   1. a block's holder is the object that it was reached from first; blocks that variables and
//      stacks lead to have none
//   2. each word from an object or a held block to a block moves that block's holder up to the
//      nearest common dominator of both, and the block is looked through again, until nothing moves
//   3. bytes go to holders, and up the tree, the deepest first
#include "heap/memory/native_retained.h"

#include <stdlib.h>

#include "base/unused.h"

#define HOLDER_NONE UINT32_MAX       // not reached from objects
#define HOLDER_ROOT (UINT32_MAX - 1) // no single object
#define STEPS_MAX (UINT64_C(1) << 28)

struct native_holding {
    struct block_owners *owners;
    const struct dominate *dominate;
    uint32_t *depth;  // per object; 0: a root of the tree
    uint32_t *holder; // per block
    uint32_t *queue;
    uint8_t *queued;
    uint32_t head, count; // a ring buffer with as many entries as there are blocks
    uint32_t from;        // holder of the words being followed
    uint64_t steps;
};

static uint32_t holding_parent(const struct native_holding *h, node n)
{
    uint32_t parent = h->dominate->parent[n];
    return parent >= DOM_ROOT ? HOLDER_ROOT : parent;
}

// Climbs to an object whose depth is known, then walks the same path again.
static void holding_depth(struct native_holding *h, node n)
{
    uint32_t up = 0;
    node at = n;
    while (h->depth[at] == UINT32_MAX) {
        uint32_t parent = holding_parent(h, at);
        if (parent == HOLDER_ROOT) {
            h->depth[at] = 0;
            break;
        }
        at = parent;
        up++;
    }
    uint32_t depth = h->depth[at] + up;
    for (at = n; up; up--, at = holding_parent(h, at))
        h->depth[at] = depth--;
}

static uint32_t holding_common(struct native_holding *h, uint32_t a, uint32_t b)
{
    while (a != b) {
        if (a == HOLDER_ROOT || b == HOLDER_ROOT || h->steps++ > STEPS_MAX)
            return HOLDER_ROOT;
        if (h->depth[a] < h->depth[b]) {
            uint32_t swap = a;
            a = b;
            b = swap;
        }
        a = holding_parent(h, a);
    }
    return a;
}

static void holding_visit(void *context, uint32_t block, UNUSED addr word, UNUSED addr to)
{
    struct native_holding *h = context;
    if (h->holder[block] == HOLDER_NONE || h->holder[block] == HOLDER_ROOT
        || h->holder[block] == h->from)
        return;
    uint32_t common = holding_common(h, h->holder[block], h->from);
    if (common == h->holder[block])
        return;
    h->holder[block] = common;
    if (h->queued[block])
        return;
    h->queued[block] = 1;
    h->queue[(h->head + h->count++) % h->owners->room] = block;
}

static void holding_settle(struct native_holding *h)
{
    while (h->count) {
        uint32_t block = h->queue[h->head % h->owners->room];
        h->head = (h->head + 1) % h->owners->room;
        h->count--;
        h->queued[block] = 0;
        h->from = h->holder[block];
        block_owners_of_block(h->owners, block, holding_visit, h);
    }
}

static void holding_words(struct native_holding *h)
{
    struct block_owners *o = h->owners;
    struct address_map_walk walk;
    for (address_map_begin(&walk, &o->heap->addresses); address_map_next(&walk);) {
        h->from = walk.node;
        block_owners_of_object(o, walk.node, walk.at, holding_visit, h);
    }
    // Blocks that are reached from variables, not from objects: what they lead to belongs to
    // nobody.
    for (uint32_t b = 0; b < o->count; b++) {
        bool root =
            o->how[b] == BLOCK_GLOBAL || o->how[b] == BLOCK_STACK || o->how[b] == BLOCK_OTHER;
        if (!root && h->holder[b] == HOLDER_NONE)
            continue;
        h->from = root ? HOLDER_ROOT : h->holder[b];
        block_owners_of_block(o, b, holding_visit, h);
    }
    holding_settle(h);
}

static bool holding_sum(struct native_holding *h, struct native_retained *native, struct err *err)
{
    const struct block_owners *o = h->owners;
    uint32_t nodes = o->heap->node_count, deepest = 0;
    for (uint32_t b = 0; b < o->count; b++) {
        if (h->holder[b] == HOLDER_NONE || o->how[b] != BLOCK_REACHED)
            continue;
        uint64_t bytes = block_owners_bytes(o, b);
        if (h->holder[b] == HOLDER_ROOT)
            native->free += bytes;
        else
            native->bytes[h->holder[b]] += bytes;
    }
    for (node n = 0; n < nodes; n++)
        deepest = h->depth[n] > deepest ? h->depth[n] : deepest;
    // Objects by depth: counting sort.
    uint32_t *first = calloc((size_t)deepest + 2, sizeof *first);
    uint32_t *order = malloc(((size_t)nodes + 1) * sizeof *order);
    if (first && order) {
        for (node n = 0; n < nodes; n++)
            first[deepest - h->depth[n] + 1]++;
        for (uint32_t d = 1; d <= deepest + 1; d++)
            first[d] += first[d - 1];
        for (node n = 0; n < nodes; n++)
            order[first[deepest - h->depth[n]]++] = n;
        for (uint32_t i = 0; i < nodes; i++) {
            uint32_t parent = holding_parent(h, order[i]);
            native->held += parent == HOLDER_ROOT ? native->bytes[order[i]] : 0;
            if (parent != HOLDER_ROOT)
                native->bytes[parent] += native->bytes[order[i]];
        }
    }
    bool ok = first && order;
    free(first);
    free(order);
    return ok || err_memory(err, "what objects retain in C");
}

bool native_retained_find(struct native_retained *native, struct block_owners *o,
                          const struct dominate *dominate, struct err *err)
{
    uint32_t nodes = o->heap->node_count;
    *native = (struct native_retained){ 0 };
    struct native_holding h = { .owners = o, .dominate = dominate };
    native->bytes = calloc((size_t)nodes + 1, sizeof *native->bytes);
    h.depth = malloc(((size_t)nodes + 1) * sizeof *h.depth);
    h.holder = malloc(((size_t)o->count + 1) * sizeof *h.holder);
    h.queue = malloc(((size_t)o->room + 1) * sizeof *h.queue);
    h.queued = calloc((size_t)o->count + 1, 1);
    bool ok = native->bytes && h.depth && h.holder && h.queue && h.queued;
    if (!ok)
        err_memory(err, "what objects retain in C");
    for (node n = 0; ok && n < nodes; n++)
        h.depth[n] = UINT32_MAX;
    for (node n = 0; ok && n < nodes; n++)
        holding_depth(&h, n);
    for (uint32_t b = 0; ok && b < o->count; b++)
        h.holder[b] = o->how[b] == BLOCK_REACHED ? o->owner[b] : HOLDER_NONE;
    if (ok) {
        holding_words(&h);
        ok = holding_sum(&h, native, err);
    }
    free(h.depth);
    free(h.holder);
    free(h.queue);
    free(h.queued);
    if (!ok)
        native_retained_free(native);
    return ok;
}

void native_retained_free(struct native_retained *native)
{
    free(native->bytes);
    *native = (struct native_retained){ 0 };
}
