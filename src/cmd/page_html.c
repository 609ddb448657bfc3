// SPDX-License-Identifier: GPL-3.0-or-later
// A report as one HTML page: no scripts, nothing from elsewhere, light and dark, narrow and wide.
#include <stdlib.h>
#include <string.h>

#include "cmd/page.h"
#include "cmd/page_style.h"

#define HUES 8
#define LETTER 6.6 // units that a letter of a tile's name takes
#define HEAD 17    // ... and its line
#define LOCALS_MOST 40

struct html {
    const struct page *page;
    struct text *out;
    struct text word; // scratch
};

// Text of the target's becomes text of the page, in content and in attributes.
static void escape(struct text *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            text_add_string(out, "&amp;");
            break;
        case '<':
            text_add_string(out, "&lt;");
            break;
        case '>':
            text_add_string(out, "&gt;");
            break;
        case '"':
            text_add_string(out, "&quot;");
            break;
        case '\'':
            text_add_string(out, "&#39;");
            break;
        default:
            text_add_char(out, *text);
        }
    }
}

static void put(struct html *html, const char *markup)
{
    text_add_string(html->out, markup);
}

static const char *cell_word(struct html *html, const struct page_section *section, size_t row,
                             size_t column)
{
    text_clear(&html->word);
    if (column < section->report.column_count)
        page_text(html->page, section, row, column, &html->word);
    return text_string(&html->word);
}

static void put_cell(struct html *html, const struct page_section *section, size_t row,
                     size_t column)
{
    escape(html->out, cell_word(html, section, row, column));
}

// --- facts --------------------------------------------------------------------------------------

// "implementation_layout_source" -> "implementation layout source"
static void put_name(struct html *html, const char *name)
{
    text_clear(&html->word);
    text_add_string(&html->word, name);
    for (size_t i = 0; i < html->word.size; i++)
        if (html->word.data[i] == '_')
            html->word.data[i] = ' ';
    escape(html->out, text_string(&html->word));
}

static void put_facts(struct html *html, const struct page_section *section)
{
    const struct report *report = &section->report;
    const char *last = "";
    put(html, "<div class=\"facts\">\n");
    for (size_t i = 0; i < report->row_count; i++) {
        const char *group = page_cell(section, i, 0)->s;
        if (!page_has_fact(section, i) || page_cell(section, i, 2)->kind == CELL_NULL
            || !page_shows(html->page, section, i, 2))
            continue;
        if (strcmp(group, last)) {
            put(html, *last ? "</dl></div>\n" : "");
            put(html, "<div><h3>");
            escape(html->out, group);
            put(html, "</h3><dl>\n");
            last = group;
        }
        put(html, "<dt>");
        put_name(html, page_cell(section, i, 1)->s);
        put(html, "</dt><dd>");
        put_cell(html, section, i, 2);
        put(html, "</dd>\n");
    }
    put(html, *last ? "</dl></div>\n</div>\n" : "</div>\n");
}

// --- generations --------------------------------------------------------------------------------

static void put_generations(struct html *html, const struct page_section *section)
{
    const struct report *report = &section->report;
    const char *last = "";
    put(html,
        "<div class=\"scroll\"><table><thead><tr><th>generation</th><th class=\"n\">objects</th>"
        "<th class=\"n\">bytes</th><th class=\"n\">collections</th><th class=\"n\">collected</th>"
        "<th class=\"n\">uncollectable</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->row_count; i++) {
        const char *name = page_cell(section, i, 0)->s;
        if (strncmp(name, "generation ", 11))
            continue;
        if (strcmp(name, last)) {
            put(html, *last ? "</tr>\n<tr><td>" : "<tr><td>");
            escape(html->out, name + 11);
            put(html, "</td>");
            last = name;
        }
        put(html, "<td class=\"n\">");
        put_cell(html, section, i, 2);
        put(html, "</td>");
    }
    put(html, *last ? "</tr>\n</tbody></table></div>\n" : "</tbody></table></div>\n");
}

// --- tables -------------------------------------------------------------------------------------

// What a bar's full length stands for.
static uint64_t greatest(const struct page_section *section, size_t column)
{
    uint64_t most = 0;
    for (size_t row = 0; row < section->report.row_count; row++)
        if (page_cell(section, row, column)->kind == CELL_BYTES
            && page_cell(section, row, column)->u > most)
            most = page_cell(section, row, column)->u;
    return most;
}

static bool is_code(const struct column *column)
{
    static const char *const names[] = { "ring", "cut",  "shape", "preview", "object",
                                         "type", "file", "next",  "local",   "owner" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(column->name, names[i]))
            return true;
    return false;
}

static void put_table_head(struct html *html, const struct page_section *section,
                           const size_t *columns, size_t count)
{
    put(html, "<div class=\"scroll\"><table><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &section->report.columns[columns[i]];
        text_add_format(html->out, "<th%s title=\"",
                        column->flags & COLUMN_RIGHT ? " class=\"n\"" : "");
        escape(html->out, column->help);
        put(html, "\">");
        escape(html->out, column->name);
        put(html, "</th>");
    }
    put(html, "</tr></thead><tbody>\n");
}

static void put_table_cell(struct html *html, const struct page_section *section, size_t row,
                           size_t column, uint64_t most)
{
    const struct column *of = &section->report.columns[column];
    const struct cell *cell = page_cell(section, row, column);
    if (most && cell->kind == CELL_BYTES)
        text_add_format(html->out, "<td class=\"n bar\" style=\"--part:%.1f%%\">",
                        100.0 * (double)cell->u / (double)most);
    else
        text_add_format(html->out, "<td%s>",
                        of->flags & COLUMN_RIGHT ? " class=\"n\""
                        : is_code(of)            ? " class=\"c\""
                                                 : "");
    put_cell(html, section, row, column);
    put(html, "</td>");
}

static void put_table(struct html *html, const struct page_section *section)
{
    size_t columns[PAGE_COLUMNS_MOST];
    size_t count = page_columns(html->page, section, columns);
    put_table_head(html, section, columns, count);
    for (size_t row = 0; row < section->report.row_count; row++) {
        put(html, "<tr>");
        for (size_t i = 0; i < count; i++) {
            bool bar = section->report.columns[columns[i]].flags & COLUMN_BAR;
            put_table_cell(html, section, row, columns[i], bar ? greatest(section, columns[i]) : 0);
        }
        put(html, "</tr>\n");
    }
    put(html, "</tbody></table></div>\n");
}

// --- findings -----------------------------------------------------------------------------------

static void put_finding(struct html *html, const struct page_section *section, size_t row)
{
    const struct report *report = &section->report;
    const char *severity = cell_word(html, section, row, report_column(report, "severity"));
    text_add_format(html->out, "<li class=\"finding %s\"><p class=\"tag\"><b>%s</b> ", severity,
                    severity);
    put_cell(html, section, row, report_column(report, "kind"));
    put(html, " \xc2\xb7 ");
    put_cell(html, section, row, report_column(report, "bytes"));
    put(html, " \xc2\xb7 ");
    put_cell(html, section, row, report_column(report, "objects"));
    put(html, " objects</p>");
    const char *help = page_finding_help(html->page, section, row);
    if (help) {
        put(html, "<p>");
        escape(html->out, help);
        put(html, "</p>");
    }
    static const struct {
        const char *column, *before, *after;
    } parts[] = { { "what", "<p class=\"what\">", "</p>" },
                  { "why", "<p>", "</p>" },
                  { "next", "<p class=\"next\"><code>", "</code></p>" } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!*cell_word(html, section, row, report_column(report, parts[i].column)))
            continue;
        put(html, parts[i].before);
        put_cell(html, section, row, report_column(report, parts[i].column));
        put(html, parts[i].after);
    }
    put(html, "</li>\n");
}

static void put_findings(struct html *html, const struct page_section *section)
{
    put(html, "<ol class=\"findings\">\n");
    for (size_t row = 0; row < section->report.row_count; row++)
        put_finding(html, section, row);
    put(html, "</ol>\n");
}

// --- stacks -------------------------------------------------------------------------------------

static bool same(const struct page_section *section, size_t a, size_t b, const char *column)
{
    size_t i = report_column(&section->report, column);
    const struct cell *x = page_cell(section, a, i), *y = page_cell(section, b, i);
    return x->kind == y->kind && x->u == y->u;
}

// Rows of one call follow one another: one row a local variable.
static bool same_frame(const struct page_section *section, size_t a, size_t b)
{
    return same(section, a, b, "thread") && same(section, a, b, "depth")
           && same(section, a, b, "owner");
}

static void put_frame_head(struct html *html, const struct page_section *section, size_t row)
{
    const struct report *report = &section->report;
    const char *name = cell_word(html, section, row, report_column(report, "function"));
    put(html, "<b>");
    if (*name)
        escape(html->out, name);
    else
        text_add_format(
            html->out, "call %llu",
            (unsigned long long)page_cell(section, row, report_column(report, "depth"))->u);
    put(html, "</b>");
    if (!*cell_word(html, section, row, report_column(report, "file")))
        return;
    put(html, " <span class=\"at\">");
    put_cell(html, section, row, report_column(report, "file"));
    put(html, ":");
    put_cell(html, section, row, report_column(report, "line"));
    put(html, "</span>");
}

static void put_local(struct html *html, const struct page_section *section, size_t row)
{
    static const char *const names[] = { "local", "type", "preview" };
    put(html, "<tr>");
    for (size_t i = 0; i < 3; i++) {
        put(html, "<td class=\"c\">");
        put_cell(html, section, row, report_column(&section->report, names[i]));
        put(html, "</td>");
    }
    put(html, "</tr>\n");
}

// The rows [from, to) of one call.
static void put_frame(struct html *html, const struct page_section *section, size_t from, size_t to)
{
    size_t object = report_column(&section->report, "object");
    bool locals = page_cell(section, from, object)->kind != CELL_NULL;
    put(html, locals ? "<li><details><summary>" : "<li>");
    put_frame_head(html, section, from);
    if (locals) {
        put(html, "</summary><div class=\"scroll\"><table><tbody>\n");
        for (size_t row = from; row < to && row < from + LOCALS_MOST; row++)
            put_local(html, section, row);
        put(html, "</tbody></table></div></details>");
    }
    put(html, "</li>\n");
}

static void put_stack_head(struct html *html, const struct page_section *section, size_t row)
{
    size_t thread = report_column(&section->report, "thread");
    put(html, "<h3>");
    if (page_cell(section, row, thread)->kind != CELL_NULL) {
        put(html, "thread ");
        put_cell(html, section, row, thread);
    } else {
        put(html, "suspended: ");
        put_cell(html, section, row, report_column(&section->report, "owner"));
    }
    put(html, "</h3><ol class=\"stack\" start=\"0\">\n");
}

static void put_stacks(struct html *html, const struct page_section *section)
{
    size_t count = section->report.row_count, depth = report_column(&section->report, "depth");
    bool open = false;
    for (size_t row = 0; row < count;) {
        size_t end = row + 1;
        while (end < count && same_frame(section, row, end))
            end++;
        const struct cell *cell = page_cell(section, row, depth);
        if (!open || cell->kind == CELL_NULL || cell->u == 0) {
            put(html, open ? "</ol>\n" : "");
            put_stack_head(html, section, row);
            open = true;
        }
        if (cell->kind != CELL_NULL)
            put_frame(html, section, row, end);
        row = end;
    }
    put(html, open ? "</ol>\n" : "");
}

// --- the treemap --------------------------------------------------------------------------------

static void tile_name(const struct page_tile *tile, struct text *out)
{
    if (tile->object == NODE_NONE) {
        text_add_count(out, tile->objects);
        text_add_format(out, " %s", *tile->type ? tile->type : "others");
    } else {
        text_add_format(out, "%s%s%s", tile->name, *tile->name ? " " : "", tile->type);
    }
}

static void put_tile_text(struct html *html, const struct page_tile *tile,
                          const struct page_box *box)
{
    size_t letters = box->w > 12 ? (size_t)((box->w - 8) / LETTER) : 0;
    if (letters < 3 || box->h < HEAD)
        return;
    text_clear(&html->word);
    tile_name(tile, &html->word);
    text_shorten(&html->word, 0, letters);
    text_add_format(html->out, "<text x=\"%.1f\" y=\"%.1f\">", box->x + 4, box->y + 12.5);
    escape(html->out, text_string(&html->word));
    put(html, "</text>");
    text_clear(&html->word);
    text_add_size(&html->word, tile->retained);
    if (tile->count || box->h < 2 * HEAD || html->word.size > letters)
        return;
    text_add_format(html->out, "<text class=\"s\" x=\"%.1f\" y=\"%.1f\">%s</text>", box->x + 4,
                    box->y + 12.5 + HEAD - 3, text_string(&html->word));
}

static void put_tile(struct html *html, const struct page_tile *tile, const struct page_box *box)
{
    if (box->w < 1 || box->h < 1)
        return;
    text_add_format(html->out, "<g class=\"h%u d%u%s%s\"><title>", tile->top % HUES, tile->depth,
                    tile->garbage ? " dead" : "", *tile->type ? "" : " rest");
    text_clear(&html->word);
    tile_name(tile, &html->word);
    text_add_string(&html->word, ": ");
    text_add_size(&html->word, tile->retained);
    if (tile->garbage)
        text_add_string(&html->word, ", garbage");
    escape(html->out, text_string(&html->word));
    text_add_format(html->out,
                    "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", box->x,
                    box->y, box->w, box->h);
    put_tile_text(html, tile, box);
    put(html, "</g>\n");
}

// Once for a wide window and once for a narrow one: the style shows one of them.
static void put_picture(struct html *html, const char *name, double width, double height)
{
    const struct page_map *map = &html->page->map;
    struct page_box *boxes = calloc(map->count + 1, sizeof *boxes);
    if (boxes && page_map_place(map, width, height, HEAD, boxes)) {
        text_add_format(html->out,
                        "<svg class=\"map %s\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
                        "aria-label=\"treemap of retained memory\">\n",
                        name, width, height);
        for (size_t i = 0; i < map->count; i++)
            put_tile(html, &map->tiles[i], &boxes[i]);
        put(html, "</svg>\n");
    }
    free(boxes);
}

static void put_map(struct html *html)
{
    put_picture(html, "wide", 1040, 540);
    put_picture(html, "narrow", 358, 560);
}

// --- the page -----------------------------------------------------------------------------------

static void put_body(struct html *html, const struct page_section *section)
{
    if (section->row->form == PAGE_MAP) {
        put_map(html);
        return;
    }
    if (!section->report.row_count) {
        put(html, "<p class=\"none\">");
        escape(html->out, section->err.kind != ERR_NONE ? page_error(html->page, section)
                          : section->report.empty       ? section->report.empty
                                                        : "nothing");
        put(html, "</p>\n");
        return;
    }
    switch (section->row->form) {
    case PAGE_FACTS:
        put_facts(html, section);
        break;
    case PAGE_GENERATIONS:
        put_generations(html, section);
        break;
    case PAGE_FINDINGS:
        put_findings(html, section);
        break;
    case PAGE_STACKS:
        put_stacks(html, section);
        break;
    default:
        put_table(html, section);
    }
    if (section->report.truncated && section->row->line)
        text_add_format(html->out,
                        "<p class=\"none\">There is more: <code>ouro CORE %s</code></p>\n",
                        section->report.command);
}

static void put_section(struct html *html, const struct page_section *section)
{
    text_add_format(html->out, "<section id=\"%s\"><h2>%s</h2>\n<p class=\"about\">%s</p>\n",
                    section->row->id, section->row->title, section->row->about);
    put_body(html, section);
    put(html, "</section>\n");
}

// The few numbers that everybody looks for first.
static void put_tiles(struct html *html)
{
    static const struct {
        const char *section, *name, *label;
    } facts[] = {
        { "heap", "objects", "objects" },
        { "heap", "bytes", "in them" },
        { "heap", "types", "types" },
        { "heap", "threads", "threads" },
        { "target", "faults", "reads that failed" },
    };
    put(html, "<ul class=\"tiles\">\n");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        text_clear(&html->word);
        if (!page_fact(html->page, facts[i].section, facts[i].name, &html->word))
            continue;
        put(html, "<li><b>");
        escape(html->out, text_string(&html->word));
        text_add_format(html->out, "</b> %s</li>\n", facts[i].label);
    }
    text_clear(&html->word);
    text_add_size(&html->word, html->page->session->garbage.bytes);
    text_add_format(html->out, "<li><b>%s</b> garbage</li>\n</ul>\n", text_string(&html->word));
}

static void put_contents(struct html *html)
{
    put(html, "<nav>");
    for (size_t i = 0; i < html->page->count; i++)
        text_add_format(html->out, "<a href=\"#%s\">%s</a> ", html->page->sections[i].row->id,
                        html->page->sections[i].row->title);
    put(html, "</nav>\n");
}

void page_html(const struct page *page, struct text *out)
{
    struct html html = { .page = page, .out = out };
    struct text title = TEXT_INIT;
    page_title(page, &title);
    put(&html, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    escape(out, text_string(&title));
    put(&html, "</title>\n<style>\n");
    for (size_t i = 0; page_style[i]; i++)
        put(&html, page_style[i]);
    put(&html, "</style>\n</head>\n<body>\n<header><p class=\"by\">ouro report</p><h1>");
    escape(out, text_string(&title));
    put(&html, "</h1>\n");
    put_tiles(&html);
    if (page->redacted)
        put(&html, "<p class=\"none\">Redacted: every value and name of the program is left out, "
                   "but for types and modules.</p>\n");
    put_contents(&html);
    put(&html, "</header>\n<main>\n");
    for (size_t i = 0; i < page->count; i++)
        put_section(&html, &page->sections[i]);
    put(&html, "</main>\n</body>\n</html>\n");
    text_fini(&title);
    text_fini(&html.word);
}
