// SPDX-License-Identifier: GPL-3.0-or-later
// Trends on a page: one picture per row, all of the same size, so that the eye can compare them.
#include <stdlib.h>
#include <string.h>

#include "cmd/page/page_html.h"

#define TREND_WIDTH 150.0
#define TREND_HEIGHT 36.0

// The number after this one.
static const char *html_trend_next(const char *at)
{
    at += strcspn(at, ",");
    return at + (*at == ',');
}

// "300,580,540" as points from left to right, from the fewest to the most.
static void html_trend_points(struct html *html, const char *counts)
{
    size_t count = 0;
    double least = 0, most = 0;
    for (const char *at = counts; *at; at = html_trend_next(at)) {
        double number = strtod(at, NULL);
        least = !count || number < least ? number : least;
        most = !count || number > most ? number : most;
        count++;
    }
    double x = 0, y = 0, step = count > 1 ? TREND_WIDTH / (double)(count - 1) : 0;
    html_put(html, "<polyline points=\"");
    for (const char *at = counts; *at; at = html_trend_next(at)) {
        double part = most > least ? (strtod(at, NULL) - least) / (most - least) : 0;
        y = TREND_HEIGHT * (1 - part);
        text_add_format(html->out, "%.1f,%.1f ", x + 4, y + 4);
        x += step;
    }
    text_add_format(html->out, "\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", x - step + 4,
                    y + 4);
}

// Adds an amount of memory, in units.
static void html_trend_amount(struct html *html, const struct page_section *section, size_t row,
                              enum column_id id)
{
    size_t column = report_column(&section->report, id);
    if (section->report.columns[column].flags & COLUMN_HUMAN)
        text_add_size(html->out, page_cell(section, row, column)->u);
    else
        html_put_cell(html, section, row, column);
}

static void html_trend_row(struct html *html, const struct page_section *section, size_t row)
{
    const struct report *report = &section->report;
    html_put(html, "<li><b>");
    html_put_cell(html, section, row, 0);
    html_put(html, "</b><span>");
    html_put_cell(html, section, row, report_column(report, COL_verdict));
    text_add_format(html->out, "</span><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"",
                    TREND_WIDTH + 8, TREND_HEIGHT + 8);
    size_t counts = report_column(report, COL_counts);
    html_put_cell(html, section, row, counts);
    html_put(html, "\">");
    html_trend_points(html, page_cell(section, row, counts)->s);
    html_put(html, "</svg><span class=\"n\">");
    html_trend_amount(html, section, row, COL_first);
    html_put(html, " \xe2\x86\x92 ");
    html_trend_amount(html, section, row, COL_last);
    size_t rate = report_column(report, COL_rate);
    if (page_cell(section, row, rate)->kind == CELL_INT) {
        int64_t bytes = page_cell(section, row, rate)->i;
        text_add_string(html->out, bytes < 0 ? ", \xe2\x88\x92" : ", +");
        text_add_size(html->out, bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes);
        html_put(html, "/h");
    }
    html_put(html, "</span></li>\n");
}

void html_put_trends(struct html *html, const struct page_section *section)
{
    html_put(html, "<ul class=\"trends\">\n");
    for (size_t row = 0; row < section->report.row_count; row++)
        html_trend_row(html, section, row);
    html_put(html, "</ul>\n");
}
