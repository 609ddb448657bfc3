// SPDX-License-Identifier: GPL-3.0-or-later
// finalizer-rings: garbage in rings whose objects have a __del__.
#include "finding/finder.h"

#define COPIES_MANY 10 // which wait for a collection that does not come
#define TOLD_MAX 20

static bool finalizer_rings_tell(struct finder *f, const struct rings_group *group, node n,
                                 struct err *err)
{
    const char *stuck = finder_obstacle(f, n);
    bool never = f->garbage->fate[n] == FATE_UNCOLLECTABLE;
    enum severity severity =
        finder_severity(f, group->bytes, stuck || never ? HOME_PROGRAM : HOME_LIBRARY);
    if (severity > SEVERITY_LOW && (never || (stuck && group->copies >= COPIES_MANY)))
        severity = SEVERITY_LOW;
    const char *why =
        never ? "the collector does not call __del__ in a reference cycle: it moves the object to "
                "gc.garbage, where it stays"
        : stuck ? "in a reference cycle __del__ runs only when the collector does, and that is "
                  "off: whatever it should close stays open"
                : "in a reference cycle __del__ runs only when the collector does: whatever it "
                  "should close stays open until then; it may even resurrect the object";
    struct text cut = TEXT_INIT;
    struct ring_steps ring;
    struct rings_cut about;
    bool ok =
        rings_draw(&f->rings, group->first, &f->out->arena, &ring, &cut, &about, err)
        && finder_add(
            f,
            &(struct finding){
                .severity = severity,
                .object = n,
                .objects = (uint64_t)group->copies * rings_size(&f->rings, group->first),
                .bytes = group->bytes,
                .what =
                    finder_text(f, "%s reference cycle%s of garbage with %s.__del__() in %s: %s",
                                finder_count(f, group->copies), text_plural(group->copies, "", "s"),
                                finder_type_name(f, n), text_plural(group->copies, "it", "each"),
                                finder_ring(f, &ring)),
                .why = finder_text(f, "%s; use a with statement or weakref.finalize()%s", why,
                                   about.opens
                                       ? finder_text(f, ", or avoid the reference%s %s",
                                                     about.is_many ? "s" : "", text_string(&cut))
                                       : ""),
                .next = finder_text(f, "object 0x%llx", (unsigned long long)heap_addr(f->heap, n)),
            },
            err);
    text_fini(&cut);
    return ok;
}

static bool finalizer_rings_find(struct finder *f, struct err *err)
{
    if (!f->garbage->unreachable)
        return true;
    if (!finder_need_rings(f, err))
        return false;
    size_t told = 0;
    for (size_t i = 0; i < f->rings.group_count && told < TOLD_MAX; i++) {
        node n = finder_finalizer(f, f->rings.groups[i].first);
        if (n == NODE_NONE)
            continue;
        told++;
        if (!finalizer_rings_tell(f, &f->rings.groups[i], n, err))
            return false;
    }
    return true;
}

const struct finding_kind finding_finalizer_rings = {
    .name = "finalizer-rings",
    .help = "garbage in reference cycles whose objects have a __del__",
    .needs = FINDING_NEEDS_GARBAGE,
    .find = finalizer_rings_find,
};
