// SPDX-License-Identifier: GPL-3.0-or-later
// A report: rows on their way to a sink, the sink that keeps them, and their sorting. See report.h.
#include "cmd/report/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/vec.h"
#include "heap/analysis/rings.h"

void report_init(struct report *report, struct session *session, const struct report_sink *sink,
                 void *out)
{
    *report = (struct report){
        .sink = sink, .out = out, .session = session, .shortages = err_shortages()
    };
    arena_init(&report->arena);
}

void report_fini(struct report *report)
{
    free(report->cells);
    arena_fini(&report->arena);
    *report = (struct report){ 0 };
}

bool report_columns(struct report *report, const char *command, const struct column *columns)
{
    report->command = command;
    report->columns = columns;
    report->column_count = 0;
    while (columns && columns[report->column_count].name)
        report->column_count++;
    return report->column_count > 0;
}

static bool report_begin(struct report *report, struct err *err)
{
    if (report->begun)
        return true;
    report->begun = true;
    return !report->sink->begin || report->sink->begin(report, err);
}

bool report_is_partial(const struct report *report)
{
    return report->partial_base || (report->partial && *report->partial);
}

#define SORTED_BETWEEN 65536 // rows between two looks at progress
#define COLUMNS_MOST 32      // of a command with COLUMN_WHOLE

static bool report_hand_over(struct report *report, const struct cell *cells, struct err *err)
{
    struct cell known[COLUMNS_MOST];
    if (!report_is_partial(report) || report->column_count > COLUMNS_MOST)
        return report->sink->row(report, cells, err);
    for (size_t i = 0; i < report->column_count; i++)
        known[i] = report->columns[i].flags & COLUMN_WHOLE ? cell_null() : cells[i];
    return report->sink->row(report, known, err);
}

static bool report_is_whole(const struct report *report, struct err *err)
{
    return err_shortages() == report->shortages || err_memory(err, "an answer's texts");
}

bool report_row(struct report *report, const struct cell *cells, struct err *err)
{
    report->rows++;
    if (report_is_full(report)) {
        report->truncated = true;
        return true;
    }
    report->kept++;
    return report_is_whole(report, err) && report_begin(report, err)
           && report_hand_over(report, cells, err);
}

bool report_end(struct report *report, struct err *err)
{
    return report_is_whole(report, err) && report_begin(report, err)
           && (!report->sink->end || report->sink->end(report, err));
}

bool report_is_full(const struct report *report)
{
    return report->limit && report->kept >= report->limit;
}

size_t report_column(const struct report *report, enum column_id id)
{
    size_t i = 0;
    while (i < report->column_count && report->columns[i].id != id)
        i++;
    return i;
}

size_t report_column_named(const struct report *report, const char *name)
{
    size_t i = 0;
    while (i < report->column_count && strcmp(report->columns[i].name, name))
        i++;
    return i;
}

void report_summary(struct report *report, const char *key, struct cell value)
{
    if (report->summary_count < sizeof report->summary / sizeof *report->summary)
        report->summary[report->summary_count++] = (struct summary_item){ key, value };
}

void report_summary_whole(struct report *report, const char *key, struct cell value)
{
    report_summary(report, key, report_is_partial(report) ? cell_null() : value);
}

const struct cell *report_summary_cell(const struct report *report, const char *key)
{
    for (size_t i = 0; i < report->summary_count; i++) {
        const struct summary_item *item = &report->summary[i];
        if (!strcmp(item->key, key))
            return item->cell.kind == CELL_NULL ? NULL : &item->cell;
    }
    return NULL;
}

void report_adopt(struct report *to, struct report *from)
{
    memcpy(to->summary, from->summary, sizeof to->summary);
    to->summary_count = from->summary_count;
    to->sentence = from->sentence;
    to->empty = from->empty;
    to->alarm = from->alarm;
    to->truncated |= from->truncated;
    arena_adopt(&to->arena, &from->arena);
}

// --- texts of cells -----------------------------------------------------------------------------

const char *report_text(struct report *report, const char *text, size_t size)
{
    return arena_copy(&report->arena, text, size);
}

// Copies a scratch text into the arena.
static const char *report_keep(struct report *report, struct text *text)
{
    const char *kept = text->failed ? NULL : report_text(report, text_string(text), text->size);
    text_fini(text);
    return kept;
}

const char *report_format(struct report *report, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_format_list(&report->arena, format, args);
    va_end(args);
    return text;
}

const char *report_foreign(struct report *report, const char *text)
{
    if (!text)
        return NULL;
    struct text escaped = TEXT_INIT;
    text_add_escaped(&escaped, text, strlen(text));
    return report_keep(report, &escaped);
}

const char *report_numbers(struct report *report, const uint64_t *numbers, size_t count)
{
    struct text list = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_add_char(&list, ',');
        text_add_number(&list, numbers[i]);
    }
    return report_keep(report, &list);
}

static struct ring_steps *report_copy_ring(struct report *report, const struct ring_steps *from)
{
    struct ring_steps *ring = arena_alloc(&report->arena, sizeof *ring);
    struct ring_step *items = arena_alloc(&report->arena, (from->count + 1) * sizeof *items);
    if (!ring || !items)
        return NULL;
    *ring = (struct ring_steps){ items, from->count };
    memcpy(items, from->items, from->count * sizeof *items);
    for (size_t i = 0; i < ring->count; i++)
        if (!(items[i].edge = arena_string(&report->arena, items[i].edge)))
            return NULL;
    return ring;
}

struct cell report_copy_cell(struct report *report, const struct cell *cell)
{
    struct cell copy = *cell;
    if (cell->kind == CELL_TEXT) {
        copy.s = report_text(report, cell->s, strlen(cell->s));
        return copy.s ? copy : cell_null();
    }
    if (cell->kind == CELL_RING || cell->kind == CELL_STEPS) {
        copy.ring = report_copy_ring(report, cell->ring);
        return copy.ring ? copy : cell_null();
    }
    return copy;
}

struct cell report_moment(struct report *report, int64_t seconds)
{
    char text[40];
    struct tm when;
    time_t time = (time_t)seconds;
    if (!seconds || !gmtime_r(&time, &when))
        return cell_null();
    size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &when);
    return cell_text(report_text(report, text, size));
}

// --- the sink that keeps rows -------------------------------------------------------------------

static bool store_row(struct report *report, const struct cell *cells, struct err *err)
{
    size_t used = report->row_count * report->column_count;
    if (!vec_grow(&report->cells, &report->row_capacity, used + report->column_count, sizeof *cells,
                  err))
        return false;
    memcpy(report->cells + used, cells, report->column_count * sizeof *cells);
    report->row_count++;
    return true;
}

const struct report_sink report_store = { .row = store_row };

// --- sorting ------------------------------------------------------------------------------------

struct report_key {
    struct cell cell;
    size_t row;
};

// A lazy cell is evaluated once, not at every comparison.
static struct cell solid(struct report *report, struct cell cell)
{
    if (cell.kind != CELL_PREVIEW && cell.kind != CELL_RING && cell.kind != CELL_STEPS)
        return cell;
    struct text text = TEXT_INIT;
    report_cell_text(report, &cell, NULL, 0, &text);
    return cell_text(report_keep(report, &text));
}

static bool comes_after(const struct report *report, const struct report_key *a,
                        const struct report_key *b, bool descending)
{
    bool a_null = a->cell.kind == CELL_NULL, b_null = b->cell.kind == CELL_NULL;
    if (a_null || b_null)
        return a_null && !b_null;
    int order = report_cell_compare(report, &a->cell, &b->cell);
    return descending ? order < 0 : order > 0;
}

// Merges the sorted runs [left, middle) and [middle, right).
static void report_merge(const struct report *report, const struct report_key *from,
                         struct report_key *to, size_t left, size_t middle, size_t right,
                         bool descending)
{
    size_t a = left, b = middle;
    for (size_t i = left; i < right; i++) {
        bool take_b =
            a == middle || (b < right && comes_after(report, &from[a], &from[b], descending));
        to[i] = from[take_b ? b++ : a++];
    }
}

// A bottom-up merge sort: stable, and no slower on rows that are already sorted. Returns whichever
// of the two arrays is sorted. Null: stopped.
static struct report_key *sort_keys(const struct report *report, struct report_key *keys,
                                    struct report_key *spare, size_t count, bool descending,
                                    const struct progress *progress)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t left = 0; left < count; left += 2 * run) {
            if (left % SORTED_BETWEEN == 0 && !progress_step(progress, "sorting", left, count))
                return NULL;
            size_t middle = left + run < count ? left + run : count;
            size_t right = middle + run < count ? middle + run : count;
            report_merge(report, keys, spare, left, middle, right, descending);
        }
        struct report_key *other = keys;
        keys = spare;
        spare = other;
    }
    return keys;
}

bool report_sort(struct report *report, size_t column, bool descending,
                 const struct progress *progress, struct err *err)
{
    size_t count = report->row_count, width = report->column_count;
    if (count < 2 || column >= width)
        return true;
    struct report_key *keys = malloc(2 * count * sizeof *keys);
    struct cell *cells = malloc(count * width * sizeof *cells);
    if (!keys || !cells) {
        free(keys);
        free(cells);
        return err_memory(err, "sorting");
    }
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct report_key){ solid(report, report->cells[i * width + column]), i };
    const struct report_key *sorted =
        sort_keys(report, keys, keys + count, count, descending, progress);
    if (!sorted) {
        free(keys);
        free(cells);
        return err_set(err, ERR_CANCELLED, "stopped while sorting");
    }
    for (size_t i = 0; i < count; i++)
        memcpy(cells + i * width, report->cells + sorted[i].row * width, width * sizeof *cells);
    free(keys);
    free(report->cells);
    report->cells = cells;
    report->row_capacity = count * width;
    return true;
}
