// SPDX-License-Identifier: GPL-3.0-or-later
// When the next collection comes: see gc_next.h.
#include "py/runtime/gc_next.h"

#define GC_NEXT_APART 512 // LOCAL_ALLOC_COUNT_THRESHOLD: what each thread counts by itself

// Counts and thresholds are ints; a free-threaded build may have freed more objects than it
// counted.
static int64_t gc_next_signed(uint32_t word)
{
    return (int32_t)word;
}

static int64_t gc_next_room(int64_t threshold, int64_t count)
{
    return threshold >= count ? threshold - count + 1 : 1;
}

// gc_collect_generations() takes the oldest generation whose count is past its threshold; each
// collection adds one to the next older one's count and sets its own and the younger ones' to 0.
static void gc_next_generations(const struct gc_state *gc, struct gc_next *next)
{
    int64_t threshold[3], count[3];
    for (int g = 0; g < 3; g++) {
        threshold[g] = gc_next_signed(gc->threshold[g]);
        count[g] = gc_next_signed(gc->count[g]);
    }
    next->runs[0] = 1;
    int64_t middle = count[1] > threshold[1] ? 1 : threshold[1] - count[1] + 2;
    next->runs[1] = (uint64_t)middle;
    next->survivors = gc->long_lived_pending < gc->long_lived_total / 4
                          ? gc->long_lived_total / 4 - gc->long_lived_pending
                          : 0;
    next->held = next->survivors > 0;
    int64_t needed = count[2] > threshold[2] ? 0 : threshold[2] - count[2] + 1;
    int64_t period = threshold[1] < 0 ? 1 : threshold[1] + 2;
    int64_t full = needed ? middle + (needed - 1) * period + 1 : 1;
    next->runs[2] = (uint64_t)full;
}

// gc_should_collect() (Python/gc_free_threading.c): the count must exceed the threshold, and a
// quarter of what the last collection left; in 3.14 the process must have grown as well. Every
// collection is a full one.
static void gc_next_threads(const struct gc_state *gc, size_t threads, struct gc_next *next)
{
    int64_t quarter = (int64_t)(gc->long_lived_total / 4);
    int64_t threshold = gc_next_signed(gc->threshold[0]);
    if (gc->threshold[1] && quarter > threshold)
        threshold = quarter;
    next->least = true;
    int64_t room = gc_next_room(threshold, gc_next_signed(gc->count[0]));
    int64_t apart = (int64_t)threads * GC_NEXT_APART;
    next->allocations = room > apart ? (uint64_t)(room - apart) : 1;
    next->runs[2] = 1;
}

void gc_next_find(const struct python *py, size_t interpreter, const struct gc_state *gc,
                  struct gc_next *next)
{
    *next = (struct gc_next){ 0 };
    if (!gc->enabled)
        next->never = "none: automatic collection is off (gc.disable)";
    else if (!gc->threshold[0])
        next->never = "none: the threshold of generation 0 is 0";
    else if (gc->collecting)
        next->never = "a collection is under way";
    if (next->never)
        return;
    if (py->rules.free_threaded) {
        gc_next_threads(gc, py->interpreters[interpreter].thread_count, next);
        return;
    }
    next->allocations =
        (uint64_t)gc_next_room(gc_next_signed(gc->threshold[0]), gc_next_signed(gc->count[0]));
    if (py->rules.incremental)
        next->runs[1] = 1;
    else
        gc_next_generations(gc, next);
}
