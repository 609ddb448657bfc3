// SPDX-License-Identifier: GPL-3.0-or-later
// Counting what suspects consist of: see contents.h.
#include "finding/contents.h"

#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"

#define SHOWN 3
#define KEYS_MAX 1000000 // of one dict
#define TEXT_ROLES (ROLE_FUNCTION | ROLE_MODULE | ROLE_CODE)

static void contents_add(struct contents *contents, const struct finder *f, node n)
{
    struct contents_row *row = &contents->rows[finder_alike(f, n)];
    if (!row->count++)
        row->example = n;
    row->bytes += heap_own(f->heap, n);
    if (f->before && f->before->fresh && marks_has(f->before->fresh, n))
        contents->fresh += heap_own(f->heap, n);
    contents->objects++;
}

#define INSIDE_MAX 3 // levels of C objects, and of plain containers in them, that are searched

// The container of the suspect's content: itself, or the one that the object wraps.
static node contents_container(const struct finder *f, node n)
{
    for (int i = 0; i < INSIDE_MAX; i++) {
        const struct csr *forward = &f->heap->forward;
        node heaviest = NODE_NONE;
        if (finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE))
            return n;
        for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n); e++) {
            node to = forward->to[e] & EDGE_NODE;
            if (f->dominate->parent[to] == n
                && (heaviest == NODE_NONE || finder_retained(f, to) > finder_retained(f, heaviest)))
                heaviest = to;
        }
        if (heaviest == NODE_NONE || finder_retained(f, heaviest) < finder_retained(f, n) / 2)
            return n;
        n = heaviest;
    }
    return n;
}

// Collects the keys of a dict, to be skipped: its content are the values.
static void contents_find_keys(const struct finder *f, node n, struct map *keys)
{
    uint64_t length = finder_length(f, n);
    if (!(finder_roles(f, n) & ROLE_DICT) || !length || length > KEYS_MAX)
        return;
    addr *all = calloc(length, sizeof *all);
    size_t count = all ? finder_sample_keys(f, n, all, length) : 0;
    for (size_t i = 0; i < count; i++)
        if (!map_put(keys, all[i], 1, NULL)) // otherwise one more is shown
            break;
    free(all);
}

// Counts what the container refers to, except keys; `items` is the most frequent type, if it is a
// third.
static void contents_add_direct(struct contents *contents, const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t all = 0;
    struct map keys = MAP_INIT;
    contents->container = n;
    contents_find_keys(f, n, &keys);
    for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n); e++) {
        node to = forward->to[e] & EDGE_NODE;
        struct contents_row *row = &contents->rows[finder_alike(f, to)];
        if ((finder_roles(f, n) & ROLE_DICT) && (finder_roles(f, to) & (ROLE_STRING | ROLE_NUMBER))
            && finder_retained(f, to) < 200)
            continue; // a key, or treated like one
        if (keys.count && map_get(&keys, heap_addr(f->heap, to)) != MAP_NONE) {
            contents->keys = finder_alike(f, to);
            continue;
        }
        if (!row->direct++)
            row->example = to;
        all++;
    }
    map_fini(&keys);
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++)
        if (contents->rows[t].direct * 3 >= all && all
            && (contents->items == UINT32_MAX
                || contents->rows[t].direct > contents->rows[contents->items].direct))
            contents->items = t;
}

static void contents_add_below(struct contents *contents, const struct finder *f, node n)
{
    uint32_t number = f->tree.number[n];
    for (uint32_t i = number + 1; number != NODE_NONE && i < f->tree.end[number]; i++)
        contents_add(contents, f, f->tree.order[i]);
}

// Counts the objects whose paths lead through the suspect.
static bool contents_add_behind(struct contents *contents, const struct finder *f, node n,
                                struct err *err)
{
    const struct root_paths *paths = &f->paths;
    uint64_t *behind = calloc(marks_words(f->heap->node_count) + 1, sizeof *behind);
    if (!behind)
        return err_memory(err, "what is in a suspect");
    marks_set(behind, n);
    for (uint32_t i = 0; i < paths->count; i++) {
        node at = paths->order[i];
        if (at == n || !marks_has(behind, paths->from[at]))
            continue;
        marks_set(behind, at);
        contents_add(contents, f, at);
    }
    free(behind);
    return true;
}

static void contents_add_class(struct contents *contents, const struct finder *f, uint32_t type)
{
    const struct tree *tree = &f->tree;
    for (uint32_t i = 0; i < tree->count; i = tree->end[i])
        if (finder_alike(f, tree->order[i]) == type && !finder_is_dead(f, tree->order[i]))
            contents_add_below(contents, f, tree->order[i]);
}

bool contents_find(struct contents *contents, struct finder *f, const struct suspect *suspect,
                   struct err *err)
{
    *contents =
        (struct contents){ .rows = calloc(heap_type_count(f->heap) + 1u, sizeof *contents->rows) };
    if (!contents->rows)
        return err_memory(err, "what is in a suspect");
    contents->items = contents->keys = UINT32_MAX;
    contents->container = NODE_NONE;
    switch (suspect->form) {
    case SUSPECT_SHARED:
        if (!contents_add_behind(contents, f, suspect->object, err)) {
            contents_free(contents);
            return false;
        }
        contents_add_direct(contents, f, suspect->object);
        return true;
    case SUSPECT_CLASS:
        contents_add_class(contents, f, suspect->type);
        return true;
    case SUSPECT_ALONE:
        contents_add_below(contents, f, suspect->object);
        contents_add_direct(contents, f, contents_container(f, suspect->object));
        return true;
    case SUSPECT_CHAIN:
        contents_add_below(contents, f, suspect->object);
        return true;
    }
    return true;
}

void contents_free(struct contents *contents)
{
    free(contents->rows);
    *contents = (struct contents){ 0 };
}

// Classes come before the objects that they consist of, frequent types before rare ones.
static bool is_more_telling(const struct finder *f, const struct contents *contents, uint32_t type,
                            uint32_t than)
{
    const struct contents_row *a = &contents->rows[type], *b = &contents->rows[than];
    bool class_a = f->types[type].roles & ROLE_INSTANCE,
         class_b = f->types[than].roles & ROLE_INSTANCE;
    bool text_a = f->types[type].roles & TEXT_ROLES, text_b = f->types[than].roles & TEXT_ROLES;
    if (text_a != text_b)
        return text_b;
    if (class_a != class_b)
        return class_a;
    return class_a ? a->count > b->count : a->bytes > b->bytes;
}

static uint32_t contents_best(const struct finder *f, const struct contents *contents,
                              const uint32_t *taken, size_t taken_count)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++) {
        bool is_taken = false;
        for (size_t i = 0; i < taken_count; i++)
            is_taken |= taken[i] == t;
        if (contents->rows[t].count && !is_taken
            && (best == UINT32_MAX || is_more_telling(f, contents, t, best)))
            best = t;
    }
    return best;
}

// "1,500 app.Widget"; class objects are shown by their own name, not as `type`.
static const char *contents_row_text(struct finder *f, const struct contents *contents,
                                     uint32_t type, uint64_t count)
{
    const struct contents_row *row = &contents->rows[type];
    const char *number = finder_count(f, count);
    if (!(f->types[type].roles & ROLE_TYPE))
        return finder_text(f, "%s %s", number, type_row(f->py->types, type)->name);
    const struct type *class = type_at(f->py, heap_addr(f->heap, row->example));
    return finder_text(f, "%s class%s like %s", number, text_plural(count, "", "es"),
                       class ? class->name : "?");
}

const char *contents_text(struct finder *f, const struct contents *contents)
{
    uint32_t taken[SHOWN] = { UINT32_MAX };
    const char *text = "";
    size_t i = 0;
    if (contents->items != UINT32_MAX && contents->rows[contents->items].direct > 1) {
        taken[i++] = contents->items;
        text =
            contents_row_text(f, contents, contents->items, contents->rows[contents->items].direct);
    }
    for (; i < SHOWN; i++) {
        taken[i] = contents_best(f, contents, taken, i);
        if (taken[i] == UINT32_MAX)
            break;
        const struct contents_row *row = &contents->rows[taken[i]],
                                  *first = &contents->rows[taken[0]];
        if (i && row->count * 20 < first->count && row->bytes * 20 < first->bytes)
            break;
        text = finder_text(f, "%s%s%s", text, i ? ", " : "",
                           contents_row_text(f, contents, taken[i], row->count));
    }
    return text;
}

node contents_example(const struct finder *f, const struct contents *contents)
{
    uint32_t type =
        contents->items != UINT32_MAX ? contents->items : contents_best(f, contents, NULL, 0);
    return type == UINT32_MAX ? NODE_NONE : contents->rows[type].example;
}
