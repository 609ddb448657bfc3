// SPDX-License-Identifier: GPL-3.0-or-later
// gc-off: automatic collections are off, and reference cycles wait for one.
#include "finding/finder.h"

#define SOME_OBJECTS 1000 // less garbage than this, and than 1 %, is not worth telling

struct waiting {
    uint64_t objects, bytes;
    node largest;
};

static bool belongs(const struct finder *f, node n, size_t interpreter)
{
    return !f->heap->owner || f->heap->owner[n] == interpreter;
}

static struct waiting gc_off_count(const struct finder *f, size_t interpreter)
{
    struct waiting waiting = { .largest = NODE_NONE };
    for (node n = 0; n < f->heap->node_count; n++) {
        if (!collect_is_unreachable(f->garbage, n) || !belongs(f, n, interpreter))
            continue;
        waiting.objects++;
        waiting.bytes += heap_own(f->heap, n);
        if (waiting.largest == NODE_NONE
            || heap_size(f->heap, n) > heap_size(f->heap, waiting.largest))
            waiting.largest = n;
    }
    return waiting;
}

static enum severity gc_off_judge(const struct finder *f, const struct waiting *waiting)
{
    enum severity severity = finder_severity(f, waiting->bytes, HOME_PROGRAM);
    bool some = waiting->objects >= SOME_OBJECTS || waiting->bytes > f->heap->bytes / 100;
    return severity == SEVERITY_INFO && some ? SEVERITY_LOW : severity;
}

static bool gc_off_tell(struct finder *f, size_t interpreter, const struct gc_state *state,
                        struct err *err)
{
    struct waiting waiting = gc_off_count(f, interpreter);
    const char *how = state->enabled ? "gc.set_threshold(0) was called" : "gc.disable() was called";
    const char *off = state->enabled ? "the collector's threshold is 0" : "the collector is off";
    return finder_add(
        f,
        &(struct finding){
            .severity = gc_off_judge(f, &waiting),
            .bytes = waiting.bytes,
            .objects = waiting.objects,
            .object = waiting.largest,
            .what = waiting.objects ? finder_text(f, "%s, and %s (%s) of garbage wait%s for it",
                                                  off, finder_plural(f, waiting.objects, "object"),
                                                  finder_size(f, waiting.bytes),
                                                  text_plural(waiting.objects, "s", ""))
                                    : finder_text(f, "%s; no garbage waits for it", off),
            .why = finder_text(f,
                               "%s: only a collection frees reference cycles, and none starts by "
                               "itself; turn it on again, or call gc.collect() at quiet moments",
                               how),
            .next = waiting.objects ? "cycles --garbage" : "info",
        },
        err);
}

static bool gc_off_find(struct finder *f, struct err *err)
{
    for (size_t i = 0; i < f->py->interpreter_count; i++) {
        struct gc_state state;
        python_gc_state(f->py, i, &state);
        if (state.known && (!state.enabled || !state.threshold[0])
            && !gc_off_tell(f, i, &state, err))
            return false;
    }
    return true;
}

const struct finding_kind finding_gc_off = {
    .name = "gc-off",
    .help = "the collector is disabled or its threshold is 0, and garbage is waiting",
    .needs = FINDING_NEEDS_GARBAGE,
    .find = gc_off_find,
};
