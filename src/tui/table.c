// SPDX-License-Identifier: GPL-3.0-or-later
// The table's contents: rows in order, cursor, filter, search. table_draw.c shows them.
#include "tui/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

enum {
    ASK_EVERY = 4096,  // rows between two looks at the progress callback
    SORTED_WIDTH = 60, // columns of a preview that its place in the order depends on
};

void table_init(struct table *table, struct session *session)
{
    *table = (struct table){ .sort = -1 };
    report_init(&table->report, session, &report_store, NULL);
}

void table_fini(struct table *table)
{
    report_fini(&table->report);
    filter_fini(&table->filter);
    text_fini(&table->sheet);
    free(table->order);
    free(table->sheet_at);
    *table = (struct table){ .sort = -1 };
}

static bool table_is_empty(const struct table *table, size_t column)
{
    const struct report *report = &table->report;
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cell = &report->cells[row * report->column_count + column];
        if (cell->kind != CELL_NULL && (cell->kind != CELL_TEXT || *cell->s)) {
            return false;
        }
    }
    return report->row_count && column > 0;
}

void table_filled(struct table *table)
{
    table->empty = 0;
    for (size_t c = 0; c < table->report.column_count && c < TABLE_COLUMNS_MAX; c++) {
        table->empty |= (unsigned)table_is_empty(table, c) << c;
    }
    table->filled = true;
    table->totalled = false;
    table->widths_for = 0;
    if (!table->order) {
        table->shown = table->report.row_count;
    }
    if (table->cursor >= table->shown) {
        table->cursor = table->shown ? table->shown - 1 : 0;
    }
}

size_t table_at(const struct table *table, size_t position)
{
    return table->order ? table->order[position] : position;
}

static const struct cell *cells_at(const struct table *table, size_t row)
{
    return table->report.cells + row * table->report.column_count;
}

const struct cell *table_row(const struct table *table)
{
    return table->cursor < table->shown ? cells_at(table, table_at(table, table->cursor)) : NULL;
}

static int table_index(const struct table *table, size_t column)
{
    return column < table->report.column_count ? (int)column : -1;
}

int table_column(const struct table *table, enum column_id id)
{
    return table_index(table, report_column(&table->report, id));
}

int table_column_named(const struct table *table, const char *name)
{
    return table_index(table, report_column_named(&table->report, name));
}

const struct cell *table_cell(const struct table *table, enum column_id id)
{
    const struct cell *row = table_row(table);
    int i = table_column(table, id);
    return row && i >= 0 ? &row[i] : NULL;
}

node table_object_of(const struct report *report, const struct cell *row)
{
    node found = NODE_NONE;
    for (size_t i = 0; i < report->column_count; i++) {
        bool named = report->columns[i].id == COL_object;
        if (row[i].kind == CELL_OBJECT && (found == NODE_NONE || named)) {
            found = row[i].n;
        }
    }
    return found;
}

bool table_object(const struct table *table, node *out)
{
    const struct cell *row = table_row(table);
    *out = row ? table_object_of(&table->report, row) : NODE_NONE;
    return *out != NODE_NONE;
}

void table_to(struct table *table, size_t position)
{
    table->cursor = position < table->shown ? position : table->shown ? table->shown - 1 : 0;
}

void table_move(struct table *table, long delta)
{
    size_t step = (size_t)(delta < 0 ? -delta : delta);
    if (delta < 0) {
        table->cursor -= step < table->cursor ? step : table->cursor;
    } else {
        table_to(table, table->cursor + step);
    }
}

// --- order --------------------------------------------------------------------------------------

struct table_sorting {
    const struct table *table;
    int column;
    bool descending;
    const struct progress *progress;
    uint64_t done, total;
    struct cell *texts; // by row: previews worked out once, not at every comparison; null: the
                        // cells as they are
    struct arena arena;
};

static const struct cell *table_key_of(const struct table_sorting *sorting, uint32_t row)
{
    return sorting->texts ? &sorting->texts[row] : cells_at(sorting->table, row) + sorting->column;
}

// False: cancelled, or out of memory.
static bool work_out_previews(struct table_sorting *sorting, const uint32_t *order, size_t count)
{
    const struct report *report = &sorting->table->report;
    if (!count || (cells_at(sorting->table, order[0]) + sorting->column)->kind != CELL_PREVIEW) {
        return true;
    }
    sorting->texts = calloc(report->row_count, sizeof *sorting->texts);
    struct text text = TEXT_INIT;
    bool going = sorting->texts != NULL;
    for (size_t i = 0; going && i < count; i++) {
        text_clear(&text);
        report_cell_text(report, cells_at(sorting->table, order[i]) + sorting->column, NULL,
                         SORTED_WIDTH, &text);
        char *kept = arena_string(&sorting->arena, text_string(&text));
        sorting->texts[order[i]] = cell_text(kept);
        going =
            kept && (i % ASK_EVERY || progress_step(sorting->progress, "reading values", i, count));
    }
    text_fini(&text);
    return going;
}

static bool comes_first(const struct table_sorting *sorting, uint32_t a, uint32_t b)
{
    const struct cell *x = table_key_of(sorting, a), *y = table_key_of(sorting, b);
    if (x->kind == CELL_NULL || y->kind == CELL_NULL) { // unknown stays last, either way round
        return y->kind == CELL_NULL || x->kind != CELL_NULL;
    }
    int order = report_cell_compare(&sorting->table->report, x, y);
    return sorting->descending ? order >= 0 : order <= 0;
}

static bool table_merge(struct table_sorting *sorting, const uint32_t *from, uint32_t *to,
                        size_t low, size_t middle, size_t high)
{
    for (size_t i = low, j = middle, k = low; k < high; k++) {
        bool left = i < middle && (j >= high || comes_first(sorting, from[i], from[j]));
        to[k] = left ? from[i++] : from[j++];
        if (++sorting->done % ASK_EVERY == 0
            && !progress_step(sorting->progress, "sorting", sorting->done, sorting->total)) {
            return false;
        }
    }
    return true;
}

// Stable, bottom up. The result is in a or in b: returned; null when cancelled.
static uint32_t *merge_sort(struct table_sorting *sorting, uint32_t *a, uint32_t *b, size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        sorting->total += count;
    }
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width) {
            size_t middle = low + width < count ? low + width : count,
                   high = low + 2 * width < count ? low + 2 * width : count;
            if (!table_merge(sorting, a, b, low, middle, high)) {
                return NULL;
            }
        }
        uint32_t *other = a;
        a = b;
        b = other;
    }
    return a;
}

// The rows that a filter lets through, in the report's order. False: out of memory or cancelled.
static bool rows_that_hold(const struct table *table, const struct filter *filter, uint32_t **out,
                           size_t *count, const struct progress *progress, struct err *err)
{
    size_t rows = table->report.row_count;
    uint32_t *order = malloc((rows ? rows : 1) * sizeof *order);
    if (!order) {
        return err_memory(err, "the order of rows");
    }
    struct text scratch = TEXT_INIT;
    size_t found = 0;
    bool going = true;
    for (size_t row = 0; row < rows && going; row++) {
        if (!filter->count
            || filter_holds(filter, &table->report, cells_at(table, row), &scratch)) {
            order[found++] = (uint32_t)row;
        }
        going =
            row % ASK_EVERY || !filter->count || progress_step(progress, "filtering", row, rows);
    }
    text_fini(&scratch);
    if (!going) {
        free(order);
        return err_set(err, ERR_CANCELLED, "cancelled: the rows are as they were");
    }
    *out = order;
    *count = found;
    return true;
}

// Builds a new order and takes it only when it is whole.
static bool arrange(struct table *table, const struct filter *filter, int column, bool descending,
                    const struct progress *progress, struct err *err)
{
    if (!filter->count && column < 0) {
        free(table->order);
        table->order = NULL;
        table->shown = table->report.row_count;
        return true;
    }
    uint32_t *order = NULL;
    size_t count = 0;
    if (!rows_that_hold(table, filter, &order, &count, progress, err)) {
        return false;
    }
    if (column >= 0 && count > 1) {
        uint32_t *other = malloc(count * sizeof *other);
        struct table_sorting sorting = {
            table, column, descending, progress, 0, 0, NULL, ARENA_INIT
        };
        bool ready = other && work_out_previews(&sorting, order, count);
        uint32_t *sorted = ready ? merge_sort(&sorting, order, other, count) : NULL;
        free(sorting.texts);
        arena_fini(&sorting.arena);
        if (!sorted) {
            bool memory = !other;
            free(order);
            free(other);
            return memory ? err_memory(err, "sorting")
                          : err_set(err, ERR_CANCELLED, "cancelled: the rows are as they were");
        }
        free(sorted == order ? other : order);
        order = sorted;
    }
    free(table->order);
    table->order = order;
    table->shown = count;
    return true;
}

// After a new order the cursor stays on its row where that is still shown, otherwise goes to the
// top.
static void find_again(struct table *table, size_t row)
{
    table->cursor = 0;
    for (size_t i = 0; i < table->shown; i++) {
        if (table_at(table, i) == row) {
            table->cursor = i;
            break;
        }
    }
}

bool table_sort(struct table *table, int column, bool descending, const struct progress *progress,
                struct err *err)
{
    if (column >= (int)table->report.column_count) {
        return err_set(err, ERR_USAGE, "sort: there is no such column");
    }
    if (!arrange(table, &table->filter, column, descending, progress, err)) {
        return false;
    }
    table->sort = column;
    table->descending = descending;
    table->cursor = table->top = 0;
    return true;
}

bool table_filter(struct table *table, const char *line, const struct progress *progress,
                  struct err *err)
{
    struct filter filter = { 0 };
    size_t row = table->cursor < table->shown ? table_at(table, table->cursor) : 0;
    if (line && *line
        && !filter_parse(&filter, line, table->report.columns, table->report.column_count,
                         table->sort, err)) {
        return false;
    }
    if (!arrange(table, &filter, table->sort, table->descending, progress, err)) {
        filter_fini(&filter);
        return false;
    }
    filter_fini(&table->filter);
    table->filter = filter;
    find_again(table, row);
    return true;
}

size_t table_hidden(const struct table *table)
{
    return table->report.row_count - table->shown;
}

bool table_search(struct table *table, const char *pattern, bool backward, bool *wrapped,
                  const struct progress *progress, struct err *err)
{
    struct filter filter = { .count = 1, .terms = { { .op = FILTER_LIKE, .column = -1 } } };
    *wrapped = false;
    if (!filter_regex(&filter.terms[0].regex, pattern, err)) {
        return false;
    }
    struct text scratch = TEXT_INIT;
    bool found = false, going = true;
    size_t at = table->cursor;
    for (size_t step = 0; step < table->shown && !found && going; step++) {
        bool edge = backward ? at == 0 : at + 1 >= table->shown;
        at = edge ? (backward ? table->shown - 1 : 0) : backward ? at - 1 : at + 1;
        *wrapped |= edge;
        found =
            filter_holds(&filter, &table->report, cells_at(table, table_at(table, at)), &scratch);
        going = step % ASK_EVERY || progress_step(progress, "searching", step, table->shown);
    }
    filter_fini(&filter);
    text_fini(&scratch);
    if (found) {
        table->cursor = at;
        return true;
    }
    return going ? err_set(err, ERR_NOT_FOUND, "%s: not found", pattern)
                 : err_set(err, ERR_CANCELLED, "search cancelled");
}
