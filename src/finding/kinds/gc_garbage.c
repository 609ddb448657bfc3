// SPDX-License-Identifier: GPL-3.0-or-later
// gc-garbage: gc.garbage is not empty.
#include "finding/finder.h"
#include "py/runtime/finalizer.h"

#define LOOKED_AT 100 // objects in it that are tested for a finalizer

// Whether the list holds objects with a tp_del (2.7's __del__). The collector adds no others,
// unless DEBUG_SAVEALL was on: then it adds every kind.
static bool gc_garbage_is_legacy(const struct finder *f, node list)
{
    uint64_t first = csr_first(&f->heap->forward, list), end = csr_end(&f->heap->forward, list);
    for (uint64_t e = first; e < end && e < first + LOOKED_AT; e++) {
        node n = f->heap->forward.to[e] & EDGE_NODE;
        if (!object_has_legacy_finalizer(f->py, finder_type(f, n), heap_addr(f->heap, n)))
            return false;
    }
    return first < end;
}

static bool gc_garbage_tell(struct finder *f, node list, uint64_t length, struct err *err)
{
    uint64_t bytes = finder_retained(f, list);
    enum severity severity = finder_severity(f, bytes, HOME_PROGRAM);
    bool legacy = gc_garbage_is_legacy(f, list);
    return finder_add(
        f,
        &(struct finding){
            .severity = severity < SEVERITY_LOW ? severity : SEVERITY_LOW,
            .object = list,
            .objects = length,
            .bytes = bytes,
            .what = finder_text(f, "gc.garbage holds %s, %s with everything they keep alive",
                                finder_plural(f, length, "object"), finder_size(f, bytes)),
            .why = legacy ? "they have a finalizer that the collector does not call in a reference "
                            "cycle: it set them aside, and they are never freed; break the cycle, "
                            "then clear gc.garbage"
                          : "gc.set_debug(gc.DEBUG_SAVEALL) or DEBUG_LEAK is or was on: what a "
                            "collection found was kept instead of freed; call gc.garbage.clear()",
            .next = finder_text(f, "referents 0x%llx -n 20",
                                (unsigned long long)heap_addr(f->heap, list)),
        },
        err);
}

static bool gc_garbage_find(struct finder *f, struct err *err)
{
    for (size_t i = 0; i < f->py->interpreter_count; i++) {
        struct gc_state state;
        python_gc_state(f->py, i, &state);
        node list = state.known && state.garbage ? heap_node_of(f->heap, state.garbage) : NODE_NONE;
        uint64_t length = list == NODE_NONE ? 0 : finder_length(f, list);
        if (length && !gc_garbage_tell(f, list, length, err))
            return false;
    }
    return true;
}

const struct finding_kind finding_gc_garbage = {
    .name = "gc-garbage",
    .help = "gc.garbage is not empty",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = gc_garbage_find,
};
