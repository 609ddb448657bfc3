// SPDX-License-Identifier: GPL-3.0-or-later
// The attributes that keep most: see inner.h.
#include "finding/inner.h"

#include <string.h>

#include "heap/names/attribute.h"
#include "heap/names/edge.h"
#include "py/objects/str.h"
#include "py/read.h"

#define SAMPLE 30
#define SAMPLE_LEAST 10

struct inner_child {
    node holder, value; // holder: the object, or the dict of its attributes
};

static void inner_look(const struct finder *f, node holder, struct inner_child *best)
{
    const struct csr *forward = &f->heap->forward;
    for (uint64_t e = csr_first(forward, holder); e < csr_end(forward, holder); e++) {
        node to = forward->to[e] & EDGE_NODE;
        if (f->dominate->parent[to] == holder
            && (best->value == NODE_NONE
                || finder_retained(f, to) > finder_retained(f, best->value)))
            *best = (struct inner_child){ holder, to };
    }
}

// Finds the reference by which an object keeps most. False: none keeps half of it.
static bool inner_heaviest(const struct finder *f, node object, struct inner_child *best)
{
    *best = (struct inner_child){ NODE_NONE, NODE_NONE };
    inner_look(f, object, best);
    if (best->value != NODE_NONE && finder_is_attributes(f, best->value)) {
        node dict = best->value;
        best->value = NODE_NONE;
        inner_look(f, dict, best);
    }
    return best->value != NODE_NONE
           && finder_retained(f, best->value) >= finder_retained(f, object) / 2;
}

// "outbox" of the reference .outbox or ['outbox']; "" if it is no attribute.
static const char *inner_name(struct finder *f, const struct inner_child *child)
{
    struct heap_edges edges = { 0 };
    const char *name = "";
    if (finder_edges(f, child->holder, child->value, &edges)) {
        const char *edge = heap_edge_name(&edges, 0);
        size_t size = strlen(edge);
        if (*edge == '.')
            name = finder_text(f, "%s", edge + 1);
        else if (size > 4 && !strncmp(edge, "['", 2))
            name = finder_text(f, "%.*s", (int)(size - 4), edge + 2);
    }
    heap_edges_fini(&edges);
    return name;
}

static bool inner_ends(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return size && length >= size && !strcmp(text + length - size, end);
}

// Whether the class, or one of its bases, defines this very property's function under its name.
static bool inner_is_of(struct finder *f, node property, const struct type *class,
                        const char *attribute)
{
    node function = heap_attribute(f->heap, property, "func");
    const struct type *at;
    struct text name = TEXT_INIT;
    bool is = false;
    if (function == NODE_NONE || !(finder_roles(f, function) & ROLE_FUNCTION))
        return false;
    addr qualname = READ(f->py, heap_addr(f->heap, function), PyFunctionObject_func_qualname);
    if (qualname)
        str_append(f->py, qualname, 400, &name);
    for (uint32_t i = 0; !is && (at = type_resolution(f->py, class, i)); i++)
        is = inner_ends(finder_text(f, "%s.%s", at->name, attribute), text_string(&name));
    text_fini(&name);
    return is;
}

static bool inner_is_cached(struct finder *f, uint32_t type, const char *attribute)
{
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++) {
        if (!f->types[t].count || !inner_ends(type_row(f->py->types, t)->name, ".cached_property"))
            continue;
        uint64_t bit = f->types[t].bit;
        for (node n = 0; (n = finder_skip(f, bit, n)) < f->heap->node_count; n++)
            if (heap_type(f->heap, n) == t
                && inner_is_of(f, n, type_row(f->py->types, type), attribute))
                return true;
    }
    return false;
}

// Whether it is the container of a threading.local, which has one dict of attributes per thread.
static bool inner_is_of_threads(const struct finder *f, node container)
{
    const struct csr *reverse = &f->heap->reverse;
    if (finder_is(f, container, TRAIT_THREAD_LOCAL))
        return true;
    for (uint64_t e = csr_first(reverse, container); e < csr_end(reverse, container); e++)
        if (finder_is(f, reverse->to[e] & EDGE_NODE, TRAIT_THREAD_LOCAL))
            return true;
    return false;
}

static bool inner_has_attributes(const struct finder *f, const struct contents *contents)
{
    node container = contents->container;
    if (container == NODE_NONE || contents->items == UINT32_MAX)
        return false;
    uint32_t roles = f->types[contents->items].roles;
    return (roles & ROLE_INSTANCE) || ((roles & ROLE_DICT) && inner_is_of_threads(f, container));
}

// Whether nearly all have the attribute: four fifths of many; all but one of few, as a main thread
// that does no work has none.
static bool inner_is_common(uint64_t looked, uint64_t same, uint64_t objects)
{
    if (looked >= SAMPLE_LEAST)
        return same * 5 >= looked * 4;
    return looked == objects && same >= 2 && same + 1 >= looked;
}

bool inner_find(struct finder *f, const struct contents *contents, struct inner *inner)
{
    node container = contents->container;
    if (!inner_has_attributes(f, contents))
        return false;
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, container), end = csr_end(forward, container);
    uint64_t looked = 0, same = 0, length = 0, stride = (end - first) / (2 * SAMPLE) + 1;
    *inner = (struct inner){ .attribute = "",
                             .example = NODE_NONE,
                             .objects = contents->rows[contents->items].direct };
    for (uint64_t e = first; e < end && looked < SAMPLE; e += stride) {
        node object = forward->to[e] & EDGE_NODE;
        struct inner_child child;
        if (finder_alike(f, object) != contents->items)
            continue;
        looked++;
        if (!inner_heaviest(f, object, &child))
            continue;
        const char *name = inner_name(f, &child);
        if (!*inner->attribute)
            inner->attribute = name;
        if (!*name || strcmp(name, inner->attribute))
            continue;
        same++;
        length += finder_length(f, child.value);
        inner->example = child.value;
    }
    if (!inner_is_common(looked, same, inner->objects))
        return false;
    inner->length = length / same;
    inner->is_cached = inner_is_cached(f, contents->items, inner->attribute);
    return true;
}
