// SPDX-License-Identifier: GPL-3.0-or-later
// A report as one HTML page: nothing from elsewhere, light and dark, narrow and wide; its script is a convenience.
#include <stdlib.h>
#include <string.h>

#include "cmd/page/page.h"
#include "cmd/page/page_html.h"
#include "cmd/page/page_style.h"

#define HUES 8
#define LETTER 6.6 // width of a letter of a tile's name, in units
#define HEAD 17    // ... and height of its line
#define LOCALS_MAX 40

void html_put(struct html *html, const char *markup)
{
    text_add_string(html->out, markup);
}

const char *html_cell_word(struct html *html, const struct page_section *section, size_t row,
                           size_t column)
{
    text_clear(&html->word);
    if (column < section->report.column_count)
        page_text(html->page, section, row, column, &html->word);
    return text_string(&html->word);
}

void html_put_cell(struct html *html, const struct page_section *section, size_t row, size_t column)
{
    page_escape(html->out, html_cell_word(html, section, row, column));
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
    page_escape(html->out, text_string(&html->word));
}

static void page_html_put_facts(struct html *html, const struct page_section *section)
{
    const struct report *report = &section->report;
    const char *last = "";
    html_put(html, "<div class=\"facts\">\n");
    for (size_t i = 0; i < report->row_count; i++) {
        const char *group = page_cell(section, i, 0)->s;
        if (!page_has_fact(section, i) || page_cell(section, i, 2)->kind == CELL_NULL
            || !page_shows(html->page, section, i, 2))
            continue;
        if (strcmp(group, last)) {
            html_put(html, *last ? "</dl></div>\n" : "");
            html_put(html, "<div><h3>");
            page_escape(html->out, group);
            html_put(html, "</h3><dl>\n");
            last = group;
        }
        html_put(html, "<dt>");
        put_name(html, page_cell(section, i, 1)->s);
        html_put(html, "</dt><dd>");
        html_put_cell(html, section, i, 2);
        html_put(html, "</dd>\n");
    }
    html_put(html, *last ? "</dl></div>\n</div>\n" : "</div>\n");
}

// --- generations --------------------------------------------------------------------------------

static void put_generations(struct html *html, const struct page_section *section)
{
    const struct report *report = &section->report;
    const char *last = "";
    html_put(
        html,
        "<div class=\"scroll\"><table class=\"data\"><thead><tr><th>generation</th><th "
        "class=\"n\">objects</th>"
        "<th class=\"n\">bytes</th><th class=\"n\">collections</th><th class=\"n\">collected</th>"
        "<th class=\"n\">uncollectable</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->row_count; i++) {
        const char *name = page_cell(section, i, 0)->s;
        if (!page_has_fact(section, i))
            continue;
        if (strcmp(name, last)) {
            html_put(html, *last ? "</tr>\n<tr><td data-l=\"generation\">"
                                 : "<tr><td data-l=\"generation\">");
            page_escape(html->out, name + 11);
            html_put(html, "</td>");
            last = name;
        }
        html_put(html, "<td class=\"n\" data-l=\"");
        page_escape(html->out, page_cell(section, i, 1)->s);
        html_put(html, "\">");
        html_put_cell(html, section, i, 2);
        html_put(html, "</td>");
    }
    html_put(html, *last ? "</tr>\n</tbody></table></div>\n" : "</tbody></table></div>\n");
}

// --- tables -------------------------------------------------------------------------------------

// The largest value of the column: a bar's full length.
static uint64_t greatest(const struct page_section *section, size_t column)
{
    uint64_t most = 0;
    for (size_t row = 0; row < section->report.row_count; row++)
        if (page_cell(section, row, column)->kind == CELL_BYTES
            && page_cell(section, row, column)->u > most)
            most = page_cell(section, row, column)->u;
    return most;
}

static void put_table_head(struct html *html, const struct page_section *section,
                           const size_t *columns, size_t count)
{
    html_put(html, "<div class=\"scroll\"><table class=\"data\"><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &section->report.columns[columns[i]];
        text_add_format(html->out, "<th%s title=\"",
                        column->flags & COLUMN_RIGHT ? " class=\"n\"" : "");
        page_escape(html->out, column->help);
        html_put(html, "\">");
        page_escape(html->out, column->name);
        html_put(html, "</th>");
    }
    html_put(html, "</tr></thead><tbody>\n");
}

// Adds the value that the script sorts by, and the label that a narrow window shows before the
// cell.
static void put_cell_attributes(struct html *html, const struct column *column,
                                const struct cell *cell)
{
    html_put(html, " data-l=\"");
    page_escape(html->out, column->name);
    html_put(html, "\"");
    if (cell->kind == CELL_COUNT || cell->kind == CELL_BYTES)
        text_add_format(html->out, " data-v=\"%llu\"", (unsigned long long)cell->u);
}

static void put_table_cell(struct html *html, const struct page_section *section, size_t row,
                           size_t column, uint64_t most)
{
    const struct column *of = &section->report.columns[column];
    const struct cell *cell = page_cell(section, row, column);
    if (most && cell->kind == CELL_BYTES)
        text_add_format(html->out, "<td class=\"n bar\" style=\"--part:%.1f%%\"",
                        100.0 * (double)cell->u / (double)most);
    else
        text_add_format(html->out, "<td%s",
                        of->flags & COLUMN_RIGHT ? " class=\"n\""
                        : column_is_code(of)     ? " class=\"c\""
                                                 : "");
    put_cell_attributes(html, of, cell);
    html_put(html, ">");
    html_put_cell(html, section, row, column);
    if (section->row->shares && cell->kind == CELL_BYTES) {
        html_put(html, " <i>");
        text_clear(&html->word);
        page_share(html->page, cell->u, &html->word);
        page_escape(html->out, text_string(&html->word));
        html_put(html, "</i>");
    }
    html_put(html, "</td>");
}

static void page_html_put_table(struct html *html, const struct page_section *section)
{
    size_t columns[PAGE_COLUMNS_MAX];
    size_t count = page_columns(html->page, section, columns);
    put_table_head(html, section, columns, count);
    for (size_t row = 0; row < page_rows(section); row++) {
        html_put(html, "<tr>");
        for (size_t i = 0; i < count; i++) {
            bool bar = section->report.columns[columns[i]].flags & COLUMN_BAR;
            put_table_cell(html, section, row, columns[i], bar ? greatest(section, columns[i]) : 0);
        }
        html_put(html, "</tr>\n");
    }
    html_put(html, "</tbody></table></div>\n");
}

// --- findings -----------------------------------------------------------------------------------

static void put_finding(struct html *html, const struct page_section *section, size_t row)
{
    const struct report *report = &section->report;
    const char *severity = html_cell_word(html, section, row, report_column(report, COL_severity));
    text_add_format(html->out, "<li class=\"finding %s\"><p class=\"tag\"><b>%s</b> ", severity,
                    severity);
    html_put_cell(html, section, row, report_column(report, COL_kind));
    html_put(html, " \xc2\xb7 ");
    html_put_cell(html, section, row, report_column(report, COL_bytes));
    html_put(html, " \xc2\xb7 ");
    html_put_cell(html, section, row, report_column(report, COL_objects));
    html_put(html, page_counts_one(section, row, COL_objects) ? " object</p>" : " objects</p>");
    const char *help = page_finding_help(html->page, section, row);
    if (help) {
        html_put(html, "<p>");
        page_escape(html->out, help);
        html_put(html, "</p>");
    }
    static const struct {
        enum column_id column;
        const char *before, *after;
    } parts[] = { { COL_what, "<p class=\"what\">", "</p>" },
                  { COL_why, "<p>", "</p>" },
                  { COL_next, "<p class=\"next\"><code>", "</code></p>" } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!*html_cell_word(html, section, row, report_column(report, parts[i].column)))
            continue;
        html_put(html, parts[i].before);
        html_put_cell(html, section, row, report_column(report, parts[i].column));
        html_put(html, parts[i].after);
    }
    html_put(html, "</li>\n");
}

static void page_html_put_findings(struct html *html, const struct page_section *section)
{
    html_put(html, "<ol class=\"findings\">\n");
    for (size_t row = 0; row < section->report.row_count; row++)
        put_finding(html, section, row);
    html_put(html, "</ol>\n");
}

// --- stacks -------------------------------------------------------------------------------------

static bool page_html_same(const struct page_section *section, size_t a, size_t b,
                           enum column_id id)
{
    size_t i = report_column(&section->report, id);
    const struct cell *x = page_cell(section, a, i), *y = page_cell(section, b, i);
    return x->kind == y->kind && x->u == y->u;
}

// Whether two rows are of one call: each call has consecutive rows, one per local variable.
static bool same_frame(const struct page_section *section, size_t a, size_t b)
{
    return page_html_same(section, a, b, COL_thread) && page_html_same(section, a, b, COL_depth)
           && page_html_same(section, a, b, COL_owner);
}

static void put_frame_head(struct html *html, const struct page_section *section, size_t row)
{
    const struct report *report = &section->report;
    const char *name = html_cell_word(html, section, row, report_column(report, COL_function));
    html_put(html, "<b>");
    if (*name)
        page_escape(html->out, name);
    else
        text_add_format(
            html->out, "call %llu",
            (unsigned long long)page_cell(section, row, report_column(report, COL_depth))->u);
    html_put(html, "</b>");
    if (!*html_cell_word(html, section, row, report_column(report, COL_file)))
        return;
    html_put(html, " <span class=\"at\">");
    html_put_cell(html, section, row, report_column(report, COL_file));
    html_put(html, ":");
    html_put_cell(html, section, row, report_column(report, COL_line));
    html_put(html, "</span>");
}

static void page_html_put_local(struct html *html, const struct page_section *section, size_t row)
{
    static const enum column_id shown[] = { COL_local, COL_type, COL_preview };
    html_put(html, "<tr>");
    for (size_t i = 0; i < 3; i++) {
        html_put(html, "<td class=\"c\">");
        html_put_cell(html, section, row, report_column(&section->report, shown[i]));
        html_put(html, "</td>");
    }
    html_put(html, "</tr>\n");
}

// Adds the rows [from, to), which are of one call.
static void page_html_put_frame(struct html *html, const struct page_section *section, size_t from,
                                size_t to)
{
    size_t object = report_column(&section->report, COL_object);
    bool locals = page_cell(section, from, object)->kind != CELL_NULL;
    html_put(html, locals ? "<li><details><summary>" : "<li>");
    put_frame_head(html, section, from);
    if (locals) {
        html_put(html, "</summary><div class=\"scroll\"><table><tbody>\n");
        for (size_t row = from; row < to && row < from + LOCALS_MAX; row++)
            page_html_put_local(html, section, row);
        html_put(html, "</tbody></table></div></details>");
    }
    html_put(html, "</li>\n");
}

static void put_stack_head(struct html *html, const struct page_section *section, size_t row)
{
    size_t thread = report_column(&section->report, COL_thread);
    html_put(html, "<h3>");
    if (page_cell(section, row, thread)->kind != CELL_NULL) {
        html_put(html, "thread ");
        html_put_cell(html, section, row, thread);
    } else {
        html_put(html, "suspended: ");
        html_put_cell(html, section, row, report_column(&section->report, COL_owner));
    }
    html_put(html, "</h3><ol class=\"stack\" start=\"0\">\n");
}

static void page_html_put_stacks(struct html *html, const struct page_section *section)
{
    size_t count = section->report.row_count, depth = report_column(&section->report, COL_depth);
    bool open = false;
    for (size_t row = 0; row < count;) {
        size_t end = row + 1;
        while (end < count && same_frame(section, row, end))
            end++;
        const struct cell *cell = page_cell(section, row, depth);
        if (!open || cell->kind == CELL_NULL || cell->u == 0) {
            html_put(html, open ? "</ol>\n" : "");
            put_stack_head(html, section, row);
            open = true;
        }
        if (cell->kind != CELL_NULL)
            page_html_put_frame(html, section, row, end);
        row = end;
    }
    html_put(html, open ? "</ol>\n" : "");
}

// --- the treemap --------------------------------------------------------------------------------

static void tile_name(const struct page_tile *tile, struct text *out)
{
    if (tile->object == NODE_NONE && !*tile->name) {
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
    page_escape(html->out, text_string(&html->word));
    html_put(html, "</text>");
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
                    tile->garbage ? " dead" : "", *tile->type || *tile->name ? "" : " rest");
    text_clear(&html->word);
    tile_name(tile, &html->word);
    text_add_string(&html->word, ": ");
    text_add_size(&html->word, tile->retained);
    if (tile->garbage)
        text_add_string(&html->word, ", garbage");
    page_escape(html->out, text_string(&html->word));
    text_add_format(html->out,
                    "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", box->x,
                    box->y, box->w, box->h);
    put_tile_text(html, tile, box);
    html_put(html, "</g>\n");
}

// The picture is there twice, for wide and for narrow windows: the style shows one of them.
static void put_picture(struct html *html, const struct page_map *map, const char *label,
                        const char *name, double width, double height)
{
    struct page_box *boxes = calloc(map->count + 1, sizeof *boxes);
    if (boxes && page_map_place(map, width, height, HEAD, boxes)) {
        text_add_format(html->out,
                        "<svg class=\"map %s\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
                        "aria-label=\"%s\">\n",
                        name, width, height, label);
        for (size_t i = 0; i < map->count; i++)
            put_tile(html, &map->tiles[i], &boxes[i]);
        html_put(html, "</svg>\n");
    }
    free(boxes);
}

static void page_html_put_map(struct html *html)
{
    put_picture(html, &html->page->map, "treemap of retained memory", "wide", 1040, 540);
    put_picture(html, &html->page->map, "treemap of retained memory", "narrow", 358, 560);
}

// "sys.modules['shop.events']" -> "shop"; anything but a module stays as it is.
static const char *package_of(struct page_map *map, const char *group)
{
    static const char prefix[] = "sys.modules['";
    if (strncmp(group, prefix, sizeof prefix - 1))
        return arena_copy(&map->arena, group, strlen(group));
    group += sizeof prefix - 1;
    return arena_copy(&map->arena, group, strcspn(group, ".'"));
}

static void add_package(struct page_map *map, const char *name, uint64_t bytes)
{
    size_t at = 0;
    while (at < map->count && strcmp(map->tiles[at].name, name))
        at++;
    struct page_tile tile = { .object = NODE_NONE, .name = name, .type = "", .objects = 1 };
    tile.parent = PAGE_TILE_NONE;
    tile.retained = bytes + (at < map->count ? map->tiles[at].retained : 0);
    map->count += at == map->count;
    for (; at && map->tiles[at - 1].retained < tile.retained; at--)
        map->tiles[at] = map->tiles[at - 1];
    map->tiles[at] = tile;
}

// Adds a table's rows up by package, as tiles of one level, largest first.
static void put_packages(struct html *html, const struct page_section *section)
{
    const struct report *report = &section->report;
    size_t group = report_column(report, COL_group), bytes = report_column(report, COL_retained);
    struct page_map map = { .tiles = calloc(report->row_count + 1, sizeof *map.tiles) };
    for (size_t row = 0; map.tiles && row < report->row_count; row++) {
        const char *name = package_of(&map, html_cell_word(html, section, row, group));
        if (name && page_cell(section, row, bytes)->kind == CELL_BYTES)
            add_package(&map, name, page_cell(section, row, bytes)->u);
    }
    for (size_t i = 0; i < map.count; i++)
        map.tiles[i].top = (uint32_t)i;
    put_picture(html, &map, "treemap of packages", "wide", 1040, 260);
    put_picture(html, &map, "treemap of packages", "narrow", 358, 320);
    page_map_free(&map);
}

// --- the page -----------------------------------------------------------------------------------

static void page_html_put_body(struct html *html, const struct page_section *section)
{
    if (section->row->form == PAGE_MAP) {
        page_html_put_map(html);
        return;
    }
    if (section->row->form == PAGE_VERDICT) {
        html_put_verdict(html);
        return;
    }
    if (!section->report.row_count) {
        html_put(html, "<p class=\"none\">");
        page_escape(html->out, section->err.kind != ERR_NONE ? page_error(html->page, section)
                               : section->report.empty       ? section->report.empty
                                                             : "nothing");
        html_put(html, "</p>\n");
        return;
    }
    switch (section->row->form) {
    case PAGE_MEMORY:
        html_put_memory_bar(html);
        page_html_put_facts(html, section);
        break;
    case PAGE_FACTS:
        page_html_put_facts(html, section);
        break;
    case PAGE_GENERATIONS:
        put_generations(html, section);
        break;
    case PAGE_FINDINGS:
        page_html_put_findings(html, section);
        break;
    case PAGE_STACKS:
        page_html_put_stacks(html, section);
        break;
    case PAGE_PACKAGES:
        put_packages(html, section);
        page_html_put_table(html, section);
        break;
    case PAGE_TREND:
        html_put_trends(html, section);
        break;
    default:
        page_html_put_table(html, section);
    }
    if ((section->report.truncated || page_rows(section) < section->report.row_count)
        && section->row->line)
        text_add_format(html->out, "<p class=\"none\">More: <code>ouro CORE %s</code></p>\n",
                        section->report.command);
}

static void page_html_put_section(struct html *html, const struct page_section *section)
{
    text_add_format(html->out, "<section id=\"%s\"><h2>%s</h2>\n<p class=\"about\">%s</p>\n",
                    section->row->id, section->row->title, section->row->about);
    page_html_put_body(html, section);
    html_put(html, "</section>\n");
}

// Adds the few numbers that everybody looks for first.
static void put_tiles(struct html *html)
{
    static const struct {
        const char *section, *name, *one, *many;
    } facts[] = {
        { "memory", "resident", "resident", "resident" },
        { "heap", "bytes", "Python heap", "Python heap" },
        { "heap", "objects", "object", "objects" },
        { "heap", "types", "type", "types" },
        { "heap", "threads", "thread", "threads" },
        { "target", "faults", "read that failed", "reads that failed" },
    };
    html_put(html, "<ul class=\"tiles\">\n");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        text_clear(&html->word);
        if (!page_fact(html->page, facts[i].section, facts[i].name, &html->word))
            continue;
        html_put(html, "<li><b>");
        page_escape(html->out, text_string(&html->word));
        bool is_one = !strcmp(text_string(&html->word), "1");
        text_add_format(html->out, "</b> %s</li>\n",
                        text_plural(is_one ? 1 : 0, facts[i].one, facts[i].many));
    }
    text_clear(&html->word);
    text_add_size(&html->word, html->page->session->garbage.bytes);
    text_add_format(html->out, "<li><b>%s</b> garbage</li>\n</ul>\n", text_string(&html->word));
}

// "ouro 1.0.0 report · taken 2026-12-01T09:28:20Z · host web-3"
static void put_byline(struct html *html)
{
    static const struct {
        const char *name, *before;
    } facts[] = { { "taken", "taken" },
                  { "host", "host" },
                  { "container", "container" },
                  { "release", "release" } };
    html_put(html, "ouro " PACKAGE_VERSION " report");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        text_clear(&html->word);
        if (!page_fact(html->page, "target", facts[i].name, &html->word))
            continue;
        text_add_format(html->out, " \xc2\xb7 %s ", facts[i].before);
        page_escape(html->out, text_string(&html->word));
    }
}

static void put_contents(struct html *html)
{
    html_put(html, "<nav>");
    for (size_t i = 0; i < html->page->count; i++)
        text_add_format(html->out, "<a href=\"#%s\">%s</a> ", html->page->sections[i].row->id,
                        html->page->sections[i].row->title);
    html_put(html, "</nav>\n");
}

void page_html(const struct page *page, struct text *out)
{
    struct html html = { .page = page, .out = out };
    struct text title = TEXT_INIT;
    page_title(page, &title);
    html_put(&html, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "style-src 'unsafe-inline'; script-src '");
    html_put(&html, html_script_hash);
    html_put(&html, "'; base-uri 'none'; form-action 'none'\">\n<title>");
    page_escape(out, text_string(&title));
    html_put(&html, "</title>\n<style>\n");
    for (size_t i = 0; page_style[i]; i++)
        html_put(&html, page_style[i]);
    html_put(&html, "</style>\n</head>\n<body>\n<header><p class=\"by\">");
    put_byline(&html);
    html_put(&html, "</p><h1>");
    page_escape(out, text_string(&title));
    html_put(&html, "</h1>\n");
    char missing[240];
    if (target_incomplete_text(&page->session->target, missing, sizeof missing)) {
        html_put(&html, "<p class=\"none\"><strong>Incomplete: ");
        page_escape(out, missing);
        html_put(&html, "; counts are lower bounds.</strong></p>\n");
    }
    put_tiles(&html);
    if (!page_has_values(page))
        html_put(&html,
                 "<p class=\"none\">Redacted: every value and name of the program is left out, "
                 "but for types and modules.</p>\n");
    put_contents(&html);
    html_put(&html, "</header>\n<main>\n");
    for (size_t i = 0; i < page->count; i++)
        page_html_put_section(&html, &page->sections[i]);
    html_put(&html, "</main>\n<script>");
    html_put(&html, html_script);
    html_put(&html, "</script>\n</body>\n</html>\n");
    text_fini(&title);
    text_fini(&html.word);
}
