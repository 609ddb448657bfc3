// SPDX-License-Identifier: GPL-3.0-or-later
// What the ages of a dict's values say: see ages.h.
#include "finding/ages.h"

#include <stdlib.h>

#include "py/objects/dict.h"
#include "py/read.h"

#define SAMPLE 4096
#define SAMPLE_LEAST 32 // of few values the ages are chance
#define LAST_LEAST 8    // of these the last ones
#define LAST_PART 16
#define NEWER_PART 10     // of the others that are newer than all of the last: one in
#define NEWER_HALF_PART 4 // ... than half of the last
#define OLDER_PART 4      // ... that may be older than all of the last then
#define SETTLED_LEAST 2000
#define SETTLED_PART 8     // of all objects
#define BATCH_PART 16      // of what is newer: a container with less is none
#define ARRIVALS_LEAST 100 // of these each for itself, rather than in something that came, too
#define UNDATED_MAX 4      // steps up to what has a date
#define HOLES_PART 8       // of the places in use
#define HOLES_LEAST 16
#define YOUNG_LEAST 200
#define OLD_PART 50 // of all that is in it

// --- when objects were made ---------------------------------------------------------------------

static bool ages_has_clock(const struct finder *f)
{
    return f->heap->lists && !f->py->rules.free_threaded;
}

// By the order of the lists, the oldest generation first. 0: nobody knows.
static void ages_date_all(struct finder *f)
{
    static const enum generation oldest_first[] = { GEN_2, GEN_1, GEN_0 };
    f->dates = calloc((size_t)f->heap->node_count + 1, sizeof *f->dates);
    for (size_t i = 0; f->dates && i < f->py->interpreter_count; i++)
        for (size_t g = 0; g < 3; g++) {
            const struct heap_list *list = &f->heap->lists[i][oldest_first[g]];
            bool is_ordered = !f->py->rules.incremental || oldest_first[g] != GEN_2;
            f->last_date += !is_ordered;
            for (uint32_t k = 0; k < list->count; k++)
                f->dates[list->order[k]] = is_ordered ? ++f->last_date : f->last_date;
        }
}

static void ages_need_dates(struct finder *f)
{
    if (!f->dates && ages_has_clock(f))
        ages_date_all(f);
}

// A value that nobody else has is as old as its place: its date, or 0.
static uint32_t ages_date(const struct finder *f, node dict, addr value)
{
    node n = heap_node_of(f->heap, value);
    return n != NODE_NONE && f->dominate->parent[n] == dict ? f->dates[n] : 0;
}

// When what it came in did, where it has no date of its own: a dict of texts is in no list.
static uint32_t ages_arrival(const struct finder *f, node n)
{
    for (int up = 0; up < UNDATED_MAX && !f->dates[n]; up++) {
        node from = f->paths.from[n];
        if (from == NODE_NONE || from == n)
            return 0;
        n = from;
    }
    return f->dates[n];
}

// Whether the program went on since then: things came each for itself. All that is in something that
// came since, a batch that is being processed, came at once.
static bool ages_went_on(const struct finder *f, uint32_t since)
{
    size_t came = 0;
    for (node n = 0; n < f->heap->node_count && came < ARRIVALS_LEAST; n++) {
        if (f->dates[n] <= since)
            continue;
        node from = f->paths.from[n];
        came += from == NODE_NONE || from == n || ages_arrival(f, from) <= since;
    }
    return came >= ARRIVALS_LEAST;
}

// Whether it is what a local variable has: of a function that runs, or waits.
static bool ages_is_local(const struct finder *f, node n)
{
    node from = f->paths.from[n];
    if (from != n)
        return finder_is(f, from, TRAIT_FRAME | TRAIT_ANY_GENERATOR | TRAIT_CELL);
    size_t r = heap_roots_first(f->roots, n);
    return r < f->roots->count && f->roots->items[r].to == n
           && f->roots->items[r].root.kind == ROOT_LOCAL;
}

// How many objects came since then otherwise than in a large container that a local variable has: rows
// that are being worked on came at once, however many they are.
static uint64_t ages_beside_batches(struct finder *f, uint32_t since, uint64_t newer)
{
    const struct root_paths *paths = &f->paths;
    size_t count = (size_t)f->heap->node_count + 1;
    uint32_t *batch =
        calloc(count, sizeof *batch); // the container that a thing came in, and 1; or 0
    uint32_t *sizes = calloc(count, sizeof *sizes);
    uint64_t beside = newer;
    f->out_of_memory |= !batch || !sizes;
    for (uint32_t i = 0; batch && sizes && i < paths->count; i++) {
        node n = paths->order[i], from = paths->from[n];
        bool is_container = finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE);
        if (from != n && batch[from])
            batch[n] = batch[from];
        else if (f->dates[n] > since && is_container && ages_is_local(f, n))
            batch[n] = n + 1;
        if (batch[n] && f->dates[n] > since)
            sizes[batch[n] - 1]++;
    }
    for (size_t n = 0; batch && sizes && n < f->heap->node_count; n++)
        beside -= sizes[n] >= newer / BATCH_PART ? sizes[n] : 0;
    free(batch);
    free(sizes);
    return beside;
}

static bool ages_is_long(const struct finder *f, uint64_t since)
{
    return since >= SETTLED_LEAST && since >= f->last_date / SETTLED_PART;
}

// --- what they say ------------------------------------------------------------------------------

struct ages_sample { // in the order of keys
    uint32_t dates[SAMPLE];
    size_t count, looked_at;
    uint64_t places, holes; // of the table
};

static bool ages_take(const struct finder *f, node dict, struct ages_sample *sample)
{
    const struct python *py = f->py;
    const uint8_t *o = VIEW(py, heap_addr(f->heap, dict), PyDictObject);
    struct dict_table table;
    *sample = (struct ages_sample){ .count = 0 };
    if (!o || !dict_open(py, o, &table) || !table.count || table.key_first) // 2.7 has no order
        return false;
    uint64_t stride = table.count / SAMPLE + 1;
    for (uint64_t i = 0; i < table.count; i += stride) {
        addr value = dict_value(&table, i);
        uint32_t date = value && f->dates ? ages_date(f, dict, value) : 0;
        sample->looked_at += value != 0;
        if (date && sample->count < SAMPLE)
            sample->dates[sample->count++] = date;
    }
    uint64_t used = finder_length(f, dict);
    sample->places = table.count;
    sample->holes = table.count > used ? table.count - used : 0;
    return true;
}

static int ages_by_date(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

// How many of the others are newer than a date.
static size_t ages_newer(const struct ages_sample *sample, size_t others, uint32_t than)
{
    size_t newer = 0;
    for (size_t i = 0; i < others; i++)
        newer += sample->dates[i] > than;
    return newer;
}

static void ages_judge(struct finder *f, struct ages_sample *sample, struct ages *ages)
{
    size_t last = sample->count / LAST_PART > LAST_LEAST ? sample->count / LAST_PART : LAST_LEAST;
    size_t others = sample->count - last;
    uint32_t *of_last = sample->dates + others;
    qsort(of_last, last, sizeof *of_last, ages_by_date);
    uint32_t oldest = of_last[0], middle = of_last[last / 2], newest = of_last[last - 1];
    size_t newer = ages_newer(sample, others, newest);
    size_t half = ages_newer(sample, others, middle);
    size_t older = others - ages_newer(sample, others, oldest - 1);
    uint64_t since = f->last_date - newest;
    if (newer * NEWER_PART >= others)
        *ages = (struct ages){ AGES_REPLACED, newer, sample->count };
    else if (half * NEWER_HALF_PART >= others && older * OLDER_PART <= others)
        *ages = (struct ages){ AGES_REPLACED, half, sample->count };
    else if (ages_is_long(f, since) && ages_went_on(f, newest)
             && ages_is_long(f, ages_beside_batches(f, newest, since)))
        *ages = (struct ages){ AGES_SETTLED, since, 0 };
}

// Whether nearly all values are of the youngest generation, and too many for what was allocated.
static void ages_count_young(const struct finder *f, node dict, struct ages *ages)
{
    const struct tree *tree = &f->tree;
    uint32_t number = tree->number[dict];
    struct gc_state gc;
    uint64_t young = 0, old = 0;
    if (f->py->interpreter_count != 1 || number == NODE_NONE)
        return;
    python_gc_state(f->py, 0, &gc);
    for (uint32_t i = number + 1; gc.known && i < tree->end[number]; i++) {
        node n = tree->order[i];
        bool is_tracked = f->heap->flags[n] & NODE_TRACKED;
        young += is_tracked && f->heap->gen[n] == GEN_0;
        old += is_tracked && f->heap->gen[n] != GEN_0 && f->dominate->parent[n] == dict;
        if (old * OLD_PART > tree->end[number] - number)
            return;
    }
    if (young > YOUNG_LEAST && young > gc.count[0] + gc.count[0] / 2u)
        *ages = (struct ages){ AGES_EVEN, young, gc.count[0] };
}

void ages_find(struct finder *f, node dict, bool is_taken, struct ages *ages)
{
    struct ages_sample sample;
    *ages = (struct ages){ .say = AGES_NOTHING };
    ages_need_dates(f);
    if (!ages_take(f, dict, &sample))
        return;
    if (!is_taken && sample.count >= SAMPLE_LEAST && 2 * sample.count >= sample.looked_at)
        ages_judge(f, &sample, ages);
    if (is_taken && sample.holes >= HOLES_LEAST && sample.holes * HOLES_PART >= sample.places)
        *ages = (struct ages){ AGES_CHURNED, sample.holes, sample.places };
    if (ages->say == AGES_NOTHING && ages_has_clock(f))
        ages_count_young(f, dict, ages);
}

uint32_t ages_newest(struct finder *f, node dict)
{
    struct ages_sample sample;
    uint32_t newest = 0;
    ages_need_dates(f);
    if (!ages_take(f, dict, &sample))
        return 0;
    for (size_t i = 0; i < sample.count; i++)
        newest = sample.dates[i] > newest ? sample.dates[i] : newest;
    return newest;
}

bool ages_is_newer(const struct finder *f, node n, uint32_t than)
{
    return f->dates && ages_arrival(f, n) > than;
}
