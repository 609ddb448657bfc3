// SPDX-License-Identifier: GPL-3.0-or-later
// Who is at which stage of a dry run: see stages.h.
#include "heap/analysis/stages.h"

#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "py/objects/type.h"
#include "py/runtime/finalizer.h"

struct stages_run {
    const struct heap *heap;
    const struct collection *run;
};

static bool stages_is_candidate(const struct stages_run *s, node n)
{
    return collect_is_candidate(s->run, n);
}

static bool stages_is_outside(const struct stages_run *s, node n)
{
    return collect_fate(s->run, n) == FATE_HELD;
}

static bool stages_is_reachable(const struct stages_run *s, node n)
{
    return collect_fate(s->run, n) == FATE_REACHABLE;
}

static bool stages_is_unreachable(const struct stages_run *s, node n)
{
    return collect_is_unreachable(s->run, n);
}

static bool stages_is_uncollectable(const struct stages_run *s, node n)
{
    return collect_fate(s->run, n) == FATE_UNCOLLECTABLE;
}

static bool stages_is_finalized(const struct stages_run *s, node n)
{
    return collect_is_unreachable(s->run, n) && collect_has_finalizer(s->heap, n);
}

// A weak reference to something that is unreachable.
static bool stages_is_weak(const struct stages_run *s, node n)
{
    const struct heap *heap = s->heap;
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    if (!heap_has_values(heap) || !type_is(type, TRAIT_WEAK))
        return false;
    addr at = heap_addr(heap, n), to = weakref_with_callback(heap->py, type, at);
    to = to ? to : weakref_plain(heap->py, type, at);
    node referent = to ? heap_node_of(heap, to) : NODE_NONE;
    return referent != NODE_NONE && collect_is_unreachable(s->run, referent);
}

static bool stages_is_uncertain(const struct stages_run *s, node n)
{
    return collect_fate(s->run, n) == FATE_UNCERTAIN;
}

static bool stages_is_freed(const struct stages_run *s, node n)
{
    return collect_fate(s->run, n) == FATE_FREED;
}

typedef bool stages_has(const struct stages_run *s, node n);

static stages_has *const stages_tests[STAGES_COUNT] = {
    [STAGE_CANDIDATES] = stages_is_candidate,
    [STAGE_OUTSIDE] = stages_is_outside,
    [STAGE_REACHABLE] = stages_is_reachable,
    [STAGE_UNREACHABLE] = stages_is_unreachable,
    [STAGE_UNCOLLECTABLE] = stages_is_uncollectable,
    [STAGE_WEAKREFS] = stages_is_weak,
    [STAGE_FINALIZERS] = stages_is_finalized,
    [STAGE_UNCERTAIN] = stages_is_uncertain,
    [STAGE_FREED] = stages_is_freed,
};

bool stage_is_known(const struct heap *heap, enum stage stage)
{
    return stage != STAGE_WEAKREFS || heap_has_values(heap);
}

struct stage_sum stage_sum(const struct heap *heap, const struct collection *run, enum stage stage)
{
    const struct stages_run s = { heap, run };
    struct stage_sum sum = { 0 };
    for (node n = 0; stage_is_known(heap, stage) && n < heap->node_count; n++) {
        if (!stages_tests[stage](&s, n))
            continue;
        sum.count++;
        sum.bytes += heap_own(heap, n);
    }
    return sum;
}

uint64_t *stage_marks(const struct heap *heap, const struct collection *run, enum stage stage,
                      struct err *err)
{
    const struct stages_run s = { heap, run };
    uint64_t *marks = calloc(marks_words(heap->node_count) + 1, sizeof *marks);
    if (!marks)
        err_memory(err, "the objects of a stage");
    for (node n = 0; marks && stage_is_known(heap, stage) && n < heap->node_count; n++)
        if (stages_tests[stage](&s, n))
            marks_set(marks, n);
    return marks;
}

// References from a candidate to a candidate, as the dry run subtracts them.
uint64_t stages_subtracted(const struct heap *heap, const struct collection *run)
{
    const struct csr *forward = &heap->forward;
    uint64_t count = 0;
    for (node n = 0; n < heap->node_count; n++) {
        if (!collect_is_candidate(run, n))
            continue;
        for (uint64_t e = csr_first(forward, n), end = csr_end(forward, n); e < end; e++)
            count += collect_subtracts(run, heap, n, forward->to[e] & EDGE_NODE, forward->to[e]);
    }
    return count;
}

// --- what it costs ------------------------------------------------------------------------------

double stages_seconds(uint64_t objects, uint64_t references)
{
    return ((double)objects * STAGES_OBJECT_NS + (double)references * STAGES_REFERENCE_NS) / 1e9;
}

bool stages_load(const struct heap *heap, const struct collection *run, uint64_t references,
                 struct stages_load *load)
{
    const struct provenance *p = &heap->py->target->provenance;
    python_gc_state(heap->py, run->interpreter > 0 ? (size_t)run->interpreter : 0, &load->gc);
    if (!load->gc.known || p->started <= 0 || p->taken <= p->started || !run->candidates)
        return false;
    double lived = (double)(p->taken - p->started);
    double each = stages_seconds(1, 0)
                  + stages_seconds(0, references) / (double)run->candidates; // an object's
    load->hours = lived / 3600;
    load->full =
        (double)load->gc.collections[2] * stages_seconds(run->candidates, references) / lived;
    load->young = (double)load->gc.collections[0] * each * (double)load->gc.threshold[0] / lived;
    load->stays = run->candidates - run->unreachable;
    return true;
}
