// SPDX-License-Identifier: GPL-3.0-or-later
// Extension types whose objects own others without telling the collector
// (heap/analysis/untraversed_members.h), and reference cycles through them, which no collection
// ever frees.
//
//      instance --untraversed member--> object --...--> instance      nothing else leads here
//
// Such a cycle is dead, or one reference of its object's refcount is unaccounted for and all paths
// to the instance lead through it. Types without such cycles are only worth telling: what they hold
// may never lead back.
#include "finding/finder.h"
#include "heap/analysis/untraversed_members.h"

#define RINGS_LEAST 10

struct stuck {
    uint64_t count, bytes;
    node example;
};

static bool is_ring(const struct finder *f, node instance, node object)
{
    if (finder_is_dead(f, instance))
        return !collect_is_unreachable(f->garbage, object);
    return tree_dominates(&f->tree, object, instance);
}

static struct stuck count_stuck(const struct finder *f, const struct untraversed_member *m)
{
    struct stuck rings = { .example = NODE_NONE };
    uint64_t bit = f->types[m->type].bit;
    for (node n = 0; (n = finder_skip(f, bit, n)) < f->heap->node_count; n++) {
        node object =
            heap_type(f->heap, n) == m->type ? untraversed_owned(f->heap, m, n) : NODE_NONE;
        if (object == NODE_NONE || object == n || !is_ring(f, n, object))
            continue;
        rings.count++;
        rings.bytes += finder_retained(f, finder_is_dead(f, n) ? n : object);
        rings.example = n;
    }
    return rings;
}

static const char *reason(const struct untraversed_member *m)
{
    return m->has_flag ? "its tp_traverse does not visit the member"
                       : "the type lacks Py_TPFLAGS_HAVE_GC";
}

static bool tell_rings(struct finder *f, const struct untraversed_member *m,
                       const struct stuck *rings, struct err *err)
{
    enum severity severity = finder_severity(f, rings->bytes, HOME_NONE);
    char place[UNTRAVERSED_PLACE];
    const struct finding finding = {
        .severity = severity == SEVERITY_INFO ? SEVERITY_LOW : severity,
        .bytes = rings->bytes,
        .objects = rings->count,
        .object = rings->example,
        .what = finder_text(f, "%s through %s %s never freed: %s",
                            finder_plural(f, rings->count, "ring"),
                            type_row(f->py->types, m->type)->name,
                            text_plural(rings->count, "is", "are"), finder_size(f, rings->bytes)),
        .why =
            finder_text(f,
                        "its member %s owns an object, and %s, so that the collector believes the "
                        "cycle is held from outside; nothing but the cycle itself refers to it",
                        untraversed_place(m, place), reason(m)),
        .next = "verify --extensions",
    };
    return finder_add(f, &finding, err);
}

static bool untraversed_tell_type(struct finder *f, const struct untraversed_member *m,
                                  struct err *err)
{
    char place[UNTRAVERSED_PLACE];
    const struct finding finding = {
        .severity = SEVERITY_INFO,
        .objects = m->held,
        .object = m->example,
        .what = finder_text(f, "objects of %s own others that the collector is not told about",
                            type_row(f->py->types, m->type)->name),
        .why = finder_text(
            f, "%s, %s: a reference cycle through it would never be freed; none is seen",
            untraversed_place(m, place), reason(m)),
        .next = "verify --extensions",
    };
    return finder_add(f, &finding, err);
}

static bool untraversed_find(struct finder *f, struct err *err)
{
    struct untraversed unseen;
    if (!finder_need_tree(f, err) || !heap_untraversed(f->heap, f->roots, &unseen, err))
        return false;
    bool ok = true;
    uint32_t told = UINT32_MAX; // members come by type: one finding per type is enough
    for (size_t i = 0; ok && i < unseen.count; i++) {
        const struct untraversed_member *m = &unseen.members[i];
        struct stuck rings = count_stuck(f, m);
        if (rings.count >= RINGS_LEAST)
            ok = tell_rings(f, m, &rings, err);
        else if (m->type != told && !m->few)
            ok = untraversed_tell_type(f, m, err);
        told = m->few ? told : m->type;
    }
    untraversed_free(&unseen);
    return ok;
}

const struct finding_kind finding_untraversed = {
    .name = "untraversed",
    .help = "extension types that own objects without telling the collector, and reference cycles "
            "through them",
    .needs = FINDING_NEEDS_DOMINATORS,
    .needs_whole = true,
    .find = untraversed_find,
};
