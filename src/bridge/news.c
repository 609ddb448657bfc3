// SPDX-License-Identifier: GPL-3.0-or-later
// What changed between two looks at the same process: see news.h.
#include "bridge/news.h"

#include <stdlib.h>
#include <string.h>

struct tally { // one row a name
    const char *name;
    uint64_t fresh, gone, now, bytes;
    node object;
};

// The number of every type of the heap: types that share a name share it.
static uint32_t *number_types(struct news *news, const struct heap *heap, struct err *err)
{
    uint32_t count = heap_type_count(heap);
    uint32_t *numbers = calloc((size_t)count + 1, sizeof *numbers);
    if (!numbers) {
        err_memory(err, "the types");
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *name = heap_type_name(heap, i);
        if (!names_intern(&news->names, name, strlen(name), &numbers[i], NULL, err)) {
            free(numbers);
            return NULL;
        }
    }
    return numbers;
}

bool news_keep(struct news *news, const struct heap *heap, struct err *err)
{
    *news = (struct news){ 0 };
    names_init(&news->names);
    uint32_t *numbers = number_types(news, heap, err);
    news->places = malloc(((size_t)heap->node_count + 1) * sizeof *news->places);
    news->types = malloc(((size_t)heap->node_count + 1) * sizeof *news->types);
    bool ok = numbers && ((news->places && news->types) || err_memory(err, "the objects so far"));
    for (node n = 0; ok && n < heap->node_count; n++) {
        news->places[n] = heap_addr(heap, n);
        news->types[n] = numbers[heap_type(heap, n)];
    }
    news->count = ok ? heap->node_count : 0;
    free(numbers);
    return ok;
}

void news_fini(struct news *news)
{
    free(news->places);
    free(news->types);
    names_fini(&news->names);
    *news = (struct news){ 0 };
}

// Both sides are sorted by address: one walk tells what only one of them has.
static void compare(const struct news *news, const struct heap *heap, const uint32_t *numbers,
                    struct tally *tallies)
{
    uint32_t old = 0;
    for (node n = 0; n < heap->node_count; n++) {
        addr at = heap_addr(heap, n);
        struct tally *tally = &tallies[numbers[heap_type(heap, n)]];
        for (; old < news->count && news->places[old] < at; old++)
            tallies[news->types[old]].gone++;
        bool here = old < news->count && news->places[old] == at;
        bool same = here && &tallies[news->types[old]] == tally;
        if (here && !same)
            tallies[news->types[old]].gone++;
        old += here;
        tally->now++;
        if (same)
            continue;
        tally->fresh++;
        tally->bytes += heap_size(heap, n);
        tally->object = n;
    }
    for (; old < news->count; old++)
        tallies[news->types[old]].gone++;
}

static int compare_tallies(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    if (x->fresh != y->fresh)
        return x->fresh < y->fresh ? 1 : -1;
    if (x->gone != y->gone)
        return x->gone < y->gone ? 1 : -1;
    return strcmp(x->name, y->name);
}

static bool tell(struct tally *tallies, size_t count, struct report *report, struct err *err)
{
    static const struct column columns[] = {
        { "type", 24, COLUMN_WIDE, "the type's name" },
        { "new", 8, COLUMN_RIGHT, "objects that were not there before" },
        { "gone", 8, COLUMN_RIGHT, "objects that were there before" },
        { "now", 8, COLUMN_RIGHT, "objects that are there" },
        { "bytes", 9, COLUMN_RIGHT | COLUMN_HUMAN, "of the new ones" },
        { "object", 14, 0, "a new one" },
        COLUMN_ROW_END,
    };
    uint64_t fresh = 0, gone = 0;
    report_columns(report, "rescan", columns);
    qsort(tallies, count, sizeof *tallies, compare_tallies);
    for (size_t i = 0; i < count; i++) {
        const struct tally *t = &tallies[i];
        fresh += t->fresh;
        gone += t->gone;
        const struct cell cells[] = {
            cell_text(t->name),   cell_count(t->fresh), cell_count(t->gone),
            cell_count(t->now),   cell_bytes(t->bytes), cell_object(t->object),
        };
        if ((t->fresh || t->gone) && !report_row(report, cells, err))
            return false;
    }
    report_summary(report, "new", cell_count(fresh));
    report_summary(report, "gone", cell_count(gone));
    report->empty = "the same objects as before";
    return report_end(report, err);
}

bool news_tell(struct news *news, const struct heap *heap, struct report *report, struct err *err)
{
    uint32_t *numbers = number_types(news, heap, err);
    size_t count = news->names.count;
    struct tally *tallies = numbers ? calloc(count + 1, sizeof *tallies) : NULL;
    bool ok = numbers && (tallies || err_memory(err, "what is new"));
    for (size_t i = 0; ok && i < news->names.slots; i++) {
        const struct names_slot *slot = &news->names.table[i];
        if (slot->key)
            tallies[slot->value] = (struct tally){ .name = slot->key, .object = NODE_NONE };
    }
    if (ok) {
        compare(news, heap, numbers, tallies);
        ok = tell(tallies, count, report, err);
    }
    free(tallies);
    free(numbers);
    return ok;
}
