// SPDX-License-Identifier: GPL-3.0-or-later
// The allocator's census: what the blocks in use are for, on request. See alloc.h.
#include "heap/build/alloc.h"

#define PROGRESS_EVERY 65536

static bool explain_all(struct alloc *alloc, const struct progress *progress, struct err *err)
{
    const struct heap *heap = alloc->heap;
    struct address_map_walk walk;
    for (address_map_begin(&walk, &heap->addresses); address_map_next(&walk);) {
        alloc_explain(alloc, type_row(heap->py->types, heap_type(heap, walk.node)), walk.at);
        if (walk.node % PROGRESS_EVERY == 0
            && !progress_step(progress, "naming blocks", walk.node, heap->node_count))
            return err_set(err, ERR_CANCELLED, "naming the allocator's blocks was cancelled");
    }
    return true;
}

bool heap_need_census(struct heap *heap, const struct progress *progress, struct err *err)
{
    if (heap->census.taken || heap->no_allocator)
        return true;
    struct alloc alloc = { 0 };
    bool good = alloc_open(&alloc, heap, err) && explain_all(&alloc, progress, err);
    if (good)
        alloc_finish(&alloc);
    alloc_close(&alloc);
    heap->census.taken = good;
    return good;
}
