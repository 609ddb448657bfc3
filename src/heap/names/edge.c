// SPDX-License-Identifier: GPL-3.0-or-later
// The names of references: see edge.h. A holder is decoded again, with names; references that lead
// to objects are kept.
#include "heap/names/edge.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "heap/saved/skeleton.h"
#include "heap/build/jail_queue.h"
#include "heap/names/edge_names.h"
#include "py/kinds/kind.h"
#include "py/load.h"
#include "py/objects/type.h"

#define ROOM 1024
#define MEMBERS_MOST 4096 // bytes of a struct

struct edge_naming {
    const struct heap *heap;
    struct heap_edges *edges;
    const struct type *type; // of the holder
    node from, only;         // only: NODE_NONE, or the one target that is wanted
    addr at;
    size_t most; // stop after so many
    struct err *err;
    bool failed;
};

// Adds a reference; its name follows.
static bool edge_add_item(struct edge_naming *naming, node to, uint32_t flags, addr slot)
{
    struct heap_edges *edges = naming->edges;
    if (!vec_grow(&edges->items, &edges->capacity, edges->count + 1, sizeof *edges->items,
                  naming->err)) {
        naming->failed = true;
        return false;
    }
    edges->items[edges->count++] =
        (struct heap_edge){ naming->from, to, flags, (uint32_t)edges->names.size, slot };
    return true;
}

// The slot that a decoder gave, if it holds the reference; a member's is the one word of the struct
// that does.
static addr edge_slot(const struct edge_naming *naming, node to, struct ref_name name)
{
    const struct heap *heap = naming->heap;
    addr wanted = heap_addr(heap, to), found = 0;
    if (name.slot)
        return (load64(name.slot) & ~(addr)REF_FLAGS) == wanted
                   ? target_address(heap->py->target, name.slot)
                   : 0;
    if (name.kind != REF_MEMBER || naming->type->basicsize > MEMBERS_MOST)
        return 0;
    uint64_t size = (uint64_t)naming->type->basicsize;
    const uint8_t *o = target_view(heap->py->target, naming->at, size);
    for (uint64_t i = 0; o && i + 8 <= size; i += 8) {
        if (load64(o + i) != wanted)
            continue;
        if (found)
            return 0;
        found = naming->at + i;
    }
    return found;
}

static void edge_add_edge(struct edge_naming *naming, node to, uint32_t flags, struct ref_name name)
{
    struct heap_edges *edges = naming->edges;
    if (!edge_add_item(naming, to, flags, edge_slot(naming, to, name)))
        return;
    kind_name(naming->heap->py, naming->type, naming->at, name, &edges->names);
    text_add_char(&edges->names, '\0');
}

static void edge_take(struct refs *refs)
{
    struct edge_naming *naming = refs->context;
    for (size_t i = 0; i < refs->count && naming->edges->count < naming->most && !naming->failed;
         i++) {
        node to = address_map_node(&naming->heap->addresses, refs->to[i] & ~(addr)REF_FLAGS);
        if (to == NODE_NONE || (naming->only != NODE_NONE && to != naming->only))
            continue;
        uint32_t flags = (refs->to[i] & REF_HOLDS ? (uint32_t)EDGE_HOLDS : 0)
                         | (refs->to[i] & REF_BORROWED ? (uint32_t)EDGE_BORROWED : 0);
        edge_add_edge(naming, to, flags, refs->names[i]);
    }
    refs->count = 0;
}

// Names the references of an object for which the jail was asked.
static bool name_traversed_edges(struct edge_naming *naming)
{
    const struct heap *heap = naming->heap;
    struct edge_names traversed;
    if (!edge_names_init(&traversed, heap, naming->from, naming->err))
        return false;
    uint64_t end = csr_end(&heap->forward, naming->from);
    for (uint64_t e = csr_first(&heap->forward, naming->from);
         e < end && naming->edges->count < naming->most && !naming->failed; e++) {
        uint32_t word = heap->forward.to[e];
        node to = word & EDGE_NODE;
        if (naming->only != NODE_NONE && to != naming->only)
            continue;
        if (!edge_add_item(naming, to, word & ~EDGE_NODE, 0))
            break;
        edge_names_name(&traversed, to, word & ~EDGE_NODE, &naming->edges->names,
                        &naming->edges->items[naming->edges->count - 1].slot);
        text_add_char(&naming->edges->names, '\0');
    }
    edge_names_fini(&traversed);
    return !naming->failed && text_ok(&naming->edges->names, naming->err);
}

// Without values: the names that the skeleton has.
static bool name_skeleton_edges(struct edge_naming *naming)
{
    const struct heap *heap = naming->heap;
    struct heap_edges *edges = naming->edges;
    uint64_t end = csr_end(&heap->forward, naming->from);
    for (uint64_t e = csr_first(&heap->forward, naming->from);
         e < end && edges->count < naming->most; e++) {
        uint32_t word = heap->forward.to[e];
        if (naming->only != NODE_NONE && (word & EDGE_NODE) != naming->only)
            continue;
        if (!edge_add_item(naming, word & EDGE_NODE, word & ~EDGE_NODE, 0))
            return false;
        skeleton_edge_name(heap->skeleton, e, &edges->names);
        text_add_char(&edges->names, '\0');
    }
    return text_ok(&edges->names, naming->err);
}

static bool name_edges(const struct heap *heap, node from, node only, size_t most,
                       struct heap_edges *edges, struct err *err)
{
    uint64_t to[ROOM];
    struct ref_name names[ROOM];
    struct edge_naming naming = { .heap = heap,
                                  .edges = edges,
                                  .type = type_row(heap->py->types, heap_type(heap, from)),
                                  .from = from,
                                  .only = only,
                                  .at = heap_addr(heap, from),
                                  .most = most,
                                  .err = err };
    struct refs refs = {
        .to = to, .names = names, .capacity = ROOM, .full = edge_take, .context = &naming
    };
    if (!heap_has_values(heap))
        return name_skeleton_edges(&naming);
    if (heap_teller(heap, from) == TELLER_JAIL)
        return name_traversed_edges(&naming);
    kind_refs(heap->py, naming.type, naming.at, &refs);
    edge_take(&refs);
    return !naming.failed && text_ok(&edges->names, err);
}

static size_t beyond(size_t count, size_t most)
{
    return most < SIZE_MAX - count ? count + most : SIZE_MAX;
}

bool heap_referents(const struct heap *heap, node n, size_t most, struct heap_edges *edges,
                    struct err *err)
{
    return name_edges(heap, n, NODE_NONE, beyond(edges->count, most), edges, err);
}

bool heap_referrers(const struct heap *heap, node n, size_t most, struct heap_edges *edges,
                    struct err *err)
{
    size_t end = beyond(edges->count, most);
    node last = NODE_NONE;
    for (uint64_t e = csr_first(&heap->reverse, n);
         e < csr_end(&heap->reverse, n) && edges->count < end; e++) {
        node from = heap->reverse.to[e] & EDGE_NODE;
        if (from != last && !name_edges(heap, from, n, end, edges, err))
            return false;
        last = from; // edges of one holder are adjacent: they were named together
    }
    return true;
}

bool heap_edges_between(const struct heap *heap, node from, node to, struct heap_edges *edges,
                        struct err *err)
{
    return name_edges(heap, from, to, SIZE_MAX, edges, err);
}

void heap_edges_fini(struct heap_edges *edges)
{
    free(edges->items);
    text_fini(&edges->names);
    *edges = (struct heap_edges){ 0 };
}

void heap_preview_row(const struct heap *heap, node n, size_t width, struct text *out)
{
    const struct type *type =
        heap_has_values(heap) ? type_row(heap->py->types, heap_type(heap, n)) : NULL;
    if (!type || !kind_preview_attributes(heap->py, type, heap_addr(heap, n), width, out))
        heap_preview(heap, n, width, out);
}

void heap_preview(const struct heap *heap, node n, size_t width, struct text *out)
{
    if (!heap_has_values(heap)) {
        text_add_char(out, '-');
        return;
    }
    kind_preview(heap->py, type_row(heap->py->types, heap_type(heap, n)), heap_addr(heap, n), width,
                 out);
}
