// SPDX-License-Identifier: GPL-3.0-or-later
// The names of references, read from the target again when somebody asks: `.attr`, `[3]`,
// `['key']`, `local x in f() app.py:12`.
// Owns: the names and items of struct heap_edges, until heap_edges_fini(). Borrows: the heap.
#ifndef OURO_HEAP_NAMES_EDGE_H
#define OURO_HEAP_NAMES_EDGE_H

#include "base/text.h"
#include "heap/heap.h"

struct heap_edge {
    node from, to;
    uint32_t flags; // EDGE_HOLDS, EDGE_BORROWED
    uint32_t text;  // offset of its name in names
    addr slot; // the word of the target that holds it, with or without a tag; 0: it is worked out
};

struct heap_edges {
    struct heap_edge *items;
    size_t count, capacity;
    struct text names; // the names one after the other, each ended by a zero byte
};

static inline const char *heap_edge_name(const struct heap_edges *edges, size_t i)
{
    return edges->names.data + edges->items[i].text;
}

// Appends the references out of n, in the order of the forward CSR, at most `most`.
bool heap_referents(const struct heap *heap, node n, size_t most, struct heap_edges *edges,
                    struct err *err);

// Appends the references into n, by holder in address order; several from one holder are several
// items. Needs the reverse CSR.
bool heap_referrers(const struct heap *heap, node n, size_t most, struct heap_edges *edges,
                    struct err *err);

// Appends the references from one object to another.
bool heap_edges_between(const struct heap *heap, node from, node to, struct heap_edges *edges,
                        struct err *err);

void heap_edges_fini(struct heap_edges *edges);

// A short line about the object's value from memory alone, at most `width` columns: escaped UTF-8,
// safe for a terminal.
// The same with an instance's first attributes, for a row that is about it.
void heap_preview_row(const struct heap *heap, node n, size_t width, struct text *out);
void heap_preview(const struct heap *heap, node n, size_t width, struct text *out);

#endif
