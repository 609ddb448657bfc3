// SPDX-License-Identifier: GPL-3.0-or-later
// Rows as aligned text: a line of column names, then one line per row.
//
// The first rows are held back until they have shown how wide the columns are; later rows stream,
// and one wider than all before it pushes the rest of its line to the right.
//
// On a terminal the columns fit its width (fit.h): those without a value in the first rows are
// hidden, then those that the command can do without, and text is cut; numbers and addresses never
// are. Elsewhere all columns are shown in full, except previews. Sentences would make lines of
// hundreds of columns: on a terminal they become paragraphs (report_prose.c).
#include <stdlib.h>
#include <string.h>

#include "base/width.h"
#include "cmd/report/fit.h"
#include "cmd/report/stream.h"

#define MEASURED 500 // rows
#define GAP 2        // blanks between columns
#define WIDTH_MAX 60 // a column is not padded to more than this
#define PREVIEW_MOST 100

struct report_text_table {
    struct fit_column *columns;
    size_t last; // the last one that is shown
    int gap;
    bool fitted; // to the line: text is cut
    bool measured;
};

static bool text_begin(struct report *report, struct err *err)
{
    struct report_stream *stream = report->out;
    struct report_text_table *table = calloc(1, sizeof *table);
    struct fit_column *columns = calloc(report->column_count + 1, sizeof *columns);
    if (!table || !columns) {
        free(table);
        free(columns);
        return err_memory(err, "a table");
    }
    table->columns = columns;
    stream->state = table;
    return true;
}

void report_stream_fini(struct report_stream *stream)
{
    struct report_text_table *table = stream->state;
    if (table)
        free(table->columns);
    free(table);
    text_fini(&stream->buffer);
    text_fini(&stream->left_out);
    stream->state = NULL;
}

static const struct cell *text_cell(const struct report *report, size_t row, size_t column)
{
    return &report->cells[row * report->column_count + column];
}

// The number of terminal columns that a cell takes.
static size_t cell_width(const struct report *report, const struct cell *cell, size_t column,
                         struct text *scratch)
{
    text_clear(scratch);
    report_cell_text(report, cell, &report->columns[column], 0, scratch);
    return width_of(text_string(scratch), scratch->size);
}

static bool has_preview(const struct report *report, size_t column)
{
    for (size_t row = 0; row < report->row_count; row++)
        if (text_cell(report, row, column)->kind == CELL_PREVIEW)
            return true;
    return false;
}

static bool text_is_empty(const struct report *report, size_t column)
{
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cell = text_cell(report, row, column);
        if (cell->kind != CELL_NULL && (cell->kind != CELL_TEXT || *cell->s))
            return false;
    }
    return column > 0;
}

static size_t measure_column(const struct report *report, size_t column, struct text *scratch)
{
    const struct report_stream *stream = report->out;
    size_t width = strlen(report->columns[column].name);
    bool fits = stream->width && !report->wide;
    if (has_preview(report, column)) // a preview fits itself to the width
        return fits ? PREVIEW_MOST : width;
    for (size_t row = 0; row < report->row_count; row++) {
        size_t needs = cell_width(report, text_cell(report, row, column), column, scratch);
        if (needs > WIDTH_MAX && !fits)
            needs = WIDTH_MAX;
        if (needs > width)
            width = needs;
    }
    return width;
}

static void text_tell_left_out(struct report_stream *stream, const char *column)
{
    text_add_string(&stream->left_out, stream->left_out.size ? ", " : "");
    text_add_string(&stream->left_out, column);
}

static void report_text_fit(const struct report *report, struct report_text_table *table)
{
    struct report_stream *stream = report->out;
    struct fit fit = { .columns = table->columns,
                       .count = report->column_count,
                       .line = (int)stream->width };
    table->fitted = true;
    for (size_t i = 0; i < fit.count; i++)
        if (text_is_empty(report, i))
            table->columns[i] = (struct fit_column){ .what = &report->columns[i] };
    table->gap = fit_columns(&fit);
    fit_drop(&fit, table->gap);
    for (size_t i = 0; i < fit.count; i++)
        if (table->columns[i].natural && !table->columns[i].shown)
            text_tell_left_out(stream, report->columns[i].name);
}

static void report_text_measure(const struct report *report, struct report_text_table *table)
{
    const struct report_stream *stream = report->out;
    struct text scratch = TEXT_INIT;
    for (size_t i = 0; i < report->column_count; i++) {
        bool shown = !(report->columns[i].flags & COLUMN_JSON_ONLY);
        int natural = shown ? (int)measure_column(report, i, &scratch) : 0;
        table->columns[i] = (struct fit_column){
            .what = &report->columns[i], .natural = natural, .width = natural, .shown = shown
        };
    }
    text_fini(&scratch);
    table->gap = GAP;
    if (stream->width && !report->wide)
        report_text_fit(report, table);
    for (size_t i = 0; i < report->column_count; i++)
        table->last = table->columns[i].shown ? i : table->last;
    table->measured = true;
}

// Pads the text since `from` to the column's width. The last column is not padded, so that lines
// have no trailing blanks.
static void end_cell(const struct report *report, const struct report_text_table *table,
                     size_t column, size_t from, struct text *out)
{
    if (report->columns[column].flags & COLUMN_RIGHT)
        text_pad_left(out, from, (size_t)table->columns[column].width);
    if (column == table->last)
        return;
    if (!(report->columns[column].flags & COLUMN_RIGHT))
        text_pad(out, from, (size_t)table->columns[column].width);
    text_add_repeat(out, ' ', (size_t)table->gap);
}

static void write_heading(const struct report *report, const struct report_text_table *table,
                          struct report_stream *stream)
{
    struct text *out = &stream->buffer;
    if (stream->color)
        text_add_string(out, "\033[1m");
    for (size_t i = 0; i < report->column_count; i++) {
        if (!table->columns[i].shown)
            continue;
        size_t from = out->size;
        text_add_string(out, report->columns[i].name);
        end_cell(report, table, i, from, out);
    }
    text_add_string(out, stream->color ? "\033[0m\n" : "\n");
}

static bool report_text_write_row(struct report *report, const struct report_text_table *table,
                                  const struct cell *cells, struct err *err)
{
    struct report_stream *stream = report->out;
    for (size_t i = 0; i < report->column_count; i++) {
        if (!table->columns[i].shown)
            continue;
        size_t from = stream->buffer.size;
        bool cut = table->fitted && !(report->columns[i].flags & COLUMN_RIGHT);
        size_t most = cut ? (size_t)table->columns[i].width : 0;
        report_cell_text(report, &cells[i], &report->columns[i], most, &stream->buffer);
        end_cell(report, table, i, from, &stream->buffer);
    }
    text_add_char(&stream->buffer, '\n');
    return stream_block(report, err);
}

// Writes the heading and the rows that were held back.
static bool report_text_write_kept(struct report *report, struct report_text_table *table,
                                   struct err *err)
{
    if (!report->row_count)
        return true;
    report_text_measure(report, table);
    write_heading(report, table, report->out);
    for (size_t row = 0; row < report->row_count; row++)
        if (!report_text_write_row(report, table, report->cells + row * report->column_count, err))
            return false;
    report->row_count = 0;
    return true;
}

// Paragraphs need no measured columns and no heading.
static bool report_text_write_prose(struct report *report, struct report_text_table *table,
                                    const struct cell *cells, struct err *err)
{
    struct report_stream *stream = report->out;
    report_add_prose(report, cells, !table->measured, &stream->buffer);
    table->measured = true;
    return stream_block(report, err);
}

static bool text_row(struct report *report, const struct cell *cells, struct err *err)
{
    const struct report_stream *stream = report->out;
    struct report_text_table *table = stream->state;
    if (report_is_prose(report))
        return report_text_write_prose(report, table, cells, err);
    if (table->measured)
        return report_text_write_row(report, table, cells, err);
    return report_store.row(report, cells, err)
           && (report->row_count < MEASURED || report_text_write_kept(report, table, err));
}

static bool text_end(struct report *report, struct err *err)
{
    const struct report_stream *stream = report->out;
    struct report_text_table *table = stream->state;
    return (table->measured || report_text_write_kept(report, table, err))
           && stream_flush(report, err);
}

const struct report_sink report_as_text = { .begin = text_begin, .row = text_row, .end = text_end };
