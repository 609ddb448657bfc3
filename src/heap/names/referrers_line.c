// SPDX-License-Identifier: GPL-3.0-or-later
// Referrers in one line: see referrers_line.h.
#include "heap/names/referrers_line.h"

#include "heap/names/edge.h"

#define SHOWN 3
#define LARGE 4096 // a referrer with more references is not read again just for a name

static void referrers_line_add(const struct heap *heap, node from, node to, struct text *out)
{
    struct heap_edges edges = { 0 };
    text_add_string(out, out->size ? ", " : "");
    text_add_string(out, heap_type_name(heap, heap_type(heap, from)));
    if (csr_end(&heap->forward, from) - csr_first(&heap->forward, from) > LARGE)
        text_add_string(out, "[...]");
    else if (heap_edges_between(heap, from, to, &edges, NULL) && edges.count) {
        const char *name = heap_edge_name(&edges, 0);
        text_add_string(out, *name == '.' || *name == '[' ? "" : " ");
        text_add_string(out, name);
    }
    heap_edges_fini(&edges);
}

void referrers_line(const struct heap *heap, node n, struct text *out)
{
    uint64_t count = 0;
    node last = NODE_NONE;
    for (uint64_t e = csr_first(&heap->reverse, n); e < csr_end(&heap->reverse, n); e++) {
        node from = heap->reverse.to[e] & EDGE_NODE;
        if (from == last)
            continue;
        last = from;
        if (count++ < SHOWN)
            referrers_line_add(heap, from, n, out);
    }
    if (count > SHOWN)
        text_add_format(out, ", %llu more", (unsigned long long)(count - SHOWN));
}
