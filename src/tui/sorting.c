// SPDX-License-Identifier: GPL-3.0-or-later
// Sorting a table's rows: see sorting.h. A merge sort, bottom up.
#include "tui/sorting.h"

#include <stdlib.h>
#include <string.h>

enum {
    ASK_EVERY = 4096,  // rows between two looks at the progress callback
    SORTED_WIDTH = 60, // columns of a preview that are compared
};

enum sorting_class { // keys are compared within one of the first two
    SORTING_NUMBER,
    SORTING_TEXT,
    SORTING_OTHER,
    SORTING_NULL,
};

struct sorting_item {
    uint64_t key;
    uint32_t row;
    uint32_t class;
};

struct sorting {
    const struct table *table;
    int column;
    bool descending;
    const struct progress *progress;
    uint64_t done, total;
    struct cell *texts; // by row: previews worked out once, not at every comparison; null: the
                        // cells as they are
    struct arena arena;
    bool starved; // out of memory for the previews
};

bool sorting_cancelled(struct err *err)
{
    return err_set(err, ERR_CANCELLED, "cancelled: the rows are as they were");
}

static const struct cell *sorting_cell(const struct sorting *sorting, uint32_t row)
{
    return sorting->texts ? &sorting->texts[row]
                          : table_cells(sorting->table, row) + sorting->column;
}

// Computes the previews. False: cancelled, or out of memory.
static bool work_out_previews(struct sorting *sorting, const uint32_t *rows, size_t count)
{
    const struct report *report = &sorting->table->report;
    if (!count || (table_cells(sorting->table, rows[0]) + sorting->column)->kind != CELL_PREVIEW) {
        return true;
    }
    sorting->texts = calloc(report->row_count, sizeof *sorting->texts);
    struct text text = TEXT_INIT;
    bool going = sorting->texts != NULL;
    sorting->starved = !going;
    for (size_t i = 0; going && i < count; i++) {
        text_clear(&text);
        report_cell_text(report, table_cells(sorting->table, rows[i]) + sorting->column, NULL,
                         SORTED_WIDTH, &text);
        char *kept = arena_string(&sorting->arena, text_string(&text));
        sorting->texts[rows[i]] = cell_text(kept);
        sorting->starved = !kept;
        going =
            kept && (i % ASK_EVERY || progress_step(sorting->progress, "reading values", i, count));
    }
    text_fini(&text);
    return going;
}

// --- keys ---------------------------------------------------------------------------------------

// The one kind that the column's cells have whose numbers compare as they are, or CELL_NULL.
static uint8_t sorting_exact_kind(const struct sorting *sorting, const uint32_t *rows, size_t count)
{
    uint8_t kind = CELL_NULL;
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = sorting_cell(sorting, rows[i]);
        if (cell->kind == CELL_NULL || cell->kind == kind)
            continue;
        bool exact =
            cell->kind == CELL_COUNT || cell->kind == CELL_BYTES || cell->kind == CELL_ADDR;
        if (kind != CELL_NULL || !exact)
            return CELL_NULL;
        kind = cell->kind;
    }
    return kind;
}

// The first bytes as strcmp() compares them.
static uint64_t sorting_prefix(const char *text)
{
    uint64_t prefix = 0;
    size_t i = 0;
    for (; i < 8 && text[i]; i++)
        prefix = prefix << 8 | (uint8_t)text[i];
    return i ? prefix << 8 * (8 - i) : 0;
}

static struct sorting_item sorting_item(const struct sorting *sorting, uint32_t row, uint8_t exact)
{
    const struct cell *cell = sorting_cell(sorting, row);
    if (cell->kind == CELL_NULL)
        return (struct sorting_item){ 0, row, SORTING_NULL };
    if (sorting->texts)
        return (struct sorting_item){ sorting_prefix(cell->s), row, SORTING_TEXT };
    if (cell->kind == exact)
        return (struct sorting_item){ cell->u, row, SORTING_NUMBER };
    return (struct sorting_item){ 0, row, SORTING_OTHER };
}

// --- merging ------------------------------------------------------------------------------------

static int sorting_compare(const struct sorting *sorting, const struct sorting_item *a,
                           const struct sorting_item *b)
{
    if (a->class == b->class && a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->class == b->class && a->class == SORTING_NUMBER)
        return 0;
    return report_cell_compare(&sorting->table->report, sorting_cell(sorting, a->row),
                               sorting_cell(sorting, b->row));
}

static bool comes_first(const struct sorting *sorting, const struct sorting_item *a,
                        const struct sorting_item *b)
{
    if (a->class == SORTING_NULL || b->class == SORTING_NULL) // unknown is last, in both directions
        return b->class == SORTING_NULL || a->class != SORTING_NULL;
    int order = sorting_compare(sorting, a, b);
    return sorting->descending ? order >= 0 : order <= 0;
}

static bool sorting_merge(struct sorting *sorting, const struct sorting_item *from,
                          struct sorting_item *to, size_t low, size_t middle, size_t high)
{
    for (size_t i = low, j = middle, k = low; k < high; k++) {
        bool left = i < middle && (j >= high || comes_first(sorting, &from[i], &from[j]));
        to[k] = left ? from[i++] : from[j++];
        if (++sorting->done % ASK_EVERY == 0
            && !progress_step(sorting->progress, "sorting", sorting->done, sorting->total)) {
            return false;
        }
    }
    return true;
}

// Stable, bottom up. Returns a or b, whichever has the result; null if cancelled.
static struct sorting_item *merge_sort(struct sorting *sorting, struct sorting_item *a,
                                       struct sorting_item *b, size_t count)
{
    for (size_t width = 1; width < count; width *= 2)
        sorting->total += count;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width) {
            size_t middle = low + width < count ? low + width : count,
                   high = low + 2 * width < count ? low + 2 * width : count;
            if (!sorting_merge(sorting, a, b, low, middle, high))
                return NULL;
        }
        struct sorting_item *other = a;
        a = b;
        b = other;
    }
    return a;
}

static bool sorting_all(struct sorting *sorting, uint32_t *rows, size_t count, struct err *err)
{
    struct sorting_item *items = malloc((2 * count + 1) * sizeof *items);
    if (!items)
        return err_memory(err, "sorting");
    uint8_t exact = sorting->texts ? CELL_NULL : sorting_exact_kind(sorting, rows, count);
    for (size_t i = 0; i < count; i++)
        items[i] = sorting_item(sorting, rows[i], exact);
    const struct sorting_item *sorted = merge_sort(sorting, items, items + count, count);
    for (size_t i = 0; sorted && i < count; i++)
        rows[i] = sorted[i].row;
    free(items);
    return sorted || sorting_cancelled(err);
}

bool sorting_run(const struct table *table, int column, bool descending, uint32_t *rows,
                 size_t count, const struct progress *progress, struct err *err)
{
    struct sorting sorting = { .table = table,
                               .column = column,
                               .descending = descending,
                               .progress = progress,
                               .arena = ARENA_INIT };
    bool ok = work_out_previews(&sorting, rows, count);
    if (!ok && sorting.starved)
        err_memory(err, "sorting");
    else if (!ok)
        sorting_cancelled(err);
    ok = ok && sorting_all(&sorting, rows, count, err);
    free(sorting.texts);
    arena_fini(&sorting.arena);
    return ok;
}
