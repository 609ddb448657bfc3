// SPDX-License-Identifier: GPL-3.0-or-later
// Falling refcounts: see fall.h.
#include "heap/analysis/fall.h"

#include <stdlib.h>

#include "base/vec.h"

bool fall_drop(struct fall *fall, node n, struct err *err)
{
    uint32_t at = map_get(&fall->index, n);
    if (at == MAP_NONE) {
        at = (uint32_t)fall->count;
        if (!vec_grow(&fall->counts, &fall->capacity, fall->count + 1, sizeof *fall->counts, err)
            || !map_put(&fall->index, n, at, err))
            return false;
        bool immortal = fall->heap->flags[n] & NODE_IMMORTAL;
        fall->counts[fall->count++] =
            (struct fall_count){ n, immortal ? INT64_MAX : heap_refcount(fall->heap, n) };
    }
    if (!fall->counts[at].left || --fall->counts[at].left)
        return true;
    if (!vec_grow(&fall->queue, &fall->queue_capacity, fall->queued + 1, sizeof *fall->queue, err))
        return false;
    fall->queue[fall->queued++] = n;
    return true;
}

bool fall_take_out(struct fall *fall, uint64_t edge, struct err *err)
{
    return fall_is_gone(fall, edge)
           || (map_put(&fall->gone, edge, 1, err)
               && fall_drop(fall, fall->heap->forward.to[edge] & EDGE_NODE, err));
}

// Each freed object drops its references.
bool fall_go(struct fall *fall, uint64_t most, struct err *err)
{
    const struct csr *forward = &fall->heap->forward;
    while (fall->done < fall->queued && fall->followed < most) {
        node n = fall->queue[fall->done++];
        for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n); e++) {
            fall->followed++;
            if (!(forward->to[e] & EDGE_BORROWED) && !fall_is_gone(fall, e)
                && !fall_drop(fall, forward->to[e] & EDGE_NODE, err))
                return false;
        }
    }
    return true;
}

void fall_fini(struct fall *fall)
{
    map_fini(&fall->index);
    map_fini(&fall->gone);
    free(fall->counts);
    free(fall->queue);
    *fall = (struct fall){ 0 };
}
