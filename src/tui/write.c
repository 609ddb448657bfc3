// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a view's rows to a file, in the view's order and with its filter: text, JSON Lines or CSV,
// by the file's suffix.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "tui/state.h"
#include "tui/view.h"

static bool write_ends_with(const char *path, const char *ending)
{
    size_t size = strlen(path), length = strlen(ending);
    return size > length && !strcmp(path + size - length, ending);
}

// Runs the rows once more through one of the command line's sinks.
static bool replay(const struct table *table, const struct report_sink *sink, int fd,
                   struct err *err)
{
    struct report_stream stream = { .fd = fd };
    struct report report;
    report_init(&report, table->report.session, sink, &stream);
    report_columns(&report, table->report.command, table->report.columns);
    bool ok = true;
    for (size_t i = 0; ok && i < table->shown; i++) {
        ok = report_row(&report,
                        table->report.cells + table_at(table, i) * table->report.column_count, err);
    }
    ok = ok && report_end(&report, err);
    report_stream_fini(&stream);
    report_fini(&report);
    return ok;
}

// Spreadsheets take a cell that begins like this for a formula, and the target chooses its text: a
// quote in front makes it text.
static bool write_is_formula(const char *text, size_t size)
{
    return size && strchr("=+-@\t\r", text[0]);
}

// RFC 4180: quoted where necessary, quotes doubled. A cell is written as in JSON, so that numbers
// stay numbers.
static void add_csv(const struct report *report, const struct cell *cell, struct text *scratch,
                    struct text *line)
{
    text_clear(scratch);
    bool as_text = cell->kind == CELL_TEXT || cell->kind == CELL_PREVIEW || cell->kind == CELL_TYPE
                   || cell->kind == CELL_TYPE_OF || cell->kind == CELL_RING;
    if (cell->kind == CELL_NULL) {
        return;
    }
    if (as_text) {
        report_cell_text(report, cell, NULL, 0, scratch);
    } else {
        report_cell_json(report, cell, scratch);
    }
    const char *text = text_string(scratch);
    size_t size = scratch->size;
    if (!as_text && size > 1 && text[0] == '"') { // "0x7f..": the quotes are JSON's
        text++;
        size -= 2;
    }
    bool quote = memchr(text, ',', size) || memchr(text, '"', size) || memchr(text, '\n', size);
    if (quote) {
        text_add_char(line, '"');
    }
    if (as_text && write_is_formula(text, size)) {
        text_add_char(line, '\'');
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"') {
            text_add_char(line, '"');
        }
        text_add_char(line, text[i]);
    }
    if (quote) {
        text_add_char(line, '"');
    }
}

static bool write_flush(int fd, struct text *buffer, struct err *err)
{
    for (size_t done = 0; done < buffer->size;) {
        ssize_t wrote = write(fd, buffer->data + done, buffer->size - done);
        if (wrote < 0 && errno != EINTR) {
            return err_errno(err, errno, "write");
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    text_clear(buffer);
    return true;
}

static bool write_csv(const struct table *table, int fd, struct err *err)
{
    const struct report *report = &table->report;
    struct text buffer = TEXT_INIT, scratch = TEXT_INIT;
    for (size_t c = 0; c < report->column_count; c++) {
        text_add_string(&buffer, c ? "," : "");
        text_add_string(&buffer, report->columns[c].name);
    }
    text_add_string(&buffer, "\r\n");
    bool ok = true;
    for (size_t i = 0; ok && i < table->shown; i++) {
        const struct cell *row = report->cells + table_at(table, i) * report->column_count;
        for (size_t c = 0; c < report->column_count; c++) {
            text_add_string(&buffer, c ? "," : "");
            add_csv(report, &row[c], &scratch, &buffer);
        }
        text_add_string(&buffer, "\r\n");
        ok = text_ok(&buffer, err) && (buffer.size < 65536 || write_flush(fd, &buffer, err));
    }
    ok = ok && write_flush(fd, &buffer, err);
    text_fini(&buffer);
    text_fini(&scratch);
    return ok;
}

bool write_table(const struct table *table, const char *path, struct err *err)
{
    if (!table->report.columns) {
        return err_set(err, ERR_USAGE, "write: no rows here");
    }
    struct outfile output;
    if (!outfile_open(&output, path, err)) {
        return false;
    }
    int fd = output.fd;
    bool ok = write_ends_with(path, ".csv")
                  ? write_csv(table, fd, err)
                  : replay(table,
                           write_ends_with(path, ".jsonl") || write_ends_with(path, ".json")
                               ? &report_as_json
                               : &report_as_text,
                           fd, err);
    if (!ok) {
        outfile_drop(&output);
        return false;
    }
    return outfile_keep(&output, NULL, err);
}
