// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing a table: the visible rows are formatted once, their widths decide the layout, then
// everything is put.
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "base/width.h"
#include "cmd/report/fit.h"
#include "tui/table.h"

enum {
    GUTTER = 2,         // a mark's letter and a blank
    FOLDS = 2,          // the signs of an outline
    LONGEST_CELL = 240, // columns of a cell's text that are formatted
};

struct marking { // what the last search looked for
    bool searches;
    struct pattern pattern;
};

static int gutter(const struct table *table)
{
    return GUTTER + (table->outline.count ? FOLDS : 0);
}

static bool is_visible(const struct table *table, size_t column)
{
    return !(table->report.columns[column].flags & COLUMN_JSON_ONLY)
           && !((table->hidden | table->empty) >> column & 1)
           && (column == 0 || column > table->left);
}

// --- texts --------------------------------------------------------------------------------------

// Formats rows first .. last into the sheet. False: out of memory, nothing can be drawn.
static bool fill_sheet(struct table *table, size_t first, size_t last)
{
    const struct report *report = &table->report;
    size_t columns = report->column_count;
    text_clear(&table->sheet);
    if (!vec_grow(&table->sheet_at, &table->sheet_capacity, (last - first + 1) * columns + 1,
                  sizeof *table->sheet_at, NULL)) {
        return false;
    }
    for (size_t position = first; position < last; position++) {
        const struct cell *row = report->cells + table_at(table, position) * columns;
        for (size_t c = 0; c < columns; c++) {
            table->sheet_at[(position - first) * columns + c] = table->sheet.size;
            if (is_visible(table, c)) {
                report_cell_text(report, &row[c], &report->columns[c], LONGEST_CELL, &table->sheet);
            }
            text_add_char(&table->sheet, 0);
        }
    }
    return text_ok(&table->sheet, NULL);
}

static const char *sheet_text(const struct table *table, size_t row, size_t column)
{
    return table->sheet.data + table->sheet_at[row * table->report.column_count + column];
}

// --- layout -------------------------------------------------------------------------------------

static int bar_width(const struct table *table, size_t column, int line)
{
    return table->report.columns[column].flags & COLUMN_BAR ? line >= 110 ? 13 : 9 : 0;
}

// The column that the rows are sorted by: the user's choice, else the command's. -1: none.
static int sorted_column(const struct table *table, bool *descending)
{
    const char *name = table->report.sorted_by;
    bool own = table->sort < 0;
    if (descending) {
        *descending = own ? table->report.sorted_down : table->descending;
    }
    return !own ? table->sort : name ? table_column_named(table, name) : -1;
}

// How many signs follow a column's name: rows are sorted by it, the filter uses it.
static int heading_marks(const struct table *table, size_t column)
{
    return (sorted_column(table, NULL) == (int)column) + filter_names(&table->filter, (int)column);
}

static int natural_width(const struct table *table, size_t column, size_t rows)
{
    const char *name = table->report.columns[column].name;
    int widest = (int)strlen(name) + heading_marks(table, column);
    for (size_t row = 0; row < rows; row++) {
        const char *text = sheet_text(table, row, column);
        int width = (int)width_of(text, strlen(text));
        widest = width > widest ? width : widest;
    }
    return widest;
}

// Fits the columns; a person who scrolls sideways sees all of them.
static int fit(struct table *table, int line)
{
    struct fit_column columns[TABLE_COLUMNS_MAX];
    struct fit fit = { .columns = columns,
                       .count = table->report.column_count,
                       .line = line,
                       .margin = gutter(table),
                       .spare = table->spare,
                       .keeps_all = table->left > 0 };
    for (size_t c = 0; c < fit.count; c++)
        columns[c] = (struct fit_column){ .what = &table->report.columns[c],
                                          .natural = table->natural[c],
                                          .beside = bar_width(table, c, line),
                                          .shown = is_visible(table, c) };
    int gap = fit_columns(&fit);
    for (size_t c = 0; c < fit.count; c++) {
        if (is_visible(table, c) && !columns[c].shown)
            table->hidden |= 1u << c;
        table->widths[c] = columns[c].width;
    }
    return gap;
}

// While a person scrolls, widths only grow, so that columns do not jump; a new size starts over.
static int lay_out(struct table *table, size_t rows, int line)
{
    bool fresh = table->widths_for != line;
    table->widths_for = line;
    for (size_t c = 0; c < table->report.column_count; c++) {
        int natural = is_visible(table, c) ? natural_width(table, c, rows) : 0;
        table->natural[c] = fresh || natural > table->natural[c] || !is_visible(table, c)
                                ? natural
                                : table->natural[c];
    }
    return fit(table, line);
}

static void table_draw_place(struct table *table, struct area area, int gap)
{
    int at = area.column + gutter(table);
    for (size_t c = 0; c < table->report.column_count; c++) {
        table->starts[c] = -1;
        if (is_visible(table, c)) {
            table->starts[c] = at;
            at += table->widths[c] + bar_width(table, c, area.columns) + gap;
        }
    }
}

// --- putting ------------------------------------------------------------------------------------

enum style table_style(const struct column *column, const struct cell *cell)
{
    static const enum style of_look[] = {
        [LOOK_PLAIN] = STYLE_PLAIN, [LOOK_EDGE] = STYLE_EDGE, [LOOK_BAD] = STYLE_BAD,
        [LOOK_WARN] = STYLE_WARN,   [LOOK_DIM] = STYLE_DIM,   [LOOK_KEY] = STYLE_KEY,
        [LOOK_MARK] = STYLE_MARK,   [LOOK_TEXT] = STYLE_TEXT,
    };
    switch (cell->kind) {
    case CELL_NULL:
        return STYLE_DIM;
    case CELL_OBJECT:
    case CELL_ADDR:
        return STYLE_OBJECT;
    case CELL_TYPE:
    case CELL_TYPE_OF:
        return STYLE_TYPE;
    case CELL_PREVIEW:
        return STYLE_TEXT;
    case CELL_TEXT:
    case CELL_RING:
        return of_look[column_look(column)];
    default:
        return STYLE_NUMBER;
    }
}

static void add_totals(struct table *table)
{
    const struct report *report = &table->report;
    memset(table->totals, 0, sizeof table->totals);
    for (size_t c = 0; c < report->column_count; c++) {
        if (!(report->columns[c].flags & COLUMN_BAR)) {
            continue;
        }
        double number;
        for (size_t row = 0; row < report->row_count; row++) {
            if (filter_number(&report->cells[row * report->column_count + c], &number)) {
                table->totals[c] += number;
            }
        }
    }
    table->totalled = true;
}

static void table_draw_put_cell(const struct table *table, const struct cell *cell, size_t column,
                                const char *text, int row, struct area area)
{
    const struct column *what = &table->report.columns[column];
    int start = table->starts[column], width = table->widths[column],
        end = area.column + area.columns;
    if (start < 0 || start >= end) {
        return;
    }
    int room = start + width > end ? end - start : width;
    int taken = (int)width_of(text, strlen(text));
    int indent = what->flags & COLUMN_RIGHT && taken < room ? room - taken : 0;
    term_put(row, start + indent, room - indent, table_style(what, cell), text);
    int bar = bar_width(table, column, area.columns);
    double number;
    if (bar && table->totals[column] > 0 && filter_number(cell, &number)
        && start + width + bar <= end) {
        term_bar(row, start + width + 1, bar - 1, number / table->totals[column], STYLE_BAR);
    }
}

static void put_heading(const struct table *table, struct area area, const struct table_look *look)
{
    term_fill(area.row, area.column, area.columns, STYLE_HEADING);
    int end = area.column + area.columns;
    bool more = false;
    for (size_t c = 0; c < table->report.column_count; c++) {
        int start = table->starts[c];
        if (start < 0 || start >= end) {
            more |= start >= end || table->hidden >> c & 1;
            continue;
        }
        const struct column *column = &table->report.columns[c];
        int room = start + table->widths[c] > end ? end - start : table->widths[c];
        bool descending = false, sorted = sorted_column(table, &descending) == (int)c;
        int taken = (int)strlen(column->name) + heading_marks(table, c);
        int indent = column->flags & COLUMN_RIGHT && taken < room ? room - taken : 0;
        enum style style = look->focused ? STYLE_HEADING : STYLE_DIM;
        int used = term_put(area.row, start + indent, room - indent, style, column->name);
        if (sorted && used + indent < room) {
            used += term_put(area.row, start + indent + used, 1, STYLE_WARN,
                             term_glyph(descending ? GLYPH_SORT_DOWN : GLYPH_SORT_UP));
        }
        if (filter_names(&table->filter, (int)c) && used + indent < room) {
            term_put(area.row, start + indent + used, 1, STYLE_WARN, "~");
        }
    }
    if (more) {
        term_put(area.row, end - 1, 1, STYLE_KEY, term_glyph(GLYPH_ARROW_RIGHT));
    }
    if (table->left) {
        term_put(area.row, area.column, 1, STYLE_KEY, term_glyph(GLYPH_ARROW_LEFT));
    }
}

// Highlights the matches in a cell's text, as far as they are on screen.
static void mark_matches(const struct table *table, const regex_t *regex, size_t line,
                         size_t column, int row, struct area area)
{
    const struct column *what = &table->report.columns[column];
    const char *text = sheet_text(table, line, column);
    int start = table->starts[column], width = table->widths[column],
        end = area.column + area.columns;
    int taken = (int)width_of(text, strlen(text));
    if (start < 0 || start >= end) {
        return;
    }
    end = start + width < end ? start + width : end;
    start += what->flags & COLUMN_RIGHT && taken < width ? width - taken : 0;
    regmatch_t match;
    for (const char *at = text;
         *at && !regexec(regex, at, 1, &match, at == text ? 0 : REG_NOTBOL);) {
        const char *from = at + match.rm_so;
        size_t size = (size_t)(match.rm_eo - match.rm_so);
        int column_of = start + (int)width_of(text, (size_t)(from - text)),
            columns = (int)width_of(from, size);
        if (column_of >= end) {
            return;
        }
        columns = column_of + columns > end ? end - column_of : columns;
        if (columns > 0) {
            term_restyle(row, column_of, columns, STYLE_MATCH);
        }
        at = from + (size ? size : 1);
        if (!size && !from[0]) {
            return;
        }
    }
}

static void mark_row(const struct table *table, const struct marking *marking, size_t line, int row,
                     struct area area)
{
    const struct filter *filter = &table->filter;
    for (size_t c = 0; c < table->report.column_count; c++) {
        if (!is_visible(table, c) || table->draw_row) {
            continue;
        }
        if (marking->searches) {
            mark_matches(table, &marking->pattern.regex, line, c, row, area);
        }
        for (size_t i = 0; i < filter->count; i++) {
            const struct filter_term *term = &filter->terms[i];
            if (term->op == FILTER_LIKE && !term->negated
                && (term->column < 0 || term->column == (int)c)) {
                mark_matches(table, &term->pattern.regex, line, c, row, area);
            }
        }
    }
}

// Shows whether there are rows below this one: folded, unfolded, or none.
static void put_fold(const struct table *table, size_t report_row, int row, int column)
{
    static const enum glyph signs[] = { GLYPH_LEAF, GLYPH_CLOSED, GLYPH_OPEN };
    if (!table_is_outline(table)) {
        return;
    }
    size_t line = outline_find(&table->outline, report_row);
    uint32_t depth = line < table->outline.count ? table->outline.lines[line].depth : 0;
    enum outline_sign sign =
        line < table->outline.count ? outline_sign(&table->outline, line) : OUTLINE_LEAF;
    if (sign != OUTLINE_LEAF || depth) {
        term_put(row, column + (depth > 0), 1, STYLE_KEY, term_glyph(signs[sign]));
    }
}

static void put_row(const struct table *table, size_t line, size_t position, struct area area,
                    const struct table_look *look, const struct marking *marking)
{
    size_t at = table_at(table, position);
    const struct cell *cells = table->report.cells + at * table->report.column_count;
    int row = area.row + (int)line;
    if (table->draw_row) {
        table->draw_row(
            table, at,
            (struct area){ row, area.column + gutter(table), 1, area.columns - gutter(table) });
    } else {
        for (size_t c = 0; c < table->report.column_count; c++) {
            if (is_visible(table, c)) {
                table_draw_put_cell(table, &cells[c], c, sheet_text(table, line, c), row, area);
            }
        }
    }
    char letter[2] = { look->gutter ? look->gutter(look->context, &table->report, cells) : 0, 0 };
    if (letter[0]) {
        term_put(row, area.column, 1, STYLE_MARK, letter);
    }
    put_fold(table, at, row, area.column + 1);
    if (position == table->cursor) {
        term_restyle(row, area.column, area.columns, look->focused ? STYLE_CURSOR : STYLE_SHADE);
    }
    mark_row(table, marking, line, row, area);
}

// Explains why there are no rows, over as many lines as needed.
static void put_empty(const struct table *table, struct area area)
{
    const char *why = table_is_sifting(table)   ? "no rows so far ..."
                      : table->report.row_count ? "the filter hides all rows; Esc shows them again"
                      : !table->filled          ? "loading ..."
                      : table->report.empty     ? table->report.empty
                                                : "no rows";
    for (int row = 0; row < area.rows && *why; row++) {
        size_t room = area.columns > gutter(table) ? (size_t)(area.columns - gutter(table)) : 1,
               whole = strlen(why);
        size_t size = width_fit(why, whole, room), cut = size;
        while (size < whole && cut > 1 && why[cut] != ' ') { // breaks at a blank
            cut--;
        }
        cut = size < whole && cut > 1 ? cut : size;
        char line[512];
        size_t length = cut < sizeof line - 1 ? cut : sizeof line - 1;
        memcpy(line, why, length);
        line[length] = 0;
        term_put(area.row + row, area.column + gutter(table), area.columns - gutter(table),
                 STYLE_DIM, line);
        why += cut ? cut : 1;
        why += *why == ' ';
    }
}

static void scroll_to_cursor(struct table *table, size_t page)
{
    size_t last = table->shown > page ? table->shown - page : 0;
    if (table->cursor < table->top) {
        table->top = table->cursor;
    } else if (page && table->cursor >= table->top + page) {
        table->top = table->cursor - page + 1;
    }
    if (table->top > last) {
        table->top = last;
    }
}

static void put_filter(const struct table *table, struct area area)
{
    struct text line = TEXT_INIT;
    text_add_format(&line, "filter %s: ", table->filter.line);
    if (table_is_sifting(table)) {
        text_add_count(&line, table->shown);
        text_add_format(&line, " found in %zu %% of the rows; Esc stops",
                        table->sifted * 100 / table->report.row_count);
    } else {
        text_add_count(&line, table_hidden(table));
        text_add_string(&line, " of ");
        text_add_count(&line, table->report.row_count);
        text_add_string(&line, " rows hidden; Esc shows all");
    }
    term_put(area.row, area.column + gutter(table), area.columns - gutter(table), STYLE_WARN,
             text_string(&line));
    text_fini(&line);
}

void table_draw(struct table *table, struct area area, const struct table_look *look)
{
    if (area.rows <= 0 || area.columns <= gutter(table)) {
        return;
    }
    if (table->filter.line) {
        area.rows--;
        put_filter(table, (struct area){ area.row + area.rows, area.column, 1, area.columns });
    }
    bool heading = !table->no_heading && table->report.columns;
    struct area body = { area.row + heading, area.column, area.rows - heading, area.columns };
    table->area = body;
    table->page = body.rows > 0 ? (size_t)body.rows : 0;
    if (!table->totalled && table->filled) {
        add_totals(table);
    }
    scroll_to_cursor(table, table->page);
    table->hidden = 0;
    size_t last = table->top + table->page < table->shown ? table->top + table->page : table->shown;
    if (!table->report.columns || !fill_sheet(table, table->top, last)) {
        put_empty(table, body);
        return;
    }
    int gap = lay_out(table, last - table->top, area.columns);
    table_draw_place(table, area, gap);
    if (heading) {
        put_heading(table, (struct area){ area.row, area.column, 1, area.columns }, look);
    }
    if (table->top == last) {
        put_empty(table, body);
    }
    struct marking marking = { 0 };
    marking.searches =
        look->search && *look->search && pattern_init(&marking.pattern, look->search, NULL);
    for (size_t position = table->top; position < last; position++) {
        put_row(table, position - table->top, position, body, look, &marking);
    }
    if (marking.searches) {
        pattern_fini(&marking.pattern);
    }
}

bool table_hit(const struct table *table, int row, int column, size_t *position, int *heading)
{
    *heading = -1;
    if (column < table->area.column || column >= table->area.column + table->area.columns) {
        return false;
    }
    if (row == table->area.row - 1 && !table->no_heading) {
        for (size_t c = 0; c < table->report.column_count; c++) {
            if (table->starts[c] >= 0 && column >= table->starts[c]
                && column < table->starts[c] + table->widths[c]
                                + bar_width(table, c, table->area.columns)) {
                *heading = (int)c;
                return true;
            }
        }
        return false;
    }
    if (row < table->area.row || row >= table->area.row + (int)table->page) {
        return false;
    }
    *position = table->top + (size_t)(row - table->area.row);
    return *position < table->shown;
}
