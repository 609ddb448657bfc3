// SPDX-License-Identifier: GPL-3.0-or-later
// Counting what suspects consist of: see contents.h.
#include "finding/contents.h"

#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"

#define SHOWN 3
#define TEXT_ROLES (ROLE_FUNCTION | ROLE_MODULE | ROLE_CODE)

static void contents_add(struct contents *contents, const struct finder *f, node n)
{
    struct contents_row *row = &contents->rows[heap_type(f->heap, n)];
    if (!row->count++)
        row->first = n;
    if (!(row->count & (row->count - 1))) // the last power of two is past the middle, but near
        row->middle = n;
    row->bytes += heap_size(f->heap, n);
    contents->objects++;
}

static void contents_add_below(struct contents *contents, const struct finder *f, node n)
{
    uint32_t number = f->tree.number[n];
    for (uint32_t i = number + 1; number != NODE_NONE && i < f->tree.end[number]; i++)
        contents_add(contents, f, f->tree.order[i]);
}

// What ways lead to through it.
static bool contents_add_behind(struct contents *contents, const struct finder *f, node n,
                                struct err *err)
{
    const struct root_paths *ways = &f->ways;
    uint64_t *behind = calloc(marks_words(f->heap->node_count) + 1, sizeof *behind);
    if (!behind)
        return err_memory(err, "what is in a suspect");
    marks_set(behind, n);
    for (uint32_t i = 0; i < ways->count; i++) {
        node at = ways->order[i];
        if (at == n || !marks_has(behind, ways->from[at]))
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
        if (heap_type(f->heap, tree->order[i]) == type && !finder_is_dead(f, tree->order[i]))
            contents_add_below(contents, f, tree->order[i]);
}

bool contents_find(struct contents *contents, struct finder *f, const struct suspect *suspect,
                   struct err *err)
{
    *contents =
        (struct contents){ .rows = calloc(heap_type_count(f->heap) + 1u, sizeof *contents->rows) };
    if (!contents->rows)
        return err_memory(err, "what is in a suspect");
    switch (suspect->form) {
    case SUSPECT_SHARED:
        if (contents_add_behind(contents, f, suspect->object, err))
            return true;
        contents_free(contents);
        return false;
    case SUSPECT_CLASS:
        contents_add_class(contents, f, suspect->type);
        return true;
    case SUSPECT_ALONE:
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

// Classes before what they are made of, what there is more of before what there is less of.
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

uint32_t contents_typical(const struct finder *f, const struct contents *contents)
{
    return contents_best(f, contents, NULL, 0);
}

const char *contents_text(struct finder *f, const struct contents *contents)
{
    uint32_t taken[SHOWN];
    const char *text = "";
    for (size_t i = 0; i < SHOWN; i++) {
        taken[i] = contents_best(f, contents, taken, i);
        if (taken[i] == UINT32_MAX)
            break;
        const struct contents_row *row = &contents->rows[taken[i]];
        if (i && row->count * 20 < contents->rows[taken[0]].count
            && row->bytes * 20 < contents->rows[taken[0]].bytes)
            break;
        text = finder_text(f, "%s%s%s %s", text, i ? ", " : "", finder_count(f, row->count),
                           type_row(f->py->types, taken[i])->name);
    }
    return text;
}
