// SPDX-License-Identifier: GPL-3.0-or-later
// References by name or place: see attribute.h.
#include "heap/names/attribute.h"

#include <stdio.h>
#include <string.h>

#include "heap/names/edge.h"
#include "py/objects/dict.h"
#include "py/objects/type.h"

node heap_member(const struct heap *heap, node n, int32_t offset)
{
    bool ok = offset >= 0;
    addr at = ok ? target_u64(heap->py->target, heap_addr(heap, n) + (uint64_t)offset, &ok) : 0;
    return ok && at ? heap_node_of(heap, at) : NODE_NONE;
}

node heap_referent(const struct heap *heap, node n, const char *edge)
{
    struct heap_edges edges = { 0 };
    node found = NODE_NONE;
    if (heap_referents(heap, n, SIZE_MAX, &edges, NULL))
        for (size_t i = 0; found == NODE_NONE && i < edges.count; i++)
            if (!strcmp(heap_edge_name(&edges, i), edge))
                found = edges.items[i].to;
    heap_edges_fini(&edges);
    return found;
}

struct content_value heap_value(const struct heap *heap, node n, struct text *bytes)
{
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    return content_value(heap->py, type, heap_addr(heap, n), bytes);
}

bool heap_is_dict(const struct heap *heap, node n)
{
    return type_row(heap->py->types, heap_type(heap, n))->flags & TPFLAGS_DICT_SUBCLASS;
}

node heap_attribute(const struct heap *heap, node n, const char *name)
{
    char edge[256];
    snprintf(edge, sizeof edge, ".%s", name);
    node found = heap_referent(heap, n, edge);
    if (found != NODE_NONE)
        return found;
    node dict = heap_referent(heap, n, ".__dict__");
    return dict == NODE_NONE ? NODE_NONE : heap_item(heap, dict, name);
}

node heap_item(const struct heap *heap, node dict, const char *key)
{
    addr at = dict_lookup(heap->py, heap_addr(heap, dict), key);
    return at ? heap_node_of(heap, at) : NODE_NONE;
}
