// SPDX-License-Identifier: GPL-3.0-or-later
// One ring as steps, each with the name of its reference. A reference through an instance's dict is
// shown as the attribute that it is.
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "graph/marks.h"
#include "heap/names/edge.h"
#include "heap/analysis/rings.h"
#include "heap/analysis/rings_cut.h"
#include "py/objects/type.h"

#define SEARCH_BUDGET                                                                              \
    2000000 // edges looked at for a shorter ring, or a better cut, in one component

// The last part of a type's name, as people call it.
static const char *rings_short_type(const struct heap *heap, node n)
{
    const char *name = heap_type_name(heap, heap_type(heap, n));
    const char *dot = strrchr(name, '.');
    return dot && dot[1] ? dot + 1 : name;
}

// Appends the name of that edge, which leaves n; returns the word that holds it.
static bool rings_add_edge(const struct heap *heap, node n, uint64_t edge, struct text *out,
                           addr *slot, struct err *err)
{
    struct heap_edges edges = { 0 };
    size_t k = (size_t)(edge - csr_first(&heap->forward, n));
    bool ok = heap_referents(heap, n, k + 1, &edges, err);
    if (ok) {
        text_add_string(out, k < edges.count ? heap_edge_name(&edges, k) : " ?");
        *slot = k < edges.count ? edges.items[k].slot : 0;
    }
    heap_edges_fini(&edges);
    return ok;
}

static bool rings_add_edge_name(const struct heap *heap, node n, uint64_t edge, struct text *out,
                                struct err *err)
{
    addr slot;
    return rings_add_edge(heap, n, edge, out, &slot, err);
}

static bool rings_is_key(const struct text *name)
{
    const char *key = text_string(name);
    return name->size > 4 && !strncmp(key, "['", 2) && !strcmp(key + name->size - 2, "']");
}

// A step of the ring, joined with the next one if people see the two as one: x.__dict__ and
// ['next'] are x.next. The edge's name is in `name`.
static bool rings_read_step(const struct heap *heap, const struct ring *ring, uint32_t i,
                            struct ring_step *step, bool *joined, struct text *name,
                            struct err *err)
{
    struct text after = TEXT_INIT;
    addr slot = 0;
    *joined = false;
    text_clear(name);
    bool ok = rings_add_edge(heap, ring->node[i], ring->edge[i], name, &step->slot, err);
    if (ok && i + 1 < ring->length && !strcmp(text_string(name), ".__dict__")) {
        ok = rings_add_edge(heap, ring->node[i + 1], ring->edge[i + 1], &after, &slot, err);
        *joined = ok && rings_is_key(&after);
    }
    if (*joined) {
        text_clear(name);
        text_add_char(name, '.');
        text_add(name, text_string(&after) + 2, after.size - 4);
        step->slot = slot;
    }
    text_fini(&after);
    step->object = ring->node[i];
    step->next = ring->node[(i + 1 + *joined) % ring->length];
    step->type = rings_short_type(heap, ring->node[i]);
    return ok && text_ok(name, err);
}

static void ring_step_text(const struct ring_step *step, struct text *out)
{
    text_add_string(out, step->type);
    if (!strchr(".[", *step->edge))
        text_add_char(out, ' ');
    text_add_string(out, step->edge);
}

void ring_steps_text(const struct ring_steps *steps, struct text *out)
{
    for (size_t i = 0; i < steps->count; i++) {
        text_add_string(out, i ? " -> " : "");
        ring_step_text(&steps->items[i], out);
    }
}

// Whether the reference to this node of the ring is an object's __dict__: then the ring must not
// begin here, between the two.
static bool rings_is_inside(const struct heap *heap, const struct ring *ring, uint32_t place,
                            struct err *err)
{
    struct text name = TEXT_INIT;
    uint32_t before = (place ? place : ring->length) - 1;
    bool inside = rings_add_edge_name(heap, ring->node[before], ring->edge[before], &name, err)
                  && !strcmp(text_string(&name), ".__dict__");
    text_fini(&name);
    return inside && ring->length > 1;
}

static void rings_reverse(struct ring *ring, uint32_t from, uint32_t to)
{
    for (; from + 1 < to; from++, to--) {
        uint32_t n = ring->node[from];
        uint64_t edge = ring->edge[from];
        ring->node[from] = ring->node[to - 1];
        ring->edge[from] = ring->edge[to - 1];
        ring->node[to - 1] = n;
        ring->edge[to - 1] = edge;
    }
}

// Rotates the ring so that it begins with the first reference to cut, if it has one.
static void rings_draw_turn(const struct heap *heap, struct ring *ring, uint32_t first,
                            struct ring_cut *cut, struct err *err)
{
    if (rings_is_inside(heap, ring, first, err))
        first = (first ? first : ring->length) - 1;
    rings_reverse(ring, 0, first);
    rings_reverse(ring, first, ring->length);
    rings_reverse(ring, 0, ring->length);
    if (cut && cut->why != RING_CUT_NONE)
        cut->place = (cut->place + ring->length - first) % ring->length;
}

// Appends ", .previous" for every further reference between the two objects: all of them must go.
static bool rings_add_parallel(const struct heap *heap, node from, uint64_t edge, struct text *out,
                               struct err *err)
{
    enum { SHOWN = 4 };
    struct text first = TEXT_INIT;
    struct heap_edges edges = { 0 };
    node to = heap->forward.to[edge] & EDGE_NODE;
    bool ok = rings_add_edge_name(heap, from, edge, &first, err)
              && heap_edges_between(heap, from, to, &edges, err);
    size_t shown = 0;
    for (size_t i = 0; ok && i < edges.count; i++) {
        const char *name = heap_edge_name(&edges, i);
        if (edges.items[i].flags & EDGE_HOLDS || !strcmp(name, text_string(&first)))
            continue;
        if (shown++ < SHOWN)
            text_add_format(out, ", %s", name);
    }
    if (shown > SHOWN)
        text_add_format(out, ", %zu more", shown - SHOWN);
    heap_edges_fini(&edges);
    text_fini(&first);
    return ok;
}

// The part's edge by which the ring leaves this node.
static uint64_t rings_part_edge(const struct part *part, const struct ring *ring, uint32_t place)
{
    return search_u64(part->edge, part->graph.edge_count, sizeof *part->edge, 0, ring->edge[place]);
}

// What to cut: one reference of the ring, or all references of some classes.
struct rings_knife {
    const struct ring_cut *cut;
    const struct cuts *cuts; // if `cut` is null
    const struct part *part;
};

static bool rings_cuts_at(const struct rings_knife *knife, const struct ring *ring, uint32_t place)
{
    return knife->cut ? knife->cut->why != RING_CUT_NONE && knife->cut->place == place
                      : cuts_has(knife->cuts, rings_part_edge(knife->part, ring, place));
}

static bool rings_draw_steps(const struct heap *heap, const struct ring *ring,
                             const struct rings_knife *knife, struct arena *arena,
                             struct ring_steps *steps, struct err *err)
{
    struct text name = TEXT_INIT;
    bool ok = true, joined;
    *steps = (struct ring_steps){ arena_alloc(arena, ring->length * sizeof *steps->items), 0 };
    if (!steps->items)
        return err_memory(err, "the steps of a ring");
    for (uint32_t i = 0; ok && i < ring->length; i += 1 + joined) {
        struct ring_step *step = &steps->items[steps->count++];
        ok = rings_read_step(heap, ring, i, step, &joined, &name, err);
        step->is_cut =
            ok && (rings_cuts_at(knife, ring, i) || (joined && rings_cuts_at(knife, ring, i + 1)));
        step->edge = arena_string(arena, text_string(&name));
        ok = ok && (step->edge || err_memory(err, "the steps of a ring"));
    }
    text_fini(&name);
    return ok;
}

// A program cannot remove an item from a tuple, nor a class from its __mro__.
static bool rings_is_fixed(const struct heap *heap, node from, uint64_t edge, struct err *err)
{
    static const char *const names[] = { ".__mro__", ".__bases__", ".__base__" };
    const struct type *type = type_row(heap->py->types, heap_type(heap, from));
    if (type_is_exact(type, TRAIT_TUPLE | TRAIT_FROZENSET))
        return true;
    if (!type->is_metatype)
        return false;
    struct text name = TEXT_INIT;
    bool fixed = false;
    if (rings_add_edge_name(heap, from, edge, &name, err))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            fixed = fixed || !strcmp(text_string(&name), names[i]);
    text_fini(&name);
    return fixed;
}

static uint64_t *rings_mark_fixed(const struct heap *heap, const struct ring *ring, struct err *err)
{
    uint64_t *fixed = calloc(marks_words(ring->length) + 1, sizeof *fixed);
    for (uint32_t i = 0; fixed && i < ring->length; i++)
        if (rings_is_fixed(heap, ring->node[i], ring->edge[i], err))
            marks_set(fixed, i);
    if (!fixed)
        err_memory(err, "what a ring is made of");
    return fixed;
}

static bool rings_find_cut(const struct heap *heap, struct part *part, const struct ring *ring,
                           struct ring_cut *cut, struct err *err)
{
    uint64_t *fixed = rings_mark_fixed(heap, ring, err);
    bool ok = fixed && ring_cut_find(part, ring, fixed, SEARCH_BUDGET, cut, err);
    free(fixed);
    return ok;
}

// "Node.next, .previous": the reference to cut, and those parallel to it.
static bool rings_cut_text(const struct heap *heap, const struct ring *ring,
                           const struct ring_cut *cut, const struct ring_steps *steps,
                           struct text *out, struct err *err)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i].is_cut) {
            ring_step_text(&steps->items[i], out);
            return rings_add_parallel(heap, ring->node[cut->place], ring->edge[cut->place], out,
                                      err);
        }
    return true;
}

// The component is too large for its references to be distinguished: tries one of the ring.
static bool rings_draw_large(const struct heap *heap, struct part *part, struct ring *ring,
                             struct arena *arena, struct ring_steps *steps, struct text *cut_name,
                             struct rings_cut *about, struct err *err)
{
    struct ring_cut cut;
    if (!rings_find_cut(heap, part, ring, &cut, err))
        return false;
    rings_draw_turn(heap, ring, cut.why == RING_CUT_NONE ? 0 : cut.place, &cut, err);
    *about = (struct rings_cut){ .from = cut.why == RING_CUT_NONE ? NODE_NONE : cut.from,
                                 .why = ring_cut_why_text(cut.why),
                                 .opens = cut.why == RING_CUT_ALL };
    const struct rings_knife knife = { .cut = &cut };
    return rings_draw_steps(heap, ring, &knife, arena, steps, err)
           && rings_cut_text(heap, ring, &cut, steps, cut_name, err);
}

static const char *rings_why_text(const struct cuts *cuts, const struct rings_cut *about)
{
    if (!cuts->set.count)
        return cuts->set.is_hopeless
                   ? "no reference of this ring can be taken out: only a collection frees it"
                   : "no few references can be taken out that open every ring";
    if (!about->is_many)
        return "without it no ring is left";
    return cuts->set.is_smallest ? "without them no ring is left; no fewer will do"
                                 : "without them no ring is left";
}

// The position, on the ring, of the best reference of the set; else 0.
static uint32_t rings_first_place(const struct cuts *cuts, const struct part *part,
                                  const struct ring *ring)
{
    for (uint32_t k = 0; k < cuts->set.count; k++)
        for (uint32_t i = 0; i < ring->length; i++) {
            uint64_t e = rings_part_edge(part, ring, i);
            uint64_t end = csr_end(&part->graph, ring->part_node[i]);
            for (; e < end
                   && part->members[part->graph.to[e] & CSR_NODE]
                          == ring->node[i + 1 < ring->length ? i + 1 : 0];
                 e++)
                if (cuts->class_of[e] == cuts->set.classes[k]) {
                    ring->edge[i] = part->edge[e]; // the one to cut, of several parallel ones
                    return i;
                }
        }
    return 0;
}

static bool rings_draw_cuts(struct rings *rings, uint32_t component, struct part *part,
                            struct ring *ring, struct arena *arena, struct ring_steps *steps,
                            struct text *cut_name, struct rings_cut *about, struct err *err)
{
    struct cuts cuts = { 0 };
    if (!cuts_find(&cuts, rings, part, err))
        return false;
    rings_draw_turn(rings->heap, ring, rings_first_place(&cuts, part, ring), NULL, err);
    *about = (struct rings_cut){ .from = NODE_NONE,
                                 .is_many = cuts.set.count > 1,
                                 .opens = cuts.set.count > 0 };
    if (cuts.set.count)
        about->from = cuts.classes[cuts.set.classes[0]].from;
    about->why = rings_why_text(&cuts, about);
    cuts_text(&cuts, cut_name);
    const struct rings_knife knife = { .cuts = &cuts, .part = part };
    bool ok = text_ok(cut_name, err)
              && rings_draw_steps(rings->heap, ring, &knife, arena, steps, err)
              && cuts_simulate(&cuts, rings, component, &about->freed, &about->objects, err);
    cuts_free(&cuts);
    return ok;
}

bool rings_draw(struct rings *rings, uint32_t component, struct arena *arena,
                struct ring_steps *steps, struct text *cut_name, struct rings_cut *about,
                struct err *err)
{
    struct part part = { 0 };
    struct ring ring = { 0 };
    bool ok = part_cut(&rings->heap->forward, rings_walk(rings), rings_members(rings, component),
                       rings_size(rings, component), &rings->desk, &part, err)
              && ring_shortest(&part, SEARCH_BUDGET, &ring, err);
    if (ok && rings_size(rings, component) > RINGS_CUT_MAX)
        ok = rings_draw_large(rings->heap, &part, &ring, arena, steps, cut_name, about, err);
    else if (ok)
        ok = rings_draw_cuts(rings, component, &part, &ring, arena, steps, cut_name, about, err);
    if (ok)
        about->on_ring = ring.length ? ring.node[0] : *rings_members(rings, component);
    ring_free(&ring);
    part_free(&part);
    return ok;
}

// --- the types of a component -------------------------------------------------------------------

struct type_count {
    uint32_t type, count;
};

static int rings_draw_by_type(const void *a, const void *b)
{
    const struct type_count *x = a, *y = b;
    return (x->type > y->type) - (x->type < y->type);
}

static int rings_by_count(const void *a, const void *b)
{
    const struct type_count *x = a, *y = b;
    return x->count == y->count ? rings_draw_by_type(a, b)
                                : (x->count < y->count) - (x->count > y->count);
}

// Merges equal types; returns how many different ones there are.
static size_t rings_squeeze(struct type_count *counts, size_t size)
{
    size_t kept = 0;
    qsort(counts, size, sizeof *counts, rings_draw_by_type);
    for (size_t i = 1; i < size; i++) {
        if (counts[i].type == counts[kept].type)
            counts[kept].count++;
        else
            counts[++kept] = counts[i];
    }
    qsort(counts, kept + 1, sizeof *counts, rings_by_count);
    return kept + 1;
}

bool rings_types(const struct rings *rings, uint32_t component, struct text *out, struct err *err)
{
    enum { SHOWN = 5 };
    uint32_t size = rings_size(rings, component);
    const uint32_t *members = rings_members(rings, component);
    struct type_count *counts = malloc(size * sizeof *counts);
    if (!counts)
        return err_memory(err, "counting types");
    for (uint32_t i = 0; i < size; i++)
        counts[i] = (struct type_count){ heap_type(rings->heap, members[i]), 1 };
    size_t different = rings_squeeze(counts, size);
    for (size_t i = 0; i < different && i < SHOWN; i++) {
        text_add_string(out, i ? ", " : "");
        if (counts[i].count > 1) {
            text_add_count(out, counts[i].count);
            text_add_char(out, ' ');
        }
        text_add_string(out, heap_type_name(rings->heap, counts[i].type));
    }
    if (different > SHOWN)
        text_add_format(out, ", %zu more %s", different - SHOWN,
                        text_plural(different - SHOWN, "type", "types"));
    free(counts);
    return text_ok(out, err);
}
