// SPDX-License-Identifier: GPL-3.0-or-later
// Named places: see forest.h.
//
//   1. reach    the breadth-first walk: parent, order
//   2. name     in that order: what a namespace holds begins a place of its own, everything else
//               belongs to its parent's
#include "heap/analysis/forest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/marks.h"
#include "heap/names/edge.h"
#include "py/objects/type.h"

#define PROGRESS_EVERY (1u << 18)
#define NAME_MOST 240 // bytes

struct forest_search {
    struct forest *places;
    const struct heap *heap;
    const struct heap_roots *roots;
    uint64_t *seen;
    const struct progress *progress;
};

// --- reaching -----------------------------------------------------------------------------------

static void offer(struct forest_search *f, node n, node from)
{
    if (marks_has(f->seen, n) || !marks_has(f->roots->only, n))
        return;
    marks_set(f->seen, n);
    f->places->parent[n] = from;
    f->places->order[f->places->reached++] = n;
}

static bool reach_on(struct forest_search *f, uint32_t *head, struct err *err)
{
    const struct csr *forward = &f->heap->forward;
    while (*head < f->places->reached) {
        node n = f->places->order[(*head)++];
        uint64_t end = csr_end(forward, n);
        for (uint64_t e = csr_first(forward, n); e < end; e++)
            if (!(forward->to[e] & EDGE_BORROWED))
                offer(f, forward->to[e] & EDGE_NODE, n);
        if (*head % PROGRESS_EVERY == 0
            && !progress_step(f->progress, "following references", *head, forward->node_count))
            return err_set(err, ERR_CANCELLED, "stopped while following references");
    }
    return true;
}

static bool forest_reach(struct forest_search *f, struct err *err)
{
    uint32_t head = 0;
    for (int kind = 0; kind < ROOT_KINDS; kind++) {
        for (size_t i = 0; i < f->roots->count; i++)
            if (f->roots->items[i].root.kind == kind && kind != ROOT_GLOBALS)
                offer(f, f->roots->items[i].to, NODE_NONE);
        if (!reach_on(f, &head, err))
            return false;
    }
    for (node n = 0; n < f->heap->node_count; n++)
        if (marks_has(f->roots->all, n))
            offer(f, n, NODE_NONE);
    return reach_on(f, &head, err);
}

// --- names --------------------------------------------------------------------------------------

static bool forest_put(struct forest_search *f, node n, const struct text *name, struct err *err)
{
    struct forest *places = f->places;
    const char *kept;
    uint32_t index;
    size_t size = name->size < NAME_MOST ? name->size : NAME_MOST;
    if (name->failed || !names_intern(&places->names, text_string(name), size, &index, &kept, err))
        return err_memory(err, "names of places");
    places->of[n] = index;
    if (index < places->count)
        return true;
    if (!vec_grow(&places->items, &places->capacity, (size_t)places->count + 1,
                  sizeof *places->items, err))
        return false;
    places->items[places->count++] = (struct named_place){ .name = kept, .object = n };
    return true;
}

// "sys.modules['app']" -> "app"; "thread 12 main() app.py:3 local x" -> "main() app.py local x".
static void plain_root(const char *root, struct text *out)
{
    size_t size = strlen(root);
    static const char start[] = "sys.modules['";
    if (!strncmp(root, start, sizeof start - 1) && size > sizeof start && root[size - 1] == ']') {
        text_add(out, root + sizeof start - 1, size - sizeof start - 1);
        return;
    }
    if (!strncmp(root, "thread ", 7)) {
        const char *rest = strchr(root + 7, ' ');
        root = rest ? rest + 1 : root;
    }
    for (const char *p = root; *p; p++)
        if (p[0] == ':' && isdigit((unsigned char)p[1]))
            p += strspn(p + 1, "0123456789");
        else
            text_add_char(out, *p);
}

static bool name_root(struct forest_search *f, node n, struct err *err)
{
    size_t index = heap_roots_first(f->roots, n);
    struct text whole = TEXT_INIT, name = TEXT_INIT;
    bool known = index < f->roots->count;
    if (known)
        root_name(f->heap->py, &f->roots->items[index].root, &whole);
    plain_root(known ? text_string(&whole) : "immortal", &name);
    if (known && f->roots->items[index].root.kind == ROOT_MODULE)
        marks_set(f->places->spaces, n);
    bool ok = forest_put(f, n, &name, err);
    text_fini(&whole);
    text_fini(&name);
    return ok;
}

// Python writes "['x']" in a namespace as ".x".
static void forest_add_edge(struct text *name, const char *edge)
{
    size_t size = strlen(edge);
    bool is_key = size > 4 && edge[0] == '[' && edge[1] == '\'' && edge[size - 2] == '\'';
    if (is_key) {
        text_add_char(name, '.');
        text_add(name, edge + 2, size - 4);
        return;
    }
    if (*edge != '.' && *edge != '[')
        text_add_string(name, " -> ");
    text_add_string(name, edge);
}

// Names what a namespace holds. Its dict belongs to the same place; a class has a name of its own.
static bool name_child(struct forest_search *f, node space, node child, const char *edge,
                       struct err *err)
{
    struct forest *places = f->places;
    const struct python *py = f->heap->py;
    struct text name = TEXT_INIT;
    const struct type *kind = type_row(py->types, heap_type(f->heap, child));
    const struct type *class = kind->is_metatype ? type_at(py, heap_addr(f->heap, child)) : NULL;
    bool is_dict = !strcmp(edge, ".__dict__");
    if (class)
        text_add_string(&name, class->name);
    else
        text_add_string(&name, places->items[places->of[space]].name);
    if (!class && !is_dict)
        forest_add_edge(&name, edge);
    if (class || is_dict)
        marks_set(places->spaces, child);
    bool ok = forest_put(f, child, &name, err);
    text_fini(&name);
    return ok;
}

static bool name_space(struct forest_search *f, node space, struct err *err)
{
    struct heap_edges edges = { 0 };
    bool ok = heap_referents(f->heap, space, SIZE_MAX, &edges, err);
    for (size_t i = 0; ok && i < edges.count; i++) {
        node child = edges.items[i].to;
        if (f->places->parent[child] == space && f->places->of[child] == NAMES_NONE)
            ok = name_child(f, space, child, heap_edge_name(&edges, i), err);
    }
    heap_edges_fini(&edges);
    return ok;
}

static bool name_all(struct forest_search *f, struct err *err)
{
    struct forest *places = f->places;
    for (uint32_t i = 0; i < places->reached; i++) {
        node n = places->order[i];
        if (places->of[n] == NAMES_NONE && places->parent[n] != NODE_NONE)
            places->of[n] = places->of[places->parent[n]];
        else if (places->of[n] == NAMES_NONE && !name_root(f, n, err))
            return false;
        if (marks_has(places->spaces, n) && !name_space(f, n, err))
            return false;
        if (i % PROGRESS_EVERY == 0
            && !progress_step(f->progress, "naming places", i, places->reached))
            return err_set(err, ERR_CANCELLED, "stopped while naming places");
    }
    return true;
}

static bool name_garbage(struct forest_search *f, struct err *err)
{
    struct forest *places = f->places;
    struct text name = TEXT_INIT;
    text_add_string(&name, "garbage: no root reaches it");
    bool ok = true;
    for (node n = 0; ok && n < f->heap->node_count; n++)
        if (places->of[n] == NAMES_NONE && marks_has(f->roots->only, n))
            ok = forest_put(f, n, &name, err);
    text_fini(&name);
    return ok;
}

static void forest_count(struct forest *places, const struct heap *heap)
{
    for (node n = 0; n < heap->node_count; n++) {
        if (places->of[n] == NAMES_NONE)
            continue;
        struct named_place *item = &places->items[places->of[n]];
        item->objects++;
        item->bytes += heap_own(heap, n);
    }
}

bool forest_find(struct forest *places, const struct heap *heap, const struct heap_roots *roots,
                 const struct progress *progress, struct err *err)
{
    *places = (struct forest){ 0 };
    names_init(&places->names);
    size_t room = (size_t)heap->node_count + 1, words = (size_t)marks_words(heap->node_count) + 1;
    struct forest_search f = {
        .places = places, .heap = heap, .roots = roots, .progress = progress
    };
    places->of = malloc(room * sizeof *places->of);
    places->parent = malloc(room * sizeof *places->parent);
    places->order = malloc(room * sizeof *places->order);
    places->spaces = calloc(words, sizeof *places->spaces);
    f.seen = calloc(words, sizeof *f.seen);
    bool ok = places->of && places->parent && places->order && places->spaces && f.seen;
    if (ok) {
        memset(places->of, 0xff, room * sizeof *places->of);
        memset(places->parent, 0xff, room * sizeof *places->parent);
        ok = forest_reach(&f, err) && name_all(&f, err) && name_garbage(&f, err);
    } else {
        err_memory(err, "named places");
    }
    free(f.seen);
    if (ok)
        forest_count(places, heap);
    else
        forest_free(places);
    return ok;
}

void forest_forget_objects(struct forest *places)
{
    free(places->of);
    free(places->parent);
    free(places->order);
    free(places->spaces);
    places->of = NULL;
    places->parent = places->order = NULL;
    places->spaces = NULL;
    places->reached = 0;
}

void forest_free(struct forest *places)
{
    forest_forget_objects(places);
    free(places->items);
    names_fini(&places->names);
    *places = (struct forest){ 0 };
}
