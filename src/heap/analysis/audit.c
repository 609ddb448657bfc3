// SPDX-License-Identifier: GPL-3.0-or-later
// The whole heap against tp_traverse: see audit.h.
#include "heap/analysis/audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/objects/type.h"

#define BATCH 65536

struct desk {
    const struct heap *heap;
    struct audit *audit;
    bool (*differs)(void *context, node n);
    void *context;
    struct traverse_item *items;
    node *nodes; // of the items being compared
    size_t count;
    node *ours, *theirs; // one object's referents, sorted
    size_t ours_room, theirs_room;
    struct err *err;
};

static int by_node(const void *a, const void *b)
{
    node x = *(const node *)a, y = *(const node *)b;
    return x < y ? -1 : x > y;
}

static bool stored(struct desk *desk, node n, size_t *count)
{
    const struct csr *csr = &desk->heap->forward;
    uint64_t first = csr_first(csr, n), end = csr_end(csr, n);
    *count = 0;
    if (!vec_grow(&desk->ours, &desk->ours_room, (size_t)(end - first) + 1, sizeof *desk->ours,
                  desk->err))
        return false;
    for (uint64_t e = first; e < end; e++)
        if (!(csr->to[e] & EDGE_HOLDS))
            desk->ours[(*count)++] = csr->to[e] & EDGE_NODE;
    qsort(desk->ours, *count, sizeof *desk->ours, by_node);
    return true;
}

static bool audit_compare(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    struct desk *desk = context;
    node n = desk->nodes[i];
    size_t ours, theirs = 0;
    desk->audit->asked++;
    if (!ok) {
        desk->audit->unanswered++;
        return true;
    }
    if (!stored(desk, n, &ours)
        || !vec_grow(&desk->theirs, &desk->theirs_room, count + 1, sizeof *desk->theirs, desk->err))
        return false;
    for (size_t k = 0; k < count; k++) {
        node to = referents[k] ? heap_node_of(desk->heap, referents[k]) : NODE_NONE;
        if (to != NODE_NONE)
            desk->theirs[theirs++] = to;
        else if (referents[k])
            desk->audit->unknown++;
    }
    qsort(desk->theirs, theirs, sizeof *desk->theirs, by_node);
    if (ours == theirs && memcmp(desk->ours, desk->theirs, ours * sizeof *desk->ours) == 0) {
        desk->audit->agreed++;
        return true;
    }
    desk->audit->differed++;
    return desk->differs(desk->context, n);
}

static bool ask_batch(struct desk *desk, struct traverse *jail)
{
    size_t count = desk->count;
    desk->count = 0;
    return count == 0 || traverse_batch(jail, desk->items, count, audit_compare, desk, desk->err);
}

static bool audit_all(struct desk *desk, struct traverse *jail, const struct progress *progress)
{
    const struct heap *heap = desk->heap;
    struct address_map_walk walk;
    for (address_map_begin(&walk, &heap->addresses); address_map_next(&walk);) {
        const struct type *type = type_row(heap->py->types, heap_type(heap, walk.node));
        if (!(heap->flags[walk.node] & NODE_GC) || !type->traverse)
            continue;
        desk->nodes[desk->count] = walk.node;
        desk->items[desk->count++] = (struct traverse_item){ walk.at, type->traverse };
        if (desk->count < BATCH)
            continue;
        if (!progress_step(progress, "asking every tp_traverse", walk.node, heap->node_count))
            return err_set(desk->err, ERR_CANCELLED, "the comparison was cancelled");
        if (!ask_batch(desk, jail))
            return false;
    }
    return ask_batch(desk, jail);
}

bool heap_audit(const struct heap *heap, struct traverse *jail,
                bool (*differs)(void *context, node n), void *context, struct audit *audit,
                const struct progress *progress, struct err *err)
{
    *audit = (struct audit){ 0 };
    struct desk desk = { .heap = heap,
                         .audit = audit,
                         .differs = differs,
                         .context = context,
                         .err = err,
                         .items = malloc(BATCH * sizeof(struct traverse_item)),
                         .nodes = malloc(BATCH * sizeof(node)) };
    bool ok = desk.items && desk.nodes ? audit_all(&desk, jail, progress)
                                       : err_memory(err, "the comparison");
    free(desk.items);
    free(desk.nodes);
    free(desk.ours);
    free(desk.theirs);
    return ok;
}
