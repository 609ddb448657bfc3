// SPDX-License-Identifier: GPL-3.0-or-later
// Rows as aligned text: a line of column names, then one line a row.
//
// The first rows are kept back until the columns' widths are known from them; from then on rows
// stream, and one that is wider than all before it pushes its line to the right. Values are never
// cut; only previews fit themselves into what is left of the line. Sentences would make lines of
// hundreds of columns: on a terminal they come as paragraphs (report_prose.c).
#include <stdlib.h>
#include <string.h>

#include "base/width.h"
#include "cmd/report/stream.h"

#define MEASURED 500 // rows
#define GAP 2        // blanks between columns
#define WIDTH_MAX 60 // a column is not padded to more than this
#define PREVIEW_LEAST 24

struct report_text_table {
    size_t *widths;
    size_t preview; // columns that a preview may take
    bool measured;
};

static bool text_begin(struct report *report, struct err *err)
{
    struct report_stream *stream = report->out;
    struct report_text_table *table = calloc(1, sizeof *table);
    size_t *widths = calloc(report->column_count + 1, sizeof *widths);
    if (!table || !widths) {
        free(table);
        free(widths);
        return err_memory(err, "a table");
    }
    table->widths = widths;
    stream->state = table;
    return true;
}

void report_stream_fini(struct report_stream *stream)
{
    struct report_text_table *table = stream->state;
    if (table)
        free(table->widths);
    free(table);
    text_fini(&stream->buffer);
    stream->state = NULL;
}

static bool is_shown(const struct report *report, size_t column)
{
    return !(report->columns[column].flags & COLUMN_JSON_ONLY);
}

static bool is_last(const struct report *report, size_t column)
{
    for (size_t i = column + 1; i < report->column_count; i++)
        if (is_shown(report, i))
            return false;
    return true;
}

// Columns of a terminal that a cell takes.
static size_t cell_width(const struct report *report, const struct cell *cell, size_t column,
                         struct text *scratch)
{
    text_clear(scratch);
    report_cell_text(report, cell, &report->columns[column], 0, scratch);
    return width_of(text_string(scratch), scratch->size);
}

static bool has_preview(const struct report *report, size_t column)
{
    return report->row_count && report->cells[column].kind == CELL_PREVIEW;
}

static void measure_column(const struct report *report, struct report_text_table *table,
                           size_t column, struct text *scratch)
{
    size_t width = strlen(report->columns[column].name);
    for (size_t row = 0; row < report->row_count && !has_preview(report, column); row++) {
        const struct cell *cell = &report->cells[row * report->column_count + column];
        size_t needs = cell_width(report, cell, column, scratch);
        if (needs > WIDTH_MAX)
            needs = WIDTH_MAX;
        if (needs > width)
            width = needs;
    }
    table->widths[column] = width;
}

static void report_text_measure(const struct report *report, struct report_text_table *table)
{
    const struct report_stream *stream = report->out;
    struct text scratch = TEXT_INIT;
    size_t taken = 0;
    for (size_t i = 0; i < report->column_count; i++) {
        if (!is_shown(report, i))
            continue;
        measure_column(report, table, i, &scratch);
        if (!has_preview(report, i))
            taken += table->widths[i] + GAP;
    }
    text_fini(&scratch);
    if (stream->width)
        table->preview =
            stream->width > taken + PREVIEW_LEAST ? stream->width - taken : PREVIEW_LEAST;
    for (size_t i = 0; i < report->column_count; i++)
        if (has_preview(report, i) && table->widths[i] < table->preview)
            table->widths[i] = table->preview;
    table->measured = true;
}

// Pads what was written since `from` to the column's width. Nothing follows the last column, not
// even blanks.
static void end_cell(const struct report *report, const struct report_text_table *table,
                     size_t column, size_t from, struct text *out)
{
    if (report->columns[column].flags & COLUMN_RIGHT)
        text_pad_left(out, from, table->widths[column]);
    if (is_last(report, column))
        return;
    if (!(report->columns[column].flags & COLUMN_RIGHT))
        text_pad(out, from, table->widths[column]);
    text_add_repeat(out, ' ', GAP);
}

static void write_heading(const struct report *report, const struct report_text_table *table,
                          struct report_stream *stream)
{
    struct text *out = &stream->buffer;
    if (stream->color)
        text_add_string(out, "\033[1m");
    for (size_t i = 0; i < report->column_count; i++) {
        if (!is_shown(report, i))
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
        if (!is_shown(report, i))
            continue;
        size_t from = stream->buffer.size;
        size_t most = cells[i].kind == CELL_PREVIEW ? table->preview : 0;
        report_cell_text(report, &cells[i], &report->columns[i], most, &stream->buffer);
        end_cell(report, table, i, from, &stream->buffer);
    }
    text_add_char(&stream->buffer, '\n');
    return stream_block(report, err);
}

// Writes the heading and the rows that were kept back.
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

// No column has to be measured for a paragraph, and none has a heading.
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
