// SPDX-License-Identifier: GPL-3.0-or-later
// The pane under a table: the current line in full, wrapped. Sentences come first, each on its own
// lines; then the other columns, name and value, as many per line as fit.
//
//      high     5.0 MiB shop.events.REPORTS: 4 closures shop.events.make_report.<l…
//      ──────────────────────────────────────────────────────────────────────────── z
//      what   shop.events.REPORTS: 4 closures shop.events.make_report.<locals>.report keep
//             5.0 MiB alive through `table`, `picture`, variables of the function around them
//      kind closure  objects 4  next path 0x7f6931f2bbc0
#include <string.h>

#include "base/width.h"
#include "tui/state.h"
#include "tui/view.h"

enum {
    LEAST_ROOM = 14, // a shorter view has no pane
    FEW = 4,         // lines of a pane without sentences, including its rule
    LEAST_SENTENCES = 9,
    MOST = 14,
    MARGIN = 2,
    INDENT = 7,
    LONGEST = 4000, // columns of a value
};

struct detail {
    struct area area; // the inside of the pane
    int row, column;  // where the next word goes
    bool full;        // there was no room for everything
};

static bool detail_has_sentences(const struct report *report)
{
    for (size_t i = 0; i < report->column_count; i++)
        if (report->columns[i].flags & COLUMN_PROSE)
            return true;
    return false;
}

int detail_rows(const struct tui *tui, const struct table *table, int rows)
{
    if (tui->no_detail || !table->shown || rows < LEAST_ROOM)
        return 0;
    bool sentences = detail_has_sentences(&table->report);
    int least = !sentences ? FEW : rows / 3 > LEAST_SENTENCES ? rows / 3 : LEAST_SENTENCES;
    size_t used = table->shown + 1 + (table->filter.line != NULL);
    int spare = used < (size_t)rows ? rows - (int)used : 0;
    int most = sentences ? MOST : 2 * FEW;
    return spare < least ? least : spare < most ? spare : most;
}

static void detail_next_line(struct detail *detail, int indent)
{
    detail->row++;
    detail->column = indent;
    detail->full |= detail->row >= detail->area.rows;
}

static void detail_put(struct detail *detail, enum style style, const char *text, size_t size)
{
    char word[LONGEST];
    size_t length = size < sizeof word - 1 ? size : sizeof word - 1;
    memcpy(word, text, length);
    word[length] = 0;
    if (!detail->full)
        detail->column +=
            term_put(detail->area.row + detail->row, detail->area.column + detail->column,
                     detail->area.columns - detail->column, style, word);
}

// Wraps text at blanks; a word longer than the line is broken where the line ends.
static void detail_wrap(struct detail *detail, int indent, enum style style, const char *text)
{
    for (bool first = true; !detail->full; first = false) {
        size_t size = strcspn(text, " ");
        int width = (int)width_of(text, size);
        if (!first && detail->column + 1 + width > detail->area.columns)
            detail_next_line(detail, indent);
        else if (!first)
            detail->column++;
        while (size && width > detail->area.columns - detail->column && !detail->full) {
            size_t part = width_fit(text, size, (size_t)(detail->area.columns - detail->column));
            detail_put(detail, style, text, part ? part : 1);
            text += part ? part : 1;
            size -= part ? part : 1;
            width = (int)width_of(text, size);
            detail_next_line(detail, indent);
        }
        detail_put(detail, style, text, size);
        if (!text[size])
            return;
        text += size + 1;
    }
}

// Gets a column's text; false: it has none to show.
static bool detail_text(const struct report *report, const struct cell *cell,
                        const struct column *column, struct text *out)
{
    text_clear(out);
    if (column->flags & COLUMN_JSON_ONLY || cell->kind == CELL_NULL)
        return false;
    size_t most = cell->kind == CELL_PREVIEW ? 200 : LONGEST - 1;
    report_cell_text(report, cell, column, most, out);
    return out->size > 0;
}

static void detail_put_sentences(struct detail *detail, const struct report *report,
                                 const struct cell *cells, struct text *scratch)
{
    for (size_t i = 0; i < report->column_count && !detail->full; i++) {
        if (!(report->columns[i].flags & COLUMN_PROSE)
            || !detail_text(report, &cells[i], &report->columns[i], scratch))
            continue;
        detail_put(detail, STYLE_HEADING, report->columns[i].name, strlen(report->columns[i].name));
        detail->column = INDENT;
        detail_wrap(detail, INDENT, STYLE_PLAIN, text_string(scratch));
        detail_next_line(detail, 0);
    }
}

static void detail_put_pairs(struct detail *detail, const struct report *report,
                             const struct cell *cells, struct text *scratch)
{
    for (size_t i = 0; i < report->column_count && !detail->full; i++) {
        const struct column *column = &report->columns[i];
        if (column->flags & COLUMN_PROSE || !detail_text(report, &cells[i], column, scratch))
            continue;
        int name = (int)strlen(column->name),
            value = (int)width_of(text_string(scratch), scratch->size);
        detail->column += detail->column ? 2 : 0;
        if (detail->column && detail->column + name + 1 + value > detail->area.columns)
            detail_next_line(detail, 0);
        detail_put(detail, STYLE_HEADING, column->name, (size_t)name);
        detail->column++;
        detail_wrap(detail, 0, table_style(column, &cells[i]), text_string(scratch));
    }
}

void detail_draw(const struct table *table, struct area area)
{
    const struct cell *cells = table_row(table);
    if (area.rows < 2 || !cells)
        return;
    struct text scratch = TEXT_INIT;
    struct detail detail = { .area = { area.row + 1, area.column + MARGIN, area.rows - 1,
                                       area.columns - 2 * MARGIN } };
    term_line(area.row, area.column, area.columns, GLYPH_ACROSS, STYLE_DIM);
    detail_put_sentences(&detail, &table->report, cells, &scratch);
    detail_put_pairs(&detail, &table->report, cells, &scratch);
    if (detail.full)
        term_put(area.row, area.column + area.columns - 12, 11, STYLE_DIM, " v: more ");
    text_fini(&scratch);
}
