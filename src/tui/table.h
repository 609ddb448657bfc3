// SPDX-License-Identifier: GPL-3.0-or-later
// A report on screen: the one widget of every view. Cursor, scrolling, order, filter, search;
// formats only the rows it shows.
//
//      report rows:   0 1 2 3 4 5 6 7 ...          (never moved)
//      order:         5 0 7 2 ...                  (null: all rows as they came)
//      on screen:       [0 7 2]                    top .. top + page
//
// Does not know: commands, keys. The code that fills the report decides what a row means.
//
// Owns: the report, the order. Cost: a screen of rows to draw; sorting goes over all rows and asks
// `progress`, and leaves the table as it was when it is cancelled. A filter shows the first rows at
// once, and the rest as table_sift() finds them.
#ifndef OURO_TUI_TABLE_H
#define OURO_TUI_TABLE_H

#include "base/progress.h"
#include "cmd/report/report.h"
#include "tui/filter.h"
#include "tui/outline.h"
#include "tui/sweep.h"
#include "tui/term.h"

#define TABLE_COLUMNS_MAX 32

struct area {
    int row, column, rows, columns;
};

struct table {
    struct report report;
    bool filled; // the report is there
    uint32_t *order;
    size_t shown;       // rows in order, or all
    size_t cursor, top; // positions in order
    size_t left;        // columns scrolled away, the first one stays
    int sort;           // column; -1: as they came
    bool descending;
    struct filter filter;
    struct sweep sweep;     // of the rows, for the filter; its board: which rows are shown
    size_t sifted;          // rows that it has looked at
    size_t kept_row;        // where the cursor was, to stand there again when it is met
    struct text scratch;    // a cell's text
    struct outline outline; // rows below rows; empty: none. Sorted and filtered rows stand alone
    // How it was drawn last, for paging and the mouse.
    struct area area;
    size_t page;
    int widths[TABLE_COLUMNS_MAX], natural[TABLE_COLUMNS_MAX], starts[TABLE_COLUMNS_MAX];
    int widths_for; // the columns that widths fit
    double totals[TABLE_COLUMNS_MAX];
    bool totalled;
    struct text sheet; // the visible cells' texts
    size_t *sheet_at;
    size_t sheet_capacity;
    // Draws a row of its own kind; null: columns.
    void (*draw_row)(const struct table *table, size_t row, struct area line);
    bool no_heading;
    const enum column_id *spare; // columns that go first where the line is short, in that order,
                                 // up to COL_NONE; null: as the columns themselves say
    unsigned hidden;             // bits of the columns that went
    unsigned empty;              // bits of the columns in which no row has a value
};

struct table_look {
    bool focused;
    const char *title; // before the heading's names, for panes; null: none
    // The letter in front of a row; 0: none. May be null.
    char (*gutter)(void *context, const struct report *report, const struct cell *row);
    void *context;
    const char *search; // matches of this are marked; null, or empty: none are
};

void table_init(struct table *table, struct session *session);
void table_fini(struct table *table);
// Call after the report was filled (again): keeps the cursor where that is still a row.
void table_filled(struct table *table);

void table_draw(struct table *table, struct area area, const struct table_look *look);

void table_move(struct table *table, long delta);
void table_to(struct table *table, size_t position);
// The report's row at a position of the order.
size_t table_at(const struct table *table, size_t position);
// The cells of a row of the report, and those under the cursor; null when there is no row.
const struct cell *table_cells(const struct table *table, size_t row);
const struct cell *table_row(const struct table *table);
// A cell of the cursor's row; null: none.
const struct cell *table_cell(const struct table *table, enum column_id id);
int table_column(const struct table *table, enum column_id id); // -1: none
int table_column_named(const struct table *table, const char *name);
// The first object in the cursor's row, the one called `object` before others.
bool table_object(const struct table *table, node *out);
node table_object_of(const struct report *report, const struct cell *row);

bool table_sort(struct table *table, int column, bool descending, const struct progress *progress,
                struct err *err);
// A null line shows all rows again. Where the rows have an order, all are looked at before it
// returns; otherwise table_is_sifting() tells that there is more to do.
bool table_filter(struct table *table, const char *line, const struct progress *progress,
                  struct err *err);
size_t table_hidden(const struct table *table);
bool table_is_sifting(const struct table *table);
void table_sift(struct table *table); // for some hundredths of a second
// Looks at the rest. False: cancelled; what was found stays.
bool table_complete(struct table *table, const struct progress *progress, struct err *err);
// All rows as they came; and the filter and the order that the table had, over new rows.
void table_drop_order(struct table *table);
// Whether rows are folded below others just now; and what to do with the one under the cursor:
// "toggle", "unfold", "fold". all: what is below it, too.
bool table_is_outline(const struct table *table);
bool table_fold(struct table *table, const char *verb, bool all, struct err *err);
bool table_rearrange(struct table *table, const struct progress *progress, struct err *err);
// Moves the cursor to the next row (backward: the one before) with a match, around the end. False
// with a sentence: none.
bool table_search(struct table *table, const char *pattern, bool backward, bool *wrapped,
                  const struct progress *progress, struct err *err);

// What is at a place of the screen: the position of a row, or with *column the heading of a column.
// False: nothing.
bool table_hit(const struct table *table, int row, int column, size_t *position, int *heading);

// How a cell is drawn.
enum style table_style(const struct column *column, const struct cell *cell);

#endif
