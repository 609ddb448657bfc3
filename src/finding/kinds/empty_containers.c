// SPDX-License-Identifier: GPL-3.0-or-later
// Very many empty containers.
#include "finding/saving.h"

#define SAMPLE 64

// Adds the empty objects of one type, and where most of them are.
static bool empty_containers_look_at(struct finder *f, uint32_t type, struct err *err)
{
    uint64_t objects = 0, bytes = 0, length;
    node sample[SAMPLE];
    enum severity severity;
    const struct type *row = type_row(f->py->types, type);
    uint64_t bit = f->types[type].bit;
    for (node n = 0; (n = finder_skip(f, bit, n)) < f->heap->node_count; n++) {
        if (heap_type(f->heap, n) != type || !heap_length(f->heap, n, &length) || length)
            continue;
        if (objects < SAMPLE)
            sample[objects] = n;
        objects++;
        bytes += heap_own(f->heap, n);
    }
    if (!saving_matters(f, bytes, &severity))
        return true;
    const char *place = saving_place(f, sample, objects < SAMPLE ? (size_t)objects : SAMPLE);
    const struct finding finding = {
        .severity = severity,
        .bytes = bytes,
        .objects = objects,
        .object = sample[0],
        .what = finder_text(f, "%s of %s %s %s empty: %s (%s of the heap)",
                            finder_count(f, objects), finder_count(f, f->types[type].count),
                            row->name, text_plural(objects, "object is", "objects are"),
                            finder_size(f, bytes), finder_percent(f, bytes)),
        .why = finder_text(f,
                           "%s%s%screating one only when the first item comes, with None or () "
                           "until then, costs nothing",
                           *place ? "mostly " : "", place, *place ? "; " : ""),
        .next = finder_text(f, "find %s len=0 -n 10", finder_quote(f, row->name)),
    };
    return finder_add(f, &finding, err);
}

static bool empty_containers_find(struct finder *f, struct err *err)
{
    uint64_t least = saving_least(f);
    bool ok = finder_need_paths(f, err);
    for (uint32_t t = 0; ok && t < heap_type_count(f->heap); t++)
        if (f->types[t].roles & ROLE_GROWS && f->types[t].bytes >= least)
            ok = empty_containers_look_at(f, t, err);
    return ok;
}

const struct finding_kind finding_empty_containers = {
    .name = "empty-containers",
    .help = "lists, dicts, sets and deques without items, where there are very many",
    .needs = FINDING_NEEDS_ROOTS,
    .find = empty_containers_find,
};
