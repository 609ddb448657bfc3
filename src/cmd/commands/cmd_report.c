// SPDX-License-Identifier: GPL-3.0-or-later
// `report`: everything that is known of a heap on one page, for people who were not there.
#include <string.h>

#include "base/outfile.h"
#include "cmd/page/page.h"

enum format { FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_HTML, FORMAT_SARIF, FORMAT_JUNIT };

static const struct {
    const char *name, *ending;
    void (*write)(const struct page *page, struct text *out);
} formats[] = {
    [FORMAT_MARKDOWN] = { "markdown", ".md", page_markdown },
    [FORMAT_JSON] = { "json", ".json", page_json },
    [FORMAT_HTML] = { "html", ".html", page_html },
    [FORMAT_SARIF] = { "sarif", ".sarif", page_sarif },
    [FORMAT_JUNIT] = { "junit", ".xml", page_junit },
};

#define FORMATS (sizeof formats / sizeof *formats)

static bool ends(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && !strcmp(text + n - m, ending);
}

// Takes --format, else the file's suffix, else Markdown.
static bool read_format(const struct args *args, const char *file, size_t *format, struct err *err)
{
    const char *word = args_text(args, "format");
    for (*format = 0; *format < FORMATS; ++*format)
        if (word ? !strcmp(word, formats[*format].name)
                 : file && ends(file, formats[*format].ending))
            return true;
    *format = FORMAT_MARKDOWN;
    if (word)
        return err_set(err, ERR_USAGE,
                       "report: --format %s: use markdown, json, html, sarif or junit", word);
    if (file && strchr(file, '.') && ends(file, ".htm"))
        *format = FORMAT_HTML;
    return true;
}

// A report that holds the target's values is for its owner alone.
static bool cmd_report_write_file(const char *path, const struct text *text, bool is_private,
                                  struct err *err)
{
    struct outfile output;
    if (!outfile_open(&output, path, err))
        return false;
    if (!is_private)
        outfile_share(&output);
    if (outfile_write(&output, text->data, text->size, err))
        return outfile_keep(&output, NULL, err);
    outfile_drop(&output);
    return false;
}

// --- the answer ---------------------------------------------------------------------------------

static const struct column file_columns[] = {
    { COL(file), 20, COLUMN_WIDE, "the file that was written" },
    { COL(format), 8, 0, "markdown, json, html, sarif or junit" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its length" },
    { COL(sections), 8, COLUMN_RIGHT, "what it has" },
    COLUMN_ROW_END,
};

static const struct column line_columns[] = {
    { COL(line), 0, COLUMN_WIDE, "a line of the report" },
    COLUMN_ROW_END,
};

#define JUNIT_HEADING "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

// In text output the heading is part of the document: a comment in formats that allow one before
// the document, or else the line that JSON or XML begins with.
static const struct column headed_columns[FORMATS][2] = {
    [FORMAT_MARKDOWN] = { { COL_NONE, "<!-- ouro report -->", 0, COLUMN_WIDE, "a line" },
                          COLUMN_ROW_END },
    [FORMAT_JSON] = { { COL_NONE, "{", 0, COLUMN_WIDE, "a line" }, COLUMN_ROW_END },
    [FORMAT_HTML] = { { COL_NONE, "<!-- ouro report -->", 0, COLUMN_WIDE, "a line" },
                      COLUMN_ROW_END },
    [FORMAT_SARIF] = { { COL_NONE, "{", 0, COLUMN_WIDE, "a line" }, COLUMN_ROW_END },
    [FORMAT_JUNIT] = { { COL_NONE, JUNIT_HEADING, 0, COLUMN_WIDE, "a line" }, COLUMN_ROW_END },
};

static bool cmd_report_add_lines(struct report *report, const char *text, struct err *err)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        const struct cell cell = cell_text(report_text(report, text, size));
        if (!report_row(report, &cell, err))
            return false;
        text += size + (text[size] == '\n');
    }
    return true;
}

static bool answer_lines(struct report *report, size_t format, const struct text *text,
                         struct err *err)
{
    const char *from = text_string(text);
    bool headed = report->sink == &report_as_text;
    report_columns(report, "report", headed ? headed_columns[format] : line_columns);
    if (headed && (format == FORMAT_JSON || format == FORMAT_SARIF))
        from++;
    if (headed && format == FORMAT_JUNIT
        && !strncmp(from, JUNIT_HEADING "\n", sizeof JUNIT_HEADING))
        from += sizeof JUNIT_HEADING;
    return cmd_report_add_lines(report, from, err);
}

static bool answer_file(struct report *report, const char *file, size_t format,
                        const struct text *text, const struct page *page, struct err *err)
{
    if (!cmd_report_write_file(file, text, page_has_values(page), err))
        return false;
    report_columns(report, "report", file_columns);
    const struct cell cells[] = {
        cell_text(report_foreign(report, file)),
        cell_text(formats[format].name),
        cell_bytes(text->size),
        cell_count(page->count),
    };
    return report_row(report, cells, err);
}

static bool cmd_report_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    const char *file = args->word_count ? args->words[0] : NULL;
    enum disclosure asked = args_disclosure(args);
    enum disclosure disclosure = discloses_values(asked) ? session_disclosure(session) : asked;
    size_t format;
    struct page page;
    if (!read_format(args, file, &format, err)
        || !page_gather(&page, session, disclosure, args->words + 1,
                        args->word_count ? args->word_count - 1 : 0, err))
        return false;
    struct text text = TEXT_INIT;
    formats[format].write(&page, &text);
    bool ok = text_ok(&text, err)
              && (file ? answer_file(report, file, format, &text, &page, err)
                       : answer_lines(report, format, &text, err));
    text_fini(&text);
    page_free(&page);
    return ok;
}

static const struct option_row options[] = {
    { .name = "format",
      .value = "FORMAT",
      .kind = OPTION_TEXT,
      .choices = "markdown json html sarif junit",
      .help = "markdown, json or html, or the findings alone as sarif or junit, for CI; unless "
              "given, as the file's name ends (.md .json .html .sarif .xml)" },
    OPTION_ROW_REDACT("leave out every value and name of the program, except types and modules"),
    OPTION_ROW_END,
};

const struct command cmd_report = {
    .name = "report",
    .usage = "[FILE [EARLIER...]] [--format markdown|json|html|sarif|junit] [--redact]",
    .summary = "everything about a heap on one page: HTML, Markdown or JSON",
    .help =
        "First what is wrong: a sentence, the worst findings with the paths that hold them, and a "
        "chart; then the process's memory, all findings, threads with their stacks and locals, "
        "objects by variable, package and type, a treemap of what is retained, reference cycles "
        "of garbage, allocation sites where tracemalloc was on, and what of all this is not "
        "exact.\n"
        "\n"
        "The HTML page needs nothing beside itself; its one script sorts, filters and unfolds, "
        "and everything is there without it. FILE is written whole or not at all, over what was "
        "there; without FILE the lines of the report are the answer. A report holds values of "
        "the program, and only its owner may read the file.\n"
        "\n"
        "With earlier heaps after FILE, oldest first, it shows their trends as well: types, "
        "variables and memory, a small picture each.\n"
        "\n"
        "With --redact numbers, addresses and the names of types and modules remain: no "
        "values, no names of attributes, variables, functions and files. Look at it before "
        "you give it away: a type's or module's name may say something, too.",
    .example = "report app.html",
    .options = options,
    .words_least = 0,
    .words_most = ARGS_MAX,
    .word_kind = COMPLETE_FILE,
    .needs = NEEDS_HEAP,
    .writes = "",
    .run = cmd_report_run,
};
