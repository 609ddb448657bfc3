// SPDX-License-Identifier: GPL-3.0-or-later
// `collect --stages` and --stage: see collect_stages.h.
#include "cmd/commands/collect_stages.h"

#include <inttypes.h>
#include <string.h>

#include "heap/analysis/stages.h"

#define STAGES_FELT 0.01 // of the time

const struct column stages_columns[] = {
    { COL(step), 13, COLUMN_OURS, "the stage" },
    { COL(count), 10, COLUMN_RIGHT, "how many objects are at it; of subtract: references" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "theirs" },
    { COL(what), 40, COLUMN_WIDE | COLUMN_OURS, "what happens to them" },
    { COL(next), 24, COLUMN_OURS, "the command that lists them" },
    COLUMN_ROW_END,
};

static const struct {
    const char *name, *what;
} stages_rows[STAGES_COUNT] = {
    [STAGE_CANDIDATES] = { "candidates", "of the generation and the younger ones: refcounts are "
                                         "copied to gc_refs" },
    [STAGE_OUTSIDE] = { "outside",
                        "gc_refs stay above 0: something outside of the candidates holds them" },
    [STAGE_REACHABLE] = { "reachable",
                          "gc_refs come to 0, and they are reached from those: they stay" },
    [STAGE_UNREACHABLE] = { "unreachable", "nothing holds them but one another" },
    [STAGE_UNCOLLECTABLE] = { "uncollectable",
                              "a legacy finalizer (tp_del), or reached from one: never freed" },
    [STAGE_WEAKREFS] = { "weakrefs", "weak references to what is unreachable: they are cleared" },
    [STAGE_FINALIZERS] = { "finalizers", "their finalizers run first" },
    [STAGE_UNCERTAIN] = { "uncertain", "a finalizer or a weak reference's callback may keep them" },
    [STAGE_FREED] = { "freed", "cleared and freed: nothing stands in the way" },
};

uint64_t *stages_marks(struct session *session, const struct collection *collection,
                       const char *stage, struct err *err)
{
    enum stage found = STAGE_CANDIDATES;
    while (found < STAGES_COUNT && strcmp(stages_rows[found].name, stage))
        found++;
    if (found < STAGES_COUNT && stage_is_known(&session->heap, found))
        return stage_marks(&session->heap, collection, found, err);
    if (found == STAGES_COUNT)
        err_set(err, ERR_USAGE, "--stage %s: it is one of " STAGES_NAMES, stage);
    else
        err_set(err, ERR_UNSUPPORTED, "--stage %s: the heap is redacted", stage);
    return NULL;
}

// --- rows ---------------------------------------------------------------------------------------

struct stages {
    const struct heap *heap;
    const struct collection *run;
    struct report *report;
    struct err *err;
};

static bool stages_add(struct stages *s, const char *step, struct cell count, struct cell bytes,
                       const char *what, const char *next)
{
    const struct cell cells[] = { cell_text(step), count, bytes, cell_text(what), cell_text(next) };
    return report_row(s->report, cells, s->err);
}

static bool stages_add_row(struct stages *s, enum stage stage)
{
    const char *name = stages_rows[stage].name, *what = stages_rows[stage].what;
    if (!stage_is_known(s->heap, stage))
        return stages_add(s, name, cell_null(), cell_null(), what, NULL);
    struct stage_sum sum = stage_sum(s->heap, s->run, stage);
    const char *next =
        report_format(s->report, "collect --stage %s -g %d", name, s->run->generation);
    return stages_add(s, name, cell_count(sum.count), cell_bytes(sum.bytes), what,
                      sum.count ? next : NULL);
}

static bool stages_add_cost(struct stages *s, uint64_t references)
{
    double seconds = stages_seconds(s->run->candidates, references);
    report_summary(s->report, "estimate_us", cell_count((uint64_t)(seconds * 1e6)));
    return stages_add(
        s, "cost", cell_null(), cell_null(),
        report_format(s->report,
                      "up to about %.*f ms of CPU time, an estimate: %d ns an object and %d ns a "
                      "reference, as measured with CPython 3.8 to 3.13 on heaps larger than caches",
                      seconds < 0.01 ? 1 : 0, seconds * 1e3, STAGES_OBJECT_NS, STAGES_REFERENCE_NS),
        NULL);
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
static bool stages_add_advice(struct stages *s, uint64_t references)
{
    struct stages_load load;
    if (s->run->generation != GEN_2 || s->heap->py->rules.free_threaded
        || !stages_load(s->heap, s->run, references, &load))
        return true;
    return stages_add(s, "advice", cell_null(), cell_null(), stages_advice(s, &load), NULL);
}

bool stages_tell(struct session *session, const struct collection *collection,
                 struct report *report, struct err *err)
{
    struct stages s = { .heap = &session->heap, .run = collection, .report = report, .err = err };
    uint64_t references = stages_subtracted(s.heap, collection);
    bool ok = stages_add_row(&s, STAGE_CANDIDATES)
              && stages_add(&s, "subtract", cell_count(references), cell_null(),
                            "references from a candidate to a candidate: one off the gc_refs of "
                            "each that is referred to",
                            NULL);
    for (enum stage stage = STAGE_OUTSIDE; ok && stage < STAGES_COUNT; stage++)
        ok = stages_add_row(&s, stage);
    return ok && stages_add_cost(&s, references) && stages_add_advice(&s, references);
}
