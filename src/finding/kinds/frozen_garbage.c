// SPDX-License-Identifier: GPL-3.0-or-later
// frozen-garbage: objects dead at gc.freeze(), or in a reference cycle that died since, are never
// freed.
#include "finding/finder.h"

#define SOME_OBJECTS 1000

static bool frozen_garbage_find(struct finder *f, struct err *err)
{
    uint64_t objects = 0, bytes = 0;
    node largest = NODE_NONE;
    for (node n = 0; n < f->heap->node_count; n++) {
        if (f->heap->gen[n] != GEN_PERMANENT || !finder_is_dead(f, n))
            continue;
        objects++;
        bytes += heap_own(f->heap, n);
        if (largest == NODE_NONE || finder_retained(f, n) > finder_retained(f, largest))
            largest = n;
    }
    if (!objects)
        return true;
    enum severity severity = finder_severity(f, bytes, HOME_PROGRAM);
    if (severity == SEVERITY_INFO && objects >= SOME_OBJECTS)
        severity = SEVERITY_LOW;
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = largest,
            .objects = objects,
            .bytes = bytes,
            .what = finder_text(f, "%s of garbage in the permanent generation: %s",
                                finder_plural(f, objects, "object"), finder_size(f, bytes)),
            .why = "the collector never looks at what gc.freeze() set aside: cycles that were dead "
                   "then, or died since, stay; call gc.collect() before gc.freeze(), or "
                   "gc.unfreeze() once",
            .next = "retained --garbage -g permanent -n 10",
        },
        err);
}

const struct finding_kind finding_frozen_garbage = {
    .name = "frozen-garbage",
    .help = "garbage in the permanent generation, where gc.freeze() put it",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = frozen_garbage_find,
};
