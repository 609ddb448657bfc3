// SPDX-License-Identifier: GPL-3.0-or-later
// C memory by type: see native_types.h.
#include "heap/memory/native_types.h"

#include <stdlib.h>

#include "graph/marks.h"

static void native_types_count(const struct block_owners *o, const struct heap *heap,
                               struct native_type_sum *types, uint64_t *seen)
{
    for (node n = 0; n < heap->node_count; n++)
        types[heap_type(heap, n)].objects++;
    for (uint32_t i = 0; i < o->count; i++) {
        node owner = o->owner[i];
        if (o->how[i] != BLOCK_REACHED || o->bytes_in[i] == BLOCK_NONE || owner == NODE_NONE)
            continue;
        struct native_type_sum *type = &types[heap_type(heap, owner)];
        type->bytes += block_owners_bytes(o, i);
        type->blocks++;
        if (marks_has(seen, owner))
            continue;
        marks_set(seen, owner);
        type->first = type->owners++ ? type->first : owner;
    }
}

struct native_type_sum *native_types_find(const struct block_owners *blocks,
                                          const struct heap *heap, struct err *err)
{
    struct native_type_sum *types = calloc((size_t)heap_type_count(heap) + 1, sizeof *types);
    uint64_t *seen = calloc(marks_words(heap->node_count) + 1, sizeof *seen);
    if (types && seen) {
        native_types_count(blocks, heap, types, seen);
    } else {
        err_memory(err, "the types");
        free(types);
        types = NULL;
    }
    free(seen);
    return types;
}
