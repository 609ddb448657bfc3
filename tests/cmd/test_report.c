// SPDX-License-Identifier: GPL-3.0-or-later
// Rows through their sinks: kept, sorted, as text and as JSON Lines.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report/fit.h"
#include "cmd/report/report.h"
#include "unit.h"

static const struct column columns[] = {
    { COL(name), 0, 0, "" },
    { COL(count), 0, COLUMN_RIGHT, "" },
    { COL(bytes), 0, COLUMN_RIGHT | COLUMN_HUMAN, "" },
    { COL_NONE, "hidden", 0, COLUMN_JSON_ONLY, "" },
    { COL(note), 0, COLUMN_WIDE, "" },
    { .name = NULL },
};

static bool add(struct report *report, const char *name, uint64_t count, uint64_t bytes,
                const char *note)
{
    const struct cell cells[] = { cell_text(name), cell_count(count), cell_bytes(bytes),
                                  cell_bool(count), cell_text(note) };
    struct err err = ERR_INIT;
    return report_row(report, cells, &err);
}

// --- kept rows ------------------------------------------------------------------------------------

static void begin_store(struct report *report)
{
    report_init(report, NULL, &report_store, NULL);
    CU_ASSERT(report_columns(report, "test", columns));
    CU_ASSERT_EQUAL(report->column_count, 5);
}

// The first column of the kept rows, joined.
static const char *names(const struct report *report)
{
    static char joined[256];
    joined[0] = 0;
    for (size_t i = 0; i < report->row_count; i++)
        strcat(joined, report->cells[i * report->column_count].s);
    return joined;
}

static void test_sort(void)
{
    struct report report;
    struct err err = ERR_INIT;
    begin_store(&report);
    static const uint64_t counts[] = {
        3, 1, 3, 2, 1, 18446744073709551615u, 18446744073709551614u
    };
    for (size_t i = 0; i < 7; i++)
        CU_ASSERT(add(&report, (const char *[]){ "a", "b", "c", "d", "e", "f", "g" }[i], counts[i],
                      0, NULL));
    UNIT_OK(report_sort(&report, 1, true, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(names(&report), "fgacdbe");
    UNIT_OK(report_sort(&report, 1, false, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(names(&report), "bedacgf");
    UNIT_OK(report_sort(&report, 0, false, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(names(&report), "abcdefg");
    UNIT_OK(report_sort(&report, 99, false, NULL, &err), &err);
    CU_ASSERT_EQUAL(report_column(&report, COL_bytes), 2);
    CU_ASSERT_EQUAL(report_column_named(&report, "none"), 5);
    report_fini(&report);
}

static bool say_stop(void *context, const char *phase, uint64_t done, uint64_t total)
{
    (void)context, (void)phase, (void)done, (void)total;
    return false;
}

static void test_sort_stops(void)
{
    const struct progress progress = { .call = say_stop };
    struct report report;
    struct err err = ERR_INIT;
    begin_store(&report);
    add(&report, "b", 2, 0, NULL);
    add(&report, "a", 1, 0, NULL);
    CU_ASSERT_FALSE(report_sort(&report, 1, false, &progress, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_CANCELLED);
    CU_ASSERT_STRING_EQUAL(names(&report), "ba"); // the rows are as they were
    report_fini(&report);
}

static void test_null_last(void)
{
    struct report report;
    struct err err = ERR_INIT;
    begin_store(&report);
    add(&report, "a", 0, 0, NULL);
    add(&report, "b", 0, 0, "x");
    add(&report, "c", 0, 0, NULL);
    add(&report, "d", 0, 0, "y");
    UNIT_OK(report_sort(&report, 4, false, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(names(&report), "bdac");
    UNIT_OK(report_sort(&report, 4, true, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(names(&report), "dbac");
    report_fini(&report);
}

static void test_limit(void)
{
    struct report report;
    begin_store(&report);
    report.limit = 2;
    CU_ASSERT(add(&report, "a", 0, 0, NULL));
    CU_ASSERT_FALSE(report_is_full(&report));
    CU_ASSERT(add(&report, "b", 0, 0, NULL));
    CU_ASSERT(report_is_full(&report));
    CU_ASSERT_FALSE(report.truncated);
    CU_ASSERT(add(&report, "c", 0, 0, NULL));
    CU_ASSERT(report.truncated);
    CU_ASSERT_EQUAL(report.rows, 3);
    CU_ASSERT_EQUAL(report.kept, 2);
    CU_ASSERT_STRING_EQUAL(names(&report), "ab");
    report_fini(&report);
}

static void test_texts(void)
{
    struct report report;
    begin_store(&report);
    char text[] = "changes";
    const char *kept = report_text(&report, text, 4);
    text[0] = 'X';
    CU_ASSERT_STRING_EQUAL(kept, "chan");
    CU_ASSERT_STRING_EQUAL(report_format(&report, "%d of %s", 3, "four"), "3 of four");
    CU_ASSERT_STRING_EQUAL(report_foreign(&report, "a\033[31m\n"), "a\\x1b[31m\\n");
    CU_ASSERT_PTR_NULL(report_foreign(&report, NULL));
    report_fini(&report);
}

// --- written rows ---------------------------------------------------------------------------------

struct output {
    struct report report;
    struct report_stream stream;
    int file;
    char text[4096];
};

static void begin_output(struct output *output, const struct report_sink *sink)
{
    char path[] = "/tmp/ouro-test-XXXXXX";
    *output = (struct output){ .file = mkstemp(path) };
    CU_ASSERT_FATAL(output->file >= 0);
    unlink(path);
    output->stream.fd = output->file;
    report_init(&output->report, NULL, sink, &output->stream);
    report_columns(&output->report, "test", columns);
}

static const char *end_output(struct output *output)
{
    struct err err = ERR_INIT;
    UNIT_OK(report_end(&output->report, &err), &err);
    ssize_t size = pread(output->file, output->text, sizeof output->text - 1, 0);
    output->text[size > 0 ? size : 0] = 0;
    report_stream_fini(&output->stream);
    report_fini(&output->report);
    close(output->file);
    return output->text;
}

static void test_text(void)
{
    struct output output;
    begin_output(&output, &report_as_text);
    add(&output.report, "one", 1, 980, "first");
    add(&output.report, "\xe4\xb8\xad", 1234567, 12900000, NULL); // two columns wide
    CU_ASSERT_STRING_EQUAL(end_output(&output), "name      count     bytes  note\n"
                                                "one           1     980 B  first\n"
                                                "\xe4\xb8\xad    1,234,567  12.3 MiB  -\n");
}

static void test_text_empty(void)
{
    struct output output;
    begin_output(&output, &report_as_text);
    CU_ASSERT_STRING_EQUAL(end_output(&output), "");
}

static void test_text_streams(void)
{
    struct output output;
    begin_output(&output, &report_as_text);
    for (int i = 0; i < 600; i++)
        CU_ASSERT(add(&output.report, i == 599 ? "longer than all before" : "n", 1, 1, NULL));
    CU_ASSERT_EQUAL(output.report.row_count, 0); // nothing is kept back any more
    struct err err = ERR_INIT;
    UNIT_OK(report_end(&output.report, &err), &err);
    static char all[65536];
    ssize_t size = pread(output.file, all, sizeof all - 1, 0);
    all[size > 0 ? size : 0] = 0;
    int lines = 0;
    for (const char *c = all; *c; c++)
        lines += *c == '\n';
    CU_ASSERT_EQUAL(lines, 601);
    CU_ASSERT_PTR_NOT_NULL(strstr(all, "\nlonger than all before      1    1 B  -\n"));
    end_output(&output);
}

static void test_json(void)
{
    struct output output;
    begin_output(&output, &report_as_json);
    add(&output.report, "a\"\\\033", 7, 4096, NULL);
    report_summary(&output.report, "generation", cell_int(2));
    report_summary(&output.report, "returns", cell_null());
    CU_ASSERT_STRING_EQUAL(
        end_output(&output),
        "{\"name\":\"a\\\"\\\\\\u001b\",\"count\":7,\"bytes\":4096,\"hidden\":true,\"note\":null}\n"
        "{\"summary\":{\"command\":\"test\",\"rows\":1,\"truncated\":false,\"faults\":0,"
        "\"generation\":2,\"returns\":null}}\n");
}

static void test_json_cells(void)
{
    static const struct {
        struct cell cell;
        const char *json, *text;
    } rows[] = {
        { { .kind = CELL_ADDR, .u = 0x7f12 }, "\"0x7f12\"", "0x7f12" },
        { { .kind = CELL_INT, .i = -3 }, "-3", "-3" },
        { { .kind = CELL_REAL, .d = 0.5 }, "0.5", "0.5" },
        { { .kind = CELL_BOOL, .u = 0 }, "false", "no" },
        { { .kind = CELL_GEN, .u = 2 }, "2", "2" },
        { { .kind = CELL_GEN, .u = 3 }, "\"permanent\"", "permanent" },
        { { .kind = CELL_NULL, .u = 0 }, "null", "-" },
        { { .kind = CELL_COUNT, .u = 12345 }, "12345", "12,345" },
    };
    struct report report;
    begin_store(&report);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = TEXT_INIT;
        report_cell_json(&report, &rows[i].cell, &text);
        CU_ASSERT_STRING_EQUAL(text_string(&text), rows[i].json);
        text_clear(&text);
        report_cell_text(&report, &rows[i].cell, NULL, 0, &text);
        CU_ASSERT_STRING_EQUAL(text_string(&text), rows[i].text);
        text_fini(&text);
    }
    report_fini(&report);
}

static void test_json_truncated(void)
{
    struct output output;
    begin_output(&output, &report_as_json);
    output.report.limit = 1;
    add(&output.report, "a", 1, 1, NULL);
    add(&output.report, "b", 1, 1, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(end_output(&output), "\"rows\":1,\"truncated\":true"));
}

static void test_reader_gone(void)
{
    struct output output;
    int ends[2];
    begin_output(&output, &report_as_json);
    CU_ASSERT_FATAL(!pipe(ends));
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    output.stream.fd = ends[1];
    int rows = 0;
    while (rows < 100000 && add(&output.report, "a", 1, 1, NULL))
        rows++;
    CU_ASSERT(rows > 100 && rows < 5000); // one block of 64 KiB
    CU_ASSERT(output.report.stopped);
    report_stream_fini(&output.stream);
    report_fini(&output.report);
    close(ends[1]);
    close(output.file);
}

static void test_full_disk(void)
{
    int full = open("/dev/full", O_WRONLY);
    if (full < 0)
        return;
    struct output output;
    struct err err = ERR_INIT;
    begin_output(&output, &report_as_text);
    output.stream.fd = full;
    add(&output.report, "a", 1, 1, NULL);
    CU_ASSERT_FALSE(report_end(&output.report, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_IO);
    CU_ASSERT_FALSE(output.report.stopped);
    report_stream_fini(&output.stream);
    report_fini(&output.report);
    close(full);
    close(output.file);
}

// Whoever draws on the same terminal is told while nothing of the answer is there yet.
static void test_report_note_size(void *context)
{
    struct output *output = context;
    snprintf(output->text, sizeof output->text, "%d bytes before",
             (int)lseek(output->file, 0, SEEK_END));
}

static void test_report_before(void)
{
    const struct report_sink *const sinks[] = { &report_as_text, &report_as_json };
    for (size_t i = 0; i < 2; i++) {
        struct output output;
        struct err err = ERR_INIT;
        begin_output(&output, sinks[i]);
        output.stream.before = test_report_note_size;
        output.stream.before_context = &output;
        add(&output.report, "a", 1, 1, NULL);
        CU_ASSERT_STRING_EQUAL(output.text, "");
        UNIT_OK(report_end(&output.report, &err), &err);
        CU_ASSERT_STRING_EQUAL(output.text, "0 bytes before");
        CU_ASSERT(lseek(output.file, 0, SEEK_END) > 0);
        end_output(&output);
    }
}

static void test_report_prose(void)
{
    static const struct column sentences[] = {
        { COL(name), 0, 0, "" },
        { COL(count), 0, COLUMN_RIGHT, "" },
        { COL(what), 0, COLUMN_PROSE, "" },
        { COL(next), 0, 0, "" },
        { .name = NULL },
    };
    struct output output;
    struct err err = ERR_INIT;
    begin_output(&output, &report_as_text);
    output.stream.width = 30;
    report_columns(&output.report, "test", sentences);
    const char *what = "it breaks at blanks, never inside of a word";
    for (int i = 0; i < 2; i++) {
        const struct cell cells[] = { cell_text("one"), i ? cell_null() : cell_count(1234),
                                      cell_text(what), cell_text("types --garbage") };
        UNIT_OK(report_row(&output.report, cells, &err), &err);
    }
    CU_ASSERT_STRING_EQUAL(end_output(&output), "one  1,234 count\n"
                                                "    it breaks at blanks, never\n"
                                                "    inside of a word\n"
                                                "    next: types --garbage\n"
                                                "\n"
                                                "one\n"
                                                "    it breaks at blanks, never\n"
                                                "    inside of a word\n"
                                                "    next: types --garbage\n");
}

static void test_columns(void)
{
    CU_ASSERT_EQUAL(column_id_of("object"), COL_object);
    CU_ASSERT_EQUAL(column_id_of("no such column"), COL_NONE);
    const struct column ring = { COL(ring), 0, 0, "" }, other = { COL_NONE, "ring", 0, 0, "" };
    CU_ASSERT_EQUAL(column_look(&ring), LOOK_EDGE);
    CU_ASSERT_TRUE(column_is_code(&ring));
    CU_ASSERT_EQUAL(column_look(&other), LOOK_PLAIN);
}

// Which columns of a line of that width stay, a bit each.
static unsigned shown(const struct column *what, const enum column_id *spare, bool keeps_all,
                      int line)
{
    struct fit_column of[3];
    struct fit fit = {
        .columns = of, .count = 3, .line = line, .spare = spare, .keeps_all = keeps_all
    };
    unsigned bits = 0;
    for (size_t i = 0; i < 3; i++)
        of[i] = (struct fit_column){ .what = &what[i], .natural = 10, .shown = true };
    fit_columns(&fit);
    for (size_t i = 0; i < 3; i++)
        bits |= (unsigned)of[i].shown << i;
    return bits;
}

static void test_goes(void)
{
    const struct column what[] = {
        { COL(count), 0, COLUMN_RIGHT | COLUMN_GOES(2), "" },
        { COL(bytes), 0, COLUMN_RIGHT, "" },
        { COL(total), 0, COLUMN_RIGHT | COLUMN_GOES(1), "" },
    };
    const enum column_id spare[] = { COL_bytes, COL_NONE };
    CU_ASSERT_EQUAL(shown(what, NULL, false, 34), 7);
    CU_ASSERT_EQUAL(shown(what, NULL, false, 22), 3);
    CU_ASSERT_EQUAL(shown(what, NULL, false, 12), 2);
    CU_ASSERT_EQUAL(shown(what, NULL, true, 12), 7);
    CU_ASSERT_EQUAL(shown(what, spare, false, 12), 5);
}

UNIT_SUITE(report, { "a column's row says how it looks", test_columns },
           { "a short line does without columns, in their order", test_goes },
           { "sorting is stable, both ways", test_sort },
           { "unknown values come last, both ways", test_null_last },
           { "sorting hears that it should stop", test_sort_stops },
           { "rows beyond the limit are counted", test_limit },
           { "texts are the report's own", test_texts },
           { "text is aligned by columns of a terminal", test_text },
           { "no row, no heading", test_text_empty },
           { "text streams once it is measured", test_text_streams },
           { "JSON Lines end with a summary", test_json }, { "each kind of cell", test_json_cells },
           { "the summary says what was left out", test_json_truncated },
           { "a reader that goes away ends it quietly", test_reader_gone },
           { "a failed write is an error", test_full_disk },
           { "the terminal is told before bytes come", test_report_before },
           { "sentences are paragraphs where lines have a width", test_report_prose })
