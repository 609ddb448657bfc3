// SPDX-License-Identifier: GPL-3.0-or-later
// The top of the HTML page: what is wrong, and where the memory is. See page_html.h.
#include <string.h>

#include "cmd/page/page_html.h"

#define CHART_ROWS 10
#define STEPS_MAX 40
#define SUBJECT_MOST 90
#define KINDS_MAX 32
#define LEGEND_MAX 8

// --- what is wrong ------------------------------------------------------------------------------

// The steps from the root, the first open; a long path is folded by `path` itself.
static void html_put_path(struct html *html, const struct page_section *path)
{
    const struct report *report = &path->report;
    if (!report->row_count)
        return;
    text_add_format(html->out,
                    "<details><summary>held by a path of %zu %s</summary><ol class=\"path\">\n",
                    report->row_count, report->row_count == 1 ? "step" : "steps");
    for (size_t row = 0; row < report->row_count && row < STEPS_MAX; row++) {
        html_put(html, "<li><code>");
        html_put_cell(html, path, row, report_column(report, COL_edge));
        html_put(html, "</code> <span class=\"at\">");
        html_put_cell(html, path, row, report_column(report, COL_type));
        html_put(html, "</span></li>\n");
    }
    html_put(html, "</ol></details>");
}

static void html_put_worst(struct html *html, const struct page_section *findings, size_t row)
{
    const struct report *report = &findings->report;
    const char *severity = html_cell_word(html, findings, row, report_column(report, COL_severity));
    text_add_format(html->out, "<li class=\"finding %s\"><p class=\"what\">", severity);
    const char *help = page_finding_help(html->page, findings, row);
    if (help)
        page_escape(html->out, help);
    html_put_cell(html, findings, row, report_column(report, COL_what));
    html_put(html, "</p>");
    html_put_path(html, &html->page->paths[row]);
    html_put(html, "</li>\n");
}

// The subject of a sentence, "app.CACHE, a dict of 5,000": it ends at ", keeps", " keep" or ": ".
static size_t html_subject(const char *what)
{
    static const char *const ends[] = { ", keeps ", " keeps ", " keep ", ": " };
    size_t size = strlen(what);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = strstr(what, ends[i]);
        if (end && (size_t)(end - what) < size)
            size = (size_t)(end - what);
    }
    return size;
}

static void html_put_chart_row(struct html *html, const struct page_section *findings, size_t row,
                               uint64_t most)
{
    const struct report *report = &findings->report;
    uint64_t bytes = page_cell(findings, row, report_column(report, COL_bytes))->u;
    const char *severity = html_cell_word(html, findings, row, report_column(report, COL_severity));
    text_add_format(html->out, "<li class=\"%s\"><span>", severity);
    const char *what = html_cell_word(html, findings, row, report_column(report, COL_what));
    if (!*what)
        what = html_cell_word(html, findings, row, report_column(report, COL_kind));
    text_truncate(&html->word, html_subject(what));
    text_shorten(&html->word, 0, SUBJECT_MOST);
    page_escape(html->out, text_string(&html->word));
    text_add_format(html->out, "</span><b style=\"--part:%.1f%%\"></b><em>",
                    100.0 * (double)bytes / (double)most);
    text_clear(&html->word);
    text_add_size(&html->word, bytes);
    text_add_string(&html->word, " \xc2\xb7 ");
    page_share(html->page, bytes, &html->word);
    page_escape(html->out, text_string(&html->word));
    html_put(html, "</em></li>\n");
}

static void html_put_chart(struct html *html, const struct page_section *findings)
{
    size_t column = report_column(&findings->report, COL_bytes);
    size_t count =
        findings->report.row_count < CHART_ROWS ? findings->report.row_count : CHART_ROWS;
    uint64_t most = 0;
    for (size_t row = 0; row < count; row++)
        if (page_cell(findings, row, column)->u > most)
            most = page_cell(findings, row, column)->u;
    if (!most)
        return;
    html_put(html, "<h3>suspects and other findings, by what they keep</h3><ol class=\"chart\">\n");
    for (size_t row = 0; row < count; row++)
        if (page_cell(findings, row, column)->u)
            html_put_chart_row(html, findings, row, most);
    html_put(html, "</ol>\n");
}

void html_put_verdict(struct html *html)
{
    const struct page_section *findings = page_find(html->page, "findings");
    html_put(html, "<p class=\"verdict\">");
    text_clear(&html->word);
    page_verdict(html->page, &html->word);
    page_escape(html->out, text_string(&html->word));
    html_put(html, "</p>\n");
    if (!findings || !findings->report.row_count)
        return;
    html_put(html, "<ol class=\"findings\">\n");
    for (size_t row = 0; row < findings->report.row_count && row < PAGE_WORST; row++)
        html_put_worst(html, findings, row);
    html_put(html, "</ol>\n");
    html_put_chart(html, findings);
}

// --- memory -------------------------------------------------------------------------------------

struct html_kind { // a kind of memory, its rows added up
    const char *name;
    uint64_t bytes;
};

static size_t html_add_kinds(const struct page_section *mapped, struct html_kind *kinds)
{
    const struct report *report = &mapped->report;
    size_t kind = report_column(report, COL_kind), resident = report_column(report, COL_resident);
    size_t count = 0;
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *bytes = page_cell(mapped, row, resident);
        const char *name = page_cell(mapped, row, kind)->s;
        size_t i = 0;
        while (i < count && strcmp(kinds[i].name, name))
            i++;
        if (bytes->kind != CELL_BYTES || i == KINDS_MAX)
            continue;
        if (i == count)
            kinds[count++] = (struct html_kind){ name, 0 };
        kinds[i].bytes += bytes->u;
    }
    return count;
}

// Sorts by size, largest first, and adds up as one what the legend has no room for.
static size_t html_order_kinds(struct html_kind *kinds, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct html_kind kind = kinds[i];
        size_t at = i;
        for (; at && kinds[at - 1].bytes < kind.bytes; at--)
            kinds[at] = kinds[at - 1];
        kinds[at] = kind;
    }
    if (count <= LEGEND_MAX)
        return count;
    struct html_kind rest = { "other", 0 };
    for (size_t i = LEGEND_MAX - 1; i < count; i++)
        rest.bytes += kinds[i].bytes;
    kinds[LEGEND_MAX - 1] = rest;
    return LEGEND_MAX;
}

void html_put_memory_bar(struct html *html)
{
    const struct page_section *mapped = page_find(html->page, "mapped");
    struct html_kind kinds[KINDS_MAX];
    size_t count = mapped ? html_order_kinds(kinds, html_add_kinds(mapped, kinds)) : 0;
    uint64_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += kinds[i].bytes;
    if (!all)
        return;
    html_put(html, "<div class=\"usage\" role=\"img\" aria-label=\"resident memory by kind\">");
    for (size_t i = 0; i < count; i++)
        text_add_format(html->out, "<span class=\"k%zu\" style=\"flex-grow:%.4f\"></span>", i,
                        (double)kinds[i].bytes / (double)all);
    html_put(html, "</div><ul class=\"legend\">\n");
    for (size_t i = 0; i < count; i++) {
        text_add_format(html->out, "<li><i class=\"k%zu\"></i>", i);
        page_escape(html->out, kinds[i].name);
        text_clear(&html->word);
        text_add_size(&html->word, kinds[i].bytes);
        text_add_format(html->out, " <b>%s</b> %.0f %%</li>\n", text_string(&html->word),
                        100.0 * (double)kinds[i].bytes / (double)all);
    }
    html_put(html, "</ul>\n");
}
