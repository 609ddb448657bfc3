// SPDX-License-Identifier: GPL-3.0-or-later
// The findings of a report in the two forms that CI systems read: SARIF 2.1.0, and JUnit's XML.
//
//      high    error     a failure
//      medium  warning   a failure
//      low     note      a test that passed, with the finding in its output
//      info    note      likewise
#include <string.h>

#include "base/json.h"
#include "cmd/page/page.h"

struct page_check { // one finding
    const char *severity, *kind;
    struct text what, why;
};

static const char *page_check_word(const struct page_section *section, size_t row,
                                   enum column_id id)
{
    size_t column = report_column(&section->report, id);
    if (column >= section->report.column_count)
        return "";
    const struct cell *cell = page_cell(section, row, column);
    return cell->kind == CELL_TEXT ? cell->s : "";
}

// For a page without values: what findings of this kind are about in general.
static void page_check_sentence(const struct page *page, const struct page_section *section,
                                size_t row, enum column_id id, struct text *out)
{
    size_t column = report_column(&section->report, id);
    text_clear(out);
    if (column < section->report.column_count && page_shows(page, section, row, column)) {
        page_text(page, section, row, column, out);
    } else if (id == COL_what) {
        const char *help = page_finding_help(page, section, row);
        text_add_string(out, help ? help : page_check_word(section, row, COL_kind));
    }
}

static void page_check_read(const struct page *page, const struct page_section *section, size_t row,
                            struct page_check *check)
{
    check->severity = page_check_word(section, row, COL_severity);
    check->kind = page_check_word(section, row, COL_kind);
    page_check_sentence(page, section, row, COL_what, &check->what);
    page_check_sentence(page, section, row, COL_why, &check->why);
}

static bool page_check_fails(const struct page_check *check)
{
    return !strcmp(check->severity, "high") || !strcmp(check->severity, "medium");
}

// --- SARIF --------------------------------------------------------------------------------------

static void page_sarif_text(struct text *out, const char *key, const char *text)
{
    json_add_key(out, key);
    json_add_open(out, '{');
    json_add_key(out, "text");
    json_add_string(out, text);
    json_add_close(out, '}');
}

static void page_sarif_result(const struct page_check *check, struct text *out)
{
    struct text message = TEXT_INIT;
    text_add_format(&message, "%s%s%s", text_string(&check->what), check->why.size ? ". " : "",
                    text_string(&check->why));
    json_add_open(out, '{');
    json_add_key(out, "ruleId");
    json_add_string(out, check->kind);
    json_add_key(out, "level");
    json_add_string(out, !strcmp(check->severity, "high")     ? "error"
                         : !strcmp(check->severity, "medium") ? "warning"
                                                              : "note");
    page_sarif_text(out, "message", text_string(&message));
    json_add_key(out, "properties");
    json_add_open(out, '{');
    json_add_key(out, "severity");
    json_add_string(out, check->severity);
    json_add_close(out, '}');
    json_add_close(out, '}');
    text_fini(&message);
}

static bool page_sarif_is_first(const struct page_section *section, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (!strcmp(page_check_word(section, i, COL_kind), page_check_word(section, row, COL_kind)))
            return false;
    return true;
}

static void page_sarif_rules(const struct page *page, const struct page_section *section,
                             struct text *out)
{
    json_add_key(out, "rules");
    json_add_open(out, '[');
    for (size_t row = 0; section && row < section->report.row_count; row++) {
        const char *help = page_finding_help(page, section, row);
        if (!page_sarif_is_first(section, row))
            continue;
        json_add_open(out, '{');
        json_add_key(out, "id");
        json_add_string(out, page_check_word(section, row, COL_kind));
        if (help)
            page_sarif_text(out, "shortDescription", help);
        json_add_close(out, '}');
    }
    json_add_close(out, ']');
}

void page_sarif(const struct page *page, struct text *out)
{
    const struct page_section *section = page_find(page, "findings");
    struct page_check check = { NULL, NULL, TEXT_INIT, TEXT_INIT };
    json_add_open(out, '{');
    json_add_key(out, "$schema");
    json_add_string(out, "https://json.schemastore.org/sarif-2.1.0.json");
    json_add_key(out, "version");
    json_add_string(out, "2.1.0");
    json_add_key(out, "runs");
    json_add_open(out, '[');
    json_add_open(out, '{');
    json_add_key(out, "tool");
    json_add_open(out, '{');
    json_add_key(out, "driver");
    json_add_open(out, '{');
    json_add_key(out, "name");
    json_add_string(out, "ouro");
    json_add_key(out, "version");
    json_add_string(out, PACKAGE_VERSION);
    page_sarif_rules(page, section, out);
    json_add_close(out, '}');
    json_add_close(out, '}');
    json_add_key(out, "results");
    json_add_open(out, '[');
    for (size_t row = 0; section && row < section->report.row_count; row++) {
        page_check_read(page, section, row, &check);
        page_sarif_result(&check, out);
    }
    for (const char *close = "]}]}"; *close; close++)
        json_add_close(out, *close);
    text_add_char(out, '\n');
    text_fini(&check.what);
    text_fini(&check.why);
}

// --- JUnit --------------------------------------------------------------------------------------

static void page_junit_case(const struct page_check *check, struct text *out)
{
    bool fails = page_check_fails(check);
    text_add_string(out, "  <testcase classname=\"ouro.");
    page_escape(out, check->kind);
    text_add_string(out, "\" name=\"");
    page_escape(out, text_string(&check->what));
    text_add_string(out, fails ? "\">\n    <failure type=\"" : "\">\n    <system-out>");
    page_escape(out, check->severity);
    if (fails) {
        text_add_string(out, "\" message=\"");
        page_escape(out, text_string(&check->what));
        text_add_string(out, "\">");
    } else {
        text_add_string(out, ": ");
    }
    page_escape(out, text_string(&check->why));
    text_add_string(out, fails ? "</failure>\n  </testcase>\n" : "</system-out>\n  </testcase>\n");
}

void page_junit(const struct page *page, struct text *out)
{
    const struct page_section *section = page_find(page, "findings");
    size_t rows = section ? section->report.row_count : 0, failures = 0;
    struct page_check check = { NULL, NULL, TEXT_INIT, TEXT_INIT };
    struct text cases = TEXT_INIT;
    for (size_t row = 0; row < rows; row++) {
        page_check_read(page, section, row, &check);
        failures += page_check_fails(&check);
        page_junit_case(&check, &cases);
    }
    if (!rows) // some readers take a suite without tests for an error
        text_add_string(&cases, "  <testcase classname=\"ouro\" name=\"no findings\"/>\n");
    text_add_format(out,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<testsuites>\n<testsuite name=\"ouro findings\" tests=\"%zu\" "
                    "failures=\"%zu\" errors=\"0\" skipped=\"0\">\n%s</testsuite>\n</testsuites>\n",
                    rows ? rows : 1, failures, text_string(&cases));
    if (cases.failed)
        out->failed = true;
    text_fini(&cases);
    text_fini(&check.what);
    text_fini(&check.why);
}
