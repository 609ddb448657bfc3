// SPDX-License-Identifier: GPL-3.0-or-later
// Holders in one line: see holders.h.
#include "cmd/analysis/holders.h"

#include "heap/names/edge.h"

#define SHOWN 3
#define LARGE 4096 // a holder with more references is not read again just for a name

static void add_holder(const struct heap *heap, node from, node to, struct text *out)
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

const char *holders_line(const struct session *session, struct report *report, node n)
{
    const struct heap *heap = &session->heap;
    struct text text = TEXT_INIT;
    uint64_t count = 0;
    node last = NODE_NONE;
    for (uint64_t e = csr_first(&heap->reverse, n); e < csr_end(&heap->reverse, n); e++) {
        node from = heap->reverse.to[e] & EDGE_NODE;
        if (from == last)
            continue;
        last = from;
        if (count++ < SHOWN)
            add_holder(heap, from, n, &text);
    }
    if (count > SHOWN)
        text_add_format(&text, ", %llu more", (unsigned long long)(count - SHOWN));
    const char *line = text.size ? report_text(report, text.data, text.size) : NULL;
    text_fini(&text);
    return line;
}
