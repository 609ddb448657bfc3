// SPDX-License-Identifier: GPL-3.0-or-later
// garbage-rings: unreachable reference cycles, by shape, and why they have not been freed yet.
//
// Cycles with a __del__ belong to the kind finalizer-rings.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"

#define SHAPES_MAX 20   // shapes reported, those with most bytes
#define COPIES_MANY 100 // copies of one shape: something makes them all the time

static const char *garbage_rings_patience(const struct finder *f, node n)
{
    return f->heap->gen[n] == GEN_2 ? "they died in the oldest generation, which is collected only "
                                      "when a quarter more objects have grown old"
                                    : "the next collections will find them";
}

struct group {
    uint32_t component, copies;
    uint64_t bytes;
};

static int garbage_rings_by_bytes(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->component > y->component) - (x->component < y->component);
}

// The class of the ring, with its module, that is first by name, so that the choice never varies.
static const char *garbage_rings_class_of(const struct finder *f, const struct rings *rings,
                                          uint32_t component)
{
    const char *best = finder_type_name(f, *rings_members(rings, component));
    bool is_class = false;
    for (uint32_t i = 0; i < rings_size(rings, component) && i < RINGS_NAMED_MAX; i++) {
        node n = rings_members(rings, component)[i];
        bool is = finder_roles(f, n) & ROLE_INSTANCE;
        if (is < is_class || (is == is_class && strcmp(finder_type_name(f, n), best) >= 0))
            continue;
        best = finder_type_name(f, n);
        is_class = is;
    }
    return best;
}

// A running collector always leaves some cycles waiting: those made by imports, and the latest of
// each shape.
static bool garbage_rings_is_usual(const struct finder *f, const struct group *group)
{
    return group->copies < COPIES_MANY && group->bytes < f->heap->bytes / 100;
}

static const char *garbage_rings_cure(struct finder *f, const struct rings_cut *about,
                                      const char *cut)
{
    if (!about->opens)
        return *cut ? finder_text(f, "removing %s breaks most of them", cut)
                    : finder_text(f, "%s", about->why);
    const char *without =
        finder_text(f, "without the reference%s %s (%s, or None when done)",
                    about->is_many ? "s" : "", cut, about->is_many ? "weak ones" : "a weak one");
    if (rings_cut_frees(about))
        return finder_text(f, "%s they would be freed at once", without);
    if (!about->objects)
        return finder_text(f, "%s no cycle is left", without);
    return finder_text(f,
                       "%s no cycle is left, and %s of %s would be freed at once; the others are "
                       "held by other garbage",
                       without, finder_count(f, about->freed),
                       finder_plural(f, about->objects, "object"));
}

static bool garbage_rings_tell(struct finder *f, struct rings *rings, const struct group *group,
                               struct err *err)
{
    struct text cut = TEXT_INIT;
    struct ring_steps ring;
    struct rings_cut about;
    node first = *rings_members(rings, group->component);
    const char *stuck = finder_obstacle(f, first);
    if (finder_finalizer(f, group->component) != NODE_NONE
        || (!stuck && garbage_rings_is_usual(f, group)))
        return true;
    enum severity severity = finder_severity(f, group->bytes, stuck ? HOME_PROGRAM : HOME_LIBRARY);
    if (stuck && group->copies >= COPIES_MANY && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    bool ok =
        rings_draw(rings, group->component, &f->out->arena, &ring, &cut, &about, err)
        && finder_add(
            f,
            &(struct finding){
                .severity = severity,
                .object = first,
                .objects = (uint64_t)group->copies * rings_size(rings, group->component),
                .bytes = group->bytes,
                .what = finder_text(
                    f, "%s reference cycle%s of garbage through %s: %s",
                    finder_count(f, group->copies), text_plural(group->copies, "", "s"),
                    garbage_rings_class_of(f, rings, group->component), finder_ring(f, &ring)),
                .why = finder_text(f, "%s; %s", stuck ? stuck : garbage_rings_patience(f, first),
                                   garbage_rings_cure(f, &about, text_string(&cut))),
                .next = "cycles --garbage",
            },
            err);
    text_fini(&cut);
    return ok;
}

static bool garbage_rings_find(struct finder *f, struct err *err)
{
    if (!f->garbage->unreachable)
        return true;
    if (!finder_need_rings(f, err))
        return false;
    struct rings *rings = &f->rings;
    struct group *groups = calloc((size_t)rings->group_count + 1, sizeof *groups);
    if (!groups)
        return err_memory(err, "rings");
    for (size_t i = 0; i < rings->group_count; i++)
        groups[i] = (struct group){ rings->groups[i].first, rings->groups[i].copies,
                                    rings->groups[i].bytes };
    qsort(groups, rings->group_count, sizeof *groups, garbage_rings_by_bytes);
    bool ok = true;
    for (size_t i = 0; ok && i < rings->group_count && i < SHAPES_MAX; i++)
        ok = garbage_rings_tell(f, rings, &groups[i], err);
    free(groups);
    return ok;
}

const struct finding_kind finding_garbage_rings = {
    .name = "garbage-rings",
    .help = "reference cycles that nothing holds, by shape, why they are not freed, and the "
            "reference to break",
    .needs = FINDING_NEEDS_GARBAGE,
    .find = garbage_rings_find,
};
