// SPDX-License-Identifier: GPL-3.0-or-later
// Rows as JSON Lines, one object each, and a last line {"summary":{...}}, which shows that the
// answer is complete.
#include "base/json.h"
#include "cmd/session/session.h"
#include "cmd/report/stream.h"

void report_add_row_json(const struct report *report, const struct cell *cells, struct text *out)
{
    json_add_open(out, '{');
    for (size_t i = 0; i < report->column_count; i++) {
        json_add_key(out, report->columns[i].name);
        report_cell_json(report, &cells[i], out);
    }
    json_add_close(out, '}');
}

static bool json_row(struct report *report, const struct cell *cells, struct err *err)
{
    struct report_stream *stream = report->out;
    report_add_row_json(report, cells, &stream->buffer);
    text_add_char(&stream->buffer, '\n');
    return stream_block(report, err);
}

void report_add_summary_json(const struct report *report, const char *cursor, struct text *out)
{
    json_add_open(out, '{');
    json_add_key(out, "summary");
    json_add_open(out, '{');
    json_add_key(out, "command");
    json_add_string(out, report->command);
    json_add_key(out, "rows");
    json_add_number(out, report->kept);
    json_add_key(out, "truncated");
    json_add_bool(out, report->truncated);
    json_add_key(out, "faults");
    json_add_number(out, report->session ? report->session->target.faults : 0);
    for (size_t i = 0; i < report->summary_count; i++) {
        json_add_key(out, report->summary[i].key);
        report_cell_json(report, &report->summary[i].cell, out);
    }
    if (cursor) {
        json_add_key(out, "cursor");
        json_add_string(out, cursor);
    }
    json_add_close(out, '}');
    json_add_close(out, '}');
}

static bool json_end(struct report *report, struct err *err)
{
    struct report_stream *stream = report->out;
    report_add_summary_json(report, NULL, &stream->buffer);
    text_add_char(&stream->buffer, '\n');
    return stream_flush(report, err);
}

const struct report_sink report_as_json = { .row = json_row, .end = json_end };
