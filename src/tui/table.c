// SPDX-License-Identifier: GPL-3.0-or-later
// The table's contents: rows and the cursor. table_order.c sorts and filters them, table_draw.c shows
// them.
#include "tui/table.h"

#include <stdlib.h>
#include <string.h>

void table_init(struct table *table, struct session *session)
{
    *table = (struct table){ .sort = -1 };
    report_init(&table->report, session, &report_store, NULL);
}

void table_fini(struct table *table)
{
    table_drop_order(table);
    report_fini(&table->report);
    filter_fini(&table->filter);
    outline_fini(&table->outline);
    text_fini(&table->sheet);
    text_fini(&table->scratch);
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

const struct cell *table_cells(const struct table *table, size_t row)
{
    return table->report.cells + row * table->report.column_count;
}

const struct cell *table_row(const struct table *table)
{
    return table->cursor < table->shown ? table_cells(table, table_at(table, table->cursor)) : NULL;
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
