// SPDX-License-Identifier: GPL-3.0-or-later
// A dry run in stages: see stages.h.
#include "cmd/analysis/stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "py/objects/type.h"
#include "py/runtime/finalizer.h"

// CPU time of gc.collect() with CPython 3.8 to 3.13 on heaps of 300,000 objects whose references lead
// anywhere: what a processor of 2020 took an object, and a reference between two.
#define STAGES_OBJECT_NS 55
#define STAGES_REFERENCE_NS 80
#define STAGES_FELT 0.01 // of the time

const struct column stages_columns[] = {
    { COL(step), 13, COLUMN_OURS, "the stage" },
    { COL(count), 10, COLUMN_RIGHT, "how many objects are at it; of subtract: references" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "theirs" },
    { COL(what), 40, COLUMN_WIDE | COLUMN_OURS, "what happens to them" },
    { COL(next), 24, COLUMN_OURS, "the command that lists them" },
    COLUMN_ROW_END,
};

struct stages {
    struct session *session;
    const struct heap *heap;
    const struct collection *run;
    struct report *report;
    struct err *err;
};

// --- who is at a stage --------------------------------------------------------------------------

static bool stages_is_candidate(const struct stages *s, node n)
{
    return collect_is_candidate(s->run, n);
}

static bool stages_is_outside(const struct stages *s, node n)
{
    return collect_fate(s->run, n) == FATE_HELD;
}

static bool stages_is_reachable(const struct stages *s, node n)
{
    return collect_fate(s->run, n) == FATE_REACHABLE;
}

static bool stages_is_unreachable(const struct stages *s, node n)
{
    return collect_is_unreachable(s->run, n);
}

static bool stages_is_uncollectable(const struct stages *s, node n)
{
    return collect_fate(s->run, n) == FATE_UNCOLLECTABLE;
}

static bool stages_is_finalized(const struct stages *s, node n)
{
    return collect_is_unreachable(s->run, n) && collect_has_finalizer(s->heap, n);
}

// A weak reference to something that is unreachable.
static bool stages_is_weak(const struct stages *s, node n)
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

static bool stages_is_uncertain(const struct stages *s, node n)
{
    return collect_fate(s->run, n) == FATE_UNCERTAIN;
}

static bool stages_is_freed(const struct stages *s, node n)
{
    return collect_fate(s->run, n) == FATE_FREED;
}

static const struct stages_row {
    const char *name, *what;
    bool (*has)(const struct stages *s, node n);
    bool values; // not known without values
} stages_rows[] = {
    { "candidates", "of the generation and the younger ones: refcounts are copied to gc_refs",
      stages_is_candidate, false },
    { "outside", "gc_refs stay above 0: something outside of the candidates holds them",
      stages_is_outside, false },
    { "reachable", "gc_refs come to 0, and they are reached from those: they stay",
      stages_is_reachable, false },
    { "unreachable", "nothing holds them but one another", stages_is_unreachable, false },
    { "uncollectable", "a legacy finalizer (tp_del), or reached from one: never freed",
      stages_is_uncollectable, false },
    { "weakrefs", "weak references to what is unreachable: they are cleared", stages_is_weak,
      true },
    { "finalizers", "their finalizers run first", stages_is_finalized, false },
    { "uncertain", "a finalizer or a weak reference's callback may keep them", stages_is_uncertain,
      false },
    { "freed", "cleared and freed: nothing stands in the way", stages_is_freed, false },
};

#define STAGES_ROWS (sizeof stages_rows / sizeof *stages_rows)

uint64_t *stages_marks(struct session *session, const struct collection *collection,
                       const char *stage, struct err *err)
{
    const struct stages s = { .heap = &session->heap, .run = collection };
    const struct stages_row *row = NULL;
    for (size_t i = 0; i < STAGES_ROWS; i++)
        row = strcmp(stages_rows[i].name, stage) ? row : &stages_rows[i];
    if (!row) {
        err_set(err, ERR_USAGE, "--stage %s: it is one of " STAGES_NAMES, stage);
        return NULL;
    }
    if (row->values && !heap_has_values(&session->heap)) {
        err_set(err, ERR_UNSUPPORTED, "--stage %s: the heap is redacted", stage);
        return NULL;
    }
    uint64_t *marks = calloc(marks_words(session->heap.node_count) + 1, sizeof *marks);
    if (!marks)
        err_memory(err, "the objects of a stage");
    for (node n = 0; marks && n < session->heap.node_count; n++)
        if (row->has(&s, n))
            marks_set(marks, n);
    return marks;
}

// --- rows ---------------------------------------------------------------------------------------

static bool stages_add(struct stages *s, const char *step, struct cell count, struct cell bytes,
                       const char *what, const char *next)
{
    const struct cell cells[] = { cell_text(step), count, bytes, cell_text(what), cell_text(next) };
    return report_row(s->report, cells, s->err);
}

static bool stages_add_row(struct stages *s, const struct stages_row *row)
{
    uint64_t count = 0, bytes = 0;
    if (row->values && !heap_has_values(s->heap))
        return stages_add(s, row->name, cell_null(), cell_null(), row->what, NULL);
    for (node n = 0; n < s->heap->node_count; n++) {
        if (!row->has(s, n))
            continue;
        count++;
        bytes += heap_own(s->heap, n);
    }
    const char *next =
        report_format(s->report, "collect --stage %s -g %d", row->name, s->run->generation);
    return stages_add(s, row->name, cell_count(count), cell_bytes(bytes), row->what,
                      count ? next : NULL);
}

// References from a candidate to a candidate, as the dry run subtracts them.
static uint64_t stages_subtracted(const struct stages *s)
{
    const struct heap *heap = s->heap;
    const struct csr *forward = &heap->forward;
    uint64_t count = 0;
    for (node n = 0; n < heap->node_count; n++) {
        if (!collect_is_candidate(s->run, n))
            continue;
        for (uint64_t e = csr_first(forward, n), end = csr_end(forward, n); e < end; e++)
            count += collect_subtracts(s->run, heap, n, forward->to[e] & EDGE_NODE, forward->to[e]);
    }
    return count;
}

// --- what it costs ------------------------------------------------------------------------------

static double stages_seconds(uint64_t objects, uint64_t references)
{
    return ((double)objects * STAGES_OBJECT_NS + (double)references * STAGES_REFERENCE_NS) / 1e9;
}

static bool stages_add_cost(struct stages *s, uint64_t references, double *seconds)
{
    *seconds = stages_seconds(s->run->candidates, references);
    report_summary(s->report, "estimate_us", cell_count((uint64_t)(*seconds * 1e6)));
    return stages_add(
        s, "cost", cell_null(), cell_null(),
        report_format(s->report,
                      "up to about %.*f ms of CPU time, an estimate: %d ns an object and %d ns a "
                      "reference, as measured with CPython 3.8 to 3.13 on heaps larger than caches",
                      *seconds < 0.01 ? 1 : 0, *seconds * 1e3, STAGES_OBJECT_NS,
                      STAGES_REFERENCE_NS),
        NULL);
}

// What share of its time a process has spent on collections of a kind, at today's cost.
struct stages_load {
    double hours, full, young; // the latter two: shares
    uint64_t stays;            // candidates that a full collection passes over each time
    struct gc_state gc;
};

static bool stages_measure(const struct stages *s, uint64_t references, double seconds,
                           struct stages_load *load)
{
    const struct provenance *p = &s->session->target.provenance;
    python_gc_state(s->heap->py, s->run->interpreter > 0 ? (size_t)s->run->interpreter : 0,
                    &load->gc);
    if (!load->gc.known || p->started <= 0 || p->taken <= p->started || !s->run->candidates)
        return false;
    double lived = (double)(p->taken - p->started);
    double each = stages_seconds(1, 0)
                  + stages_seconds(0, references) / (double)s->run->candidates; // an object's
    load->hours = lived / 3600;
    load->full = (double)load->gc.collections[2] * seconds / lived;
    load->young = (double)load->gc.collections[0] * each * (double)load->gc.threshold[0] / lived;
    load->stays = s->run->candidates - s->run->unreachable;
    return true;
}

static const char *stages_advice(const struct stages *s, const struct stages_load *load)
{
    unsigned long long full = load->gc.collections[2];
    if (!load->gc.enabled)
        return "automatic collection is off: only a gc.collect() of the program's own costs "
               "anything";
    if (load->full >= STAGES_FELT)
        return report_format(s->report,
                             "%llu full collections in %.1f hours, at this cost %.1f %% of the "
                             "time: gc.freeze() when "
                             "the program has loaded would leave out up to %" PRIu64
                             " objects that stay, and a "
                             "greater third threshold makes them rarer",
                             full, load->hours, 100 * load->full, load->stays);
    if (load->young >= STAGES_FELT)
        return report_format(
            s->report,
            "%" PRIu64 " collections of generation 0 in %.1f hours, about %.1f %% of the time: a "
            "greater first threshold (it is %u) makes them rarer; gc.freeze() would not be felt",
            load->gc.collections[0], load->hours, 100 * load->young, load->gc.threshold[0]);
    return report_format(s->report,
                         "%llu full collections in %.1f hours, at this cost %.2f %% of the time: "
                         "neither gc.freeze() nor other thresholds would be felt",
                         full, load->hours, 100 * load->full);
}

// Of a full collection, by the counts of what was.
static bool stages_add_advice(struct stages *s, uint64_t references, double seconds)
{
    struct stages_load load;
    if (s->run->generation != GEN_2 || s->heap->py->rules.free_threaded
        || !stages_measure(s, references, seconds, &load))
        return true;
    return stages_add(s, "advice", cell_null(), cell_null(), stages_advice(s, &load), NULL);
}

bool stages_tell(struct session *session, const struct collection *collection,
                 struct report *report, struct err *err)
{
    struct stages s = {
        .session = session, .heap = &session->heap, .run = collection, .report = report, .err = err
    };
    uint64_t references = stages_subtracted(&s);
    double seconds;
    bool ok = stages_add_row(&s, &stages_rows[0])
              && stages_add(&s, "subtract", cell_count(references), cell_null(),
                            "references from a candidate to a candidate: one off the gc_refs of "
                            "each that is referred to",
                            NULL);
    for (size_t i = 1; ok && i < STAGES_ROWS; i++)
        ok = stages_add_row(&s, &stages_rows[i]);
    return ok && stages_add_cost(&s, references, &seconds)
           && stages_add_advice(&s, references, seconds);
}
