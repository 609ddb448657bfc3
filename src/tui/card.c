// SPDX-License-Identifier: GPL-3.0-or-later
// Lines with a label, a text, a bar and a target to follow.
#include "tui/card.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL, TEXT, SHARE, STYLE, NEXT };
enum { LABEL_WIDTH = 11, BAR_WIDTH = 10 };

static const struct column columns[] = {
    { COL(what), LABEL_WIDTH, 0, "what the line is about" },
    { COL(text), 0, COLUMN_WIDE, "what it says" },
    { COL(share), 0, COLUMN_JSON_ONLY, "its share of the whole" },
    { COL(style), 0, COLUMN_JSON_ONLY, "how it is drawn" },
    { COL(next), 0, COLUMN_JSON_ONLY, "the command that leads further" },
    { .name = NULL },
};

static void draw_line(const struct table *table, size_t row, struct area line)
{
    const struct cell *cells = table->report.cells + row * table->report.column_count;
    enum style style = (enum style)cells[STYLE].u;
    int at = line.column, end = line.column + line.columns;
    term_put(line.row, at, LABEL_WIDTH - 1,
             style == STYLE_WARN || style == STYLE_BAD ? style : STYLE_HEADING, cells[LABEL].s);
    at += LABEL_WIDTH;
    if (cells[SHARE].kind == CELL_REAL) {
        term_bar(line.row, at, BAR_WIDTH, cells[SHARE].d, STYLE_BAR);
        at += BAR_WIDTH + 1;
    }
    term_put(line.row, at, end - at, style, cells[TEXT].s);
}

bool card_begin(struct table *table, struct session *session)
{
    size_t cursor = table->cursor;
    report_fini(&table->report);
    report_init(&table->report, session, &report_store, NULL);
    table->cursor = cursor;
    table->draw_row = draw_line;
    table->no_heading = true;
    return report_columns(&table->report, "card", columns);
}

bool card_add(struct table *table, const char *label, enum style style, double share,
              const char *next, const char *text)
{
    struct report *report = &table->report;
    const char *kept = report_text(report, text, strlen(text)),
               *line = next ? report_text(report, next, strlen(next)) : NULL;
    const struct cell cells[] = {
        cell_text(label),
        cell_text(kept ? kept : "(out of memory)"),
        share < 0 ? cell_null() : cell_real(share),
        cell_count(style),
        cell_text(line),
    };
    return report_row(report, cells, NULL);
}

bool card_format(struct table *table, const char *label, enum style style, double share,
                 const char *next, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return card_add(table, label, style, share, next, text);
}

void card_end(struct table *table)
{
    table_filled(table);
}

const char *card_next(const struct table *table)
{
    const struct cell *row = table_row(table);
    return row && row[NEXT].kind == CELL_TEXT ? row[NEXT].s : NULL;
}
