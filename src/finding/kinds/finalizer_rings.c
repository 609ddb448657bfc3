// SPDX-License-Identifier: GPL-3.0-or-later
// finalizer-rings: garbage in rings whose objects have a __del__.
#include <string.h>

#include "finding/finder.h"

#define COPIES_MANY 10 // that wait for a collector that does not come
#define TOLD_MAX 20

// The member with a __del__ of its class that has not run, the first by its class's name; or
// NODE_NONE.
static node with_finalizer(const struct finder *f, const struct rings *rings, uint32_t component)
{
    node found = NODE_NONE;
    for (uint32_t i = 0; i < rings_size(rings, component); i++) {
        node n = rings_members(rings, component)[i];
        const struct type *type = finder_type(f, n);
        if ((finder_roles(f, n) & ROLE_INSTANCE) && (type->has_finalizer || type->del)
            && !(f->heap->flags[n] & NODE_FINALIZED)
            && (found == NODE_NONE || strcmp(type->name, finder_type_name(f, found)) < 0))
            found = n;
    }
    return found;
}

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
        never   ? "the collector dares not call a __del__ in a ring: it moves the object to "
                  "gc.garbage, where it stays"
        : stuck ? "with a ring around it a __del__ runs only when the collector comes, and that "
                  "is off: what it should close stays open"
                : "with a ring around it a __del__ runs only when the collector comes: what it "
                  "should close stays open until then; it may even save the object";
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = n,
            .objects = (uint64_t)group->copies * rings_size(&f->rings, group->first),
            .bytes = group->bytes,
            .what = finder_text(f, "%s ring%s of garbage with %s.__del__() in %s",
                                finder_count(f, group->copies), group->copies == 1 ? "" : "s",
                                finder_type_name(f, n), group->copies == 1 ? "it" : "each"),
            .why = finder_text(f, "%s; use a with statement or weakref.finalize()", why),
            .next = finder_text(f, "object 0x%llx", (unsigned long long)heap_addr(f->heap, n)),
        },
        err);
}

static bool finalizer_rings_find(struct finder *f, struct err *err)
{
    if (!f->garbage->unreachable)
        return true;
    if (!finder_need_rings(f, err))
        return false;
    size_t told = 0;
    for (size_t i = 0; i < f->rings.group_count && told < TOLD_MAX; i++) {
        node n = with_finalizer(f, &f->rings, f->rings.groups[i].first);
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
    .help = "garbage in rings whose objects have a __del__",
    .needs = FINDING_NEEDS_GARBAGE,
    .find = finalizer_rings_find,
};
