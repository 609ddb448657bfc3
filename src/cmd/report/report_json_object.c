// SPDX-License-Identifier: GPL-3.0-or-later
// An answer as one JSON object. Rows of a name and a value become its members; those of a section,
// members of an object of its own; a name that occurs more than once gets an array:
//
//      info     {"target":{"kind":"core", ...}, "python":{...}, ..., "summary":{...}}
//      object   {"address":"0x7f..", "type":"dict", "root":["..",".."], ..., "summary":{...}}
//      others   {"rows":[{...}, ...], "summary":{...}}
#include <string.h>

#include "base/json.h"
#include "base/unused.h"
#include "cmd/report/stream.h"

static bool object_is_pairs(const struct report *report)
{
    return report->column_count >= 2 && report->columns[report->column_count - 2].id == COL_name
           && report->columns[report->column_count - 1].id == COL_value;
}

static bool json_object_begin(struct report *report, UNUSED struct err *err)
{
    struct report_stream *stream = report->out;
    if (!object_is_pairs(report))
        text_add_string(&stream->buffer, "{\"rows\":[");
    return true;
}

static bool json_object_row(struct report *report, const struct cell *cells, struct err *err)
{
    struct report_stream *stream = report->out;
    if (object_is_pairs(report))
        return report_store.row(report, cells, err);
    struct text row = TEXT_INIT;
    report_add_row_json(report, cells, &row);
    text_add_string(&stream->buffer, report->kept > 1 ? ",\n" : "");
    text_add(&stream->buffer, text_string(&row), row.size);
    bool ok = text_ok(&row, err);
    text_fini(&row);
    return ok && stream_block(report, err);
}

// --- members ------------------------------------------------------------------------------------

static const struct cell *json_object_cells(const struct report *report, size_t row)
{
    return report->cells + row * report->column_count;
}

static const char *json_object_text(const struct report *report, size_t row, size_t column)
{
    const struct cell *cell = &json_object_cells(report, row)[column];
    return cell->kind == CELL_TEXT ? cell->s : "";
}

// The next row of the same section and name; row_count: none.
static size_t json_object_alike(const struct report *report, size_t row, size_t from)
{
    size_t names = report->column_count - 1;
    for (; from < report->row_count; from++) {
        size_t same = 0;
        while (
            same < names
            && !strcmp(json_object_text(report, row, same), json_object_text(report, from, same)))
            same++;
        if (same == names)
            break;
    }
    return from;
}

static void json_object_add_member(const struct report *report, size_t row, struct text *out)
{
    size_t value = report->column_count - 1, next = json_object_alike(report, row, row + 1);
    bool many = next < report->row_count;
    if (json_object_alike(report, row, 0) < row)
        return; // written with the first row of that name
    json_add_key(out, json_object_text(report, row, value - 1));
    if (many)
        json_add_open(out, '[');
    report_cell_json(report, &json_object_cells(report, row)[value], out);
    for (; next < report->row_count; next = json_object_alike(report, row, next + 1))
        report_cell_json(report, &json_object_cells(report, next)[value], out);
    if (many)
        json_add_close(out, ']');
}

// A section's rows are usually consecutive; the others are found as well.
static void json_object_add_section(const struct report *report, size_t first, struct text *out)
{
    const char *section = json_object_text(report, first, 0);
    for (size_t row = 0; row < first; row++)
        if (!strcmp(json_object_text(report, row, 0), section))
            return; // written with the section's first row
    json_add_key(out, section);
    json_add_open(out, '{');
    for (size_t row = first; row < report->row_count; row++)
        if (!strcmp(json_object_text(report, row, 0), section))
            json_object_add_member(report, row, out);
    json_add_close(out, '}');
}

static bool json_object_end(struct report *report, struct err *err)
{
    struct report_stream *stream = report->out;
    struct text *out = &stream->buffer, summary = TEXT_INIT;
    bool pairs = object_is_pairs(report);
    if (pairs)
        json_add_open(out, '{');
    for (size_t row = 0; pairs && row < report->row_count; row++) {
        if (report->column_count > 2)
            json_object_add_section(report, row, out);
        else
            json_object_add_member(report, row, out);
    }
    report_add_summary_json(report, NULL, &summary);
    if (!pairs)
        text_add_char(out, ']');
    if (!pairs || report->row_count)
        text_add_char(out, ',');
    text_add(out, text_string(&summary) + 1, summary.size - 1); // with the closing bracket
    text_add_char(out, '\n');
    bool ok = text_ok(&summary, err);
    text_fini(&summary);
    return ok && stream_flush(report, err);
}

const struct report_sink report_as_json_object = { .begin = json_object_begin,
                                                   .row = json_object_row,
                                                   .end = json_object_end };
