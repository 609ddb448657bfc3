// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that are sentences, as wrapped paragraphs: see stream.h.
#include <string.h>

#include "base/width.h"
#include "cmd/report/stream.h"

#define GAP 2          // blanks between the head's cells
#define INDENT 4       // of the sentences
#define BESIDE 28      // ... if there is one short sentence, next to the head
#define BESIDE_ROOM 72 // columns that a terminal needs for this
#define LEAST 30       // columns; a narrower terminal breaks the lines itself

// Where the next word goes.
struct prose_line {
    struct text *out;
    size_t at, indent, width; // columns
    bool broken;              // this is not the first line of its text
};

static void prose_go(struct prose_line *line, size_t column)
{
    if (line->at > column) {
        text_add_char(line->out, '\n');
        line->at = 0;
    }
    text_add_repeat(line->out, ' ', column - line->at);
    line->at = column;
}

// Wraps at blanks. A word longer than the line stays whole: the terminal breaks it.
static void prose_wrap(struct prose_line *line, const char *text)
{
    for (bool first = true;; first = false) {
        size_t size = strcspn(text, " "), width = width_of(text, size);
        if (!first && line->at + 1 + width > line->width) {
            text_add_char(line->out, '\n');
            line->at = 0;
            prose_go(line, line->indent);
            line->broken = true;
        } else if (!first) {
            text_add_char(line->out, ' ');
            line->at++;
        }
        text_add(line->out, text, size);
        line->at += width;
        if (!text[size])
            return;
        text += size + 1;
    }
}

static bool prose_is(const struct report *report, size_t column)
{
    return report->columns[column].flags & COLUMN_PROSE;
}

static size_t prose_first(const struct report *report)
{
    size_t column = 0;
    while (column < report->column_count && !prose_is(report, column))
        column++;
    return column;
}

bool report_is_prose(const struct report *report)
{
    const struct report_stream *stream = report->out;
    return stream->width && !report->wide && prose_first(report) < report->column_count;
}

// " objects", behind a count; a single one is " object".
static void prose_add_unit(const struct column *what, const struct cell *cell, struct text *out)
{
    size_t size = strlen(what->name);
    bool is_one = cell->kind == CELL_COUNT && cell->u == 1;
    if (is_one && size > 1 && what->name[size - 1] == 's')
        size--;
    text_add_format(out, " %.*s", (int)size, what->name);
}

// Puts the cell's text into `scratch`; false: there is nothing to show.
static bool prose_cell(const struct report *report, const struct cell *cells, size_t column,
                       struct text *scratch)
{
    const struct column *what = &report->columns[column];
    text_clear(scratch);
    if (what->flags & COLUMN_JSON_ONLY || cells[column].kind == CELL_NULL)
        return false;
    report_cell_text(report, &cells[column], what, 0, scratch);
    if (what->flags & COLUMN_RIGHT && !(what->flags & COLUMN_HUMAN))
        prose_add_unit(what, &cells[column], scratch);
    return scratch->size > 0;
}

// Adds the cells before the sentences; false: there are none.
static bool prose_add_head(const struct report *report, const struct cell *cells, size_t end,
                           struct prose_line *line, struct text *scratch)
{
    const struct report_stream *stream = report->out;
    for (size_t i = 0; i < end; i++) {
        if (!prose_cell(report, cells, i, scratch))
            continue;
        bool bold = stream->color && !line->at;
        if (line->at) {
            text_add_repeat(line->out, ' ', GAP);
            line->at += GAP;
        }
        text_add_string(line->out, bold ? "\033[1m" : "");
        prose_wrap(line, text_string(scratch));
        text_add_string(line->out, bold ? "\033[0m" : "");
    }
    return line->at;
}

static void prose_add_rest(const struct report *report, const struct cell *cells, size_t from,
                           struct prose_line *line, struct text *scratch)
{
    for (size_t i = from; i < report->column_count; i++) {
        if (!prose_cell(report, cells, i, scratch))
            continue;
        prose_go(line, line->indent);
        if (prose_is(report, i)) {
            prose_wrap(line, text_string(scratch));
        } else { // a command, to be copied whole
            text_add_format(line->out, "%s: %s", report->columns[i].name, text_string(scratch));
        }
        line->at = line->width + 1; // the next word begins a new line
    }
}

void report_add_prose(const struct report *report, const struct cell *cells, bool first,
                      struct text *out)
{
    const struct report_stream *stream = report->out;
    size_t head = prose_first(report);
    bool alone = head + 1 == report->column_count;
    struct text scratch = TEXT_INIT;
    struct prose_line line = { .out = out,
                               .indent = INDENT,
                               .width = stream->width < LEAST ? LEAST : stream->width };
    if (!alone && !first)
        text_add_char(out, '\n');
    bool headed = prose_add_head(report, cells, head, &line, &scratch);
    if (headed && alone && line.width >= BESIDE_ROOM)
        line.indent = BESIDE;
    if (headed && (line.broken || line.at + GAP > line.indent))
        line.at = line.width + 1;
    prose_add_rest(report, cells, head, &line, &scratch);
    text_add_char(out, '\n');
    text_fini(&scratch);
}
