// SPDX-License-Identifier: GPL-3.0-or-later
// Finding rings and grouping them by shape: see rings.h. How one is drawn is in rings_draw.c.
#include "heap/analysis/rings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/search.h"
#include "base/unused.h"
#include "base/vec.h"
#include "heap/names/edge.h"

static bool rings_mark(struct rings *rings, rings_filter *filter, const void *context,
                       struct err *err)
{
    rings->only = calloc(marks_words(rings->heap->node_count) + 1, sizeof *rings->only);
    if (!rings->only)
        return err_memory(err, "the set of objects");
    for (node n = 0; n < rings->heap->node_count; n++)
        if (filter(context, n))
            marks_set(rings->only, n);
    return true;
}

uint64_t rings_bytes(const struct rings *rings, uint32_t component)
{
    const uint32_t *members = rings_members(rings, component);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < rings_size(rings, component); i++)
        bytes += heap_own(rings->heap, members[i]);
    return bytes;
}

// --- labels of edges ----------------------------------------------------------------------------

struct labels {
    const struct part *part;
    uint32_t *of; // per part edge
    size_t capacity;
    uint32_t *type; // per member
    size_t type_capacity;
    struct heap_edges edges;
};

// A hash of a reference's name without the numbers in it: items[3] and items[4] are alike.
static uint32_t label(const char *name)
{
    uint32_t hash = 2166136261u; // FNV-1a
    for (const char *c = name; *c; c++) {
        if (isdigit((unsigned char)*c) && c > name && isdigit((unsigned char)c[-1]))
            continue;
        hash = (hash ^ (isdigit((unsigned char)*c) ? '0' : (unsigned char)*c)) * 16777619u;
    }
    return hash;
}

static bool read_labels(struct labels *labels, const struct heap *heap, const struct part *part,
                        struct err *err)
{
    const struct csr *graph = &part->graph;
    if (!vec_grow(&labels->of, &labels->capacity, graph->edge_count, sizeof *labels->of, err))
        return false;
    for (uint32_t i = 0; i < graph->node_count; i++) {
        uint64_t e = csr_first(graph, i), end = csr_end(graph, i);
        if (e == end)
            continue;
        // The names come in the order of the whole graph's edges, so that an edge's number there
        // tells which name is its.
        uint64_t base = csr_first(&heap->forward, part->members[i]);
        labels->edges.count = 0;
        text_clear(&labels->edges.names);
        if (!heap_referents(heap, part->members[i], (size_t)(part->edge[end - 1] - base + 1),
                            &labels->edges, err))
            return false;
        for (; e < end; e++) {
            size_t k = (size_t)(part->edge[e] - base);
            labels->of[e] = k < labels->edges.count ? label(heap_edge_name(&labels->edges, k)) : 0;
        }
    }
    return true;
}

// The label of an edge by its number in the whole graph; the part's edges are in ascending order.
static uint32_t edge_label(const void *context, UNUSED uint32_t from, uint64_t edge)
{
    const struct labels *labels = context;
    size_t count = labels->part->graph.edge_count;
    size_t i = search_u64(labels->part->edge, count, sizeof *labels->part->edge, 0, edge);
    return i < count ? labels->of[i] : 0;
}

static bool read_types(struct labels *labels, const struct heap *heap, const struct part *part,
                       struct err *err)
{
    if (!vec_grow(&labels->type, &labels->type_capacity, part->graph.node_count,
                  sizeof *labels->type, err))
        return false;
    for (uint32_t i = 0; i < part->graph.node_count; i++)
        labels->type[i] = heap_type(heap, part->members[i]);
    return true;
}

// --- shapes -------------------------------------------------------------------------------------

static bool find_shape(struct rings *rings, uint32_t component, struct labels *labels,
                       uint64_t *hash, struct err *err)
{
    struct part part = { 0 };
    uint32_t size = rings_size(rings, component);
    if (!part_cut(&rings->heap->forward, rings_walk(rings), rings_members(rings, component), size,
                  &rings->desk, &part, err))
        return false;
    bool named = size <= RINGS_NAMED_MAX;
    labels->part = &part;
    bool ok = read_types(labels, rings->heap, &part, err)
              && (!named || read_labels(labels, rings->heap, &part, err))
              && shape_hash(&part,
                            (struct shape_labels){ .node = labels->type,
                                                   .edge = named ? edge_label : NULL,
                                                   .context = labels },
                            hash, err);
    part_free(&part);
    return ok;
}

static bool rings_add_to_group(struct rings *rings, struct map *by_shape, uint32_t component,
                               uint64_t hash, struct err *err)
{
    uint32_t g = map_get(by_shape, hash);
    if (g == MAP_NONE) {
        g = (uint32_t)rings->group_count;
        if (!vec_grow(&rings->groups, &rings->group_capacity, rings->group_count + 1,
                      sizeof *rings->groups, err)
            || !map_put(by_shape, hash, g, err))
            return false;
        rings->groups[rings->group_count++] =
            (struct rings_group){ .shape = hash, .first = component };
    }
    rings->groups[g].copies++;
    rings->groups[g].bytes += rings_bytes(rings, component);
    rings->group_of[component] = g;
    return true;
}

static bool group(struct rings *rings, const struct progress *progress, struct err *err)
{
    rings->group_of = malloc(((size_t)rings->found.count + 1) * sizeof *rings->group_of);
    if (!rings->group_of)
        return err_memory(err, "groups of rings");
    struct map by_shape = MAP_INIT;
    struct labels labels = { 0 };
    bool ok = true;
    for (uint32_t i = 0; ok && i < rings->found.count; i++) {
        uint64_t hash;
        ok = find_shape(rings, i, &labels, &hash, err)
             && rings_add_to_group(rings, &by_shape, i, hash, err);
        if (ok && i % 4096 == 0
            && !progress_step(progress, "comparing rings", i, rings->found.count))
            ok = err_set(err, ERR_CANCELLED, "stopped while comparing rings");
    }
    map_fini(&by_shape);
    free(labels.of);
    free(labels.type);
    heap_edges_fini(&labels.edges);
    return ok;
}

bool rings_find(struct rings *rings, const struct heap *heap, rings_filter *filter,
                const void *context, const struct progress *progress, struct err *err)
{
    *rings = (struct rings){ .heap = heap };
    if (rings_mark(rings, filter, context, err)
        && scc_find(&heap->forward, rings_walk(rings), &rings->scc, progress, err)
        && scc_list_rings(&heap->forward, rings_walk(rings), &rings->scc, &rings->found, err)
        && part_desk_init(&rings->desk, heap->node_count, err) && group(rings, progress, err))
        return true;
    rings_free(rings);
    return false;
}

void rings_free(struct rings *rings)
{
    free(rings->only);
    free(rings->groups);
    free(rings->group_of);
    scc_rings_free(&rings->found);
    scc_free(&rings->scc);
    part_desk_fini(&rings->desk);
    *rings = (struct rings){ 0 };
}
