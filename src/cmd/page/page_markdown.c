// SPDX-License-Identifier: GPL-3.0-or-later
// A report as Markdown: headings, lists and tables that read well even unrendered.
#include <string.h>

#include "cmd/page/page.h"

#define LOCALS_MAX 40

struct markdown {
    const struct page *page;
    struct text *out;
    struct text word; // scratch
};

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (unsigned char)c >= 0x80;
}

// Escapes the target's text for Markdown and HTML. An underscore between letters has no meaning
// there.
static void page_markdown_escape(struct text *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        bool inside = *p == '_' && p > text && is_word(p[-1]) && is_word(p[1]);
        if (*p == '&')
            text_add_string(out, "&amp;");
        else if (*p == '<')
            text_add_string(out, "&lt;");
        else if (*p == '>')
            text_add_string(out, "&gt;");
        else if (*p == '\n')
            text_add_char(out, ' ');
        else {
            if (!inside && strchr("\\|`*_[]~#!", *p))
                text_add_char(out, '\\');
            text_add_char(out, *p);
        }
    }
}

static void page_markdown_put(struct markdown *m, const char *markup)
{
    text_add_string(m->out, markup);
}

static const char *page_markdown_cell_word(struct markdown *m, const struct page_section *section,
                                           size_t row, size_t column)
{
    text_clear(&m->word);
    if (column < section->report.column_count)
        page_text(m->page, section, row, column, &m->word);
    return text_string(&m->word);
}

static void page_markdown_put_cell(struct markdown *m, const struct page_section *section,
                                   size_t row, enum column_id id)
{
    page_markdown_escape(
        m->out, page_markdown_cell_word(m, section, row, report_column(&section->report, id)));
}

static void page_markdown_put_facts(struct markdown *m, const struct page_section *section)
{
    page_markdown_put(m, "| | | |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < section->report.row_count; i++) {
        if (!page_has_fact(section, i) || page_cell(section, i, 2)->kind == CELL_NULL
            || !page_shows(m->page, section, i, 2))
            continue;
        page_markdown_put(m, "| ");
        page_markdown_put_cell(m, section, i, COL_section);
        page_markdown_put(m, " | ");
        page_markdown_put_cell(m, section, i, COL_name);
        page_markdown_put(m, " | ");
        page_markdown_put_cell(m, section, i, COL_value);
        page_markdown_put(m, " |\n");
    }
}

static void page_markdown_put_table(struct markdown *m, const struct page_section *section)
{
    size_t columns[PAGE_COLUMNS_MAX];
    size_t count = page_columns(m->page, section, columns);
    const struct report *report = &section->report;
    for (size_t i = 0; i < count; i++) {
        page_markdown_put(m, "| ");
        page_markdown_escape(m->out, report->columns[columns[i]].name);
        page_markdown_put(m, " ");
    }
    page_markdown_put(m, "|\n");
    for (size_t i = 0; i < count; i++)
        page_markdown_put(m,
                          report->columns[columns[i]].flags & COLUMN_RIGHT ? "| ---: " : "| --- ");
    page_markdown_put(m, "|\n");
    for (size_t row = 0; row < page_rows(section); row++) {
        for (size_t i = 0; i < count; i++) {
            page_markdown_put(m, "| ");
            page_markdown_escape(m->out, page_markdown_cell_word(m, section, row, columns[i]));
            page_markdown_put(m, " ");
        }
        page_markdown_put(m, "|\n");
    }
}

// Adds a command between backticks: as many as it needs.
static void put_code(struct markdown *m, const char *code)
{
    size_t longest = 0, run = 0;
    for (const char *p = code; *p; p++) {
        run = *p == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    text_add_repeat(m->out, '`', longest + 1);
    page_markdown_put(m, longest ? " " : "");
    page_markdown_put(m, code);
    page_markdown_put(m, longest ? " " : "");
    text_add_repeat(m->out, '`', longest + 1);
}

static void page_markdown_put_findings(struct markdown *m, const struct page_section *section)
{
    const struct report *report = &section->report;
    for (size_t row = 0; row < report->row_count; row++) {
        page_markdown_put(m, "* **");
        page_markdown_put_cell(m, section, row, COL_severity);
        page_markdown_put(m, "** ");
        page_markdown_put_cell(m, section, row, COL_kind);
        page_markdown_put(m, ", ");
        page_markdown_put_cell(m, section, row, COL_bytes);
        page_markdown_put(m, ", ");
        page_markdown_put_cell(m, section, row, COL_objects);
        page_markdown_put(m, page_counts_one(section, row, COL_objects) ? " object" : " objects");
        const char *help = page_finding_help(m->page, section, row);
        if (help) {
            page_markdown_put(m, "  \n  ");
            page_markdown_escape(m->out, help);
        }
        if (*page_markdown_cell_word(m, section, row, report_column(report, COL_what))) {
            page_markdown_put(m, "  \n  ");
            page_markdown_put_cell(m, section, row, COL_what);
        }
        if (*page_markdown_cell_word(m, section, row, report_column(report, COL_why))) {
            page_markdown_put(m, "  \n  ");
            page_markdown_put_cell(m, section, row, COL_why);
        }
        const char *next =
            page_markdown_cell_word(m, section, row, report_column(report, COL_next));
        if (*next) {
            page_markdown_put(m, "  \n  ");
            put_code(m, next);
        }
        page_markdown_put(m, "\n");
    }
}

static bool page_markdown_same(const struct page_section *section, size_t a, size_t b,
                               enum column_id id)
{
    size_t i = report_column(&section->report, id);
    const struct cell *x = page_cell(section, a, i), *y = page_cell(section, b, i);
    return x->kind == y->kind && x->u == y->u;
}

static void page_markdown_put_frame(struct markdown *m, const struct page_section *section,
                                    size_t row)
{
    const char *name =
        page_markdown_cell_word(m, section, row, report_column(&section->report, COL_function));
    page_markdown_put(m, "* ");
    page_markdown_escape(m->out, *name ? name : "call");
    if (*page_markdown_cell_word(m, section, row, report_column(&section->report, COL_file))) {
        page_markdown_put(m, ", ");
        page_markdown_put_cell(m, section, row, COL_file);
        page_markdown_put(m, ":");
        page_markdown_put_cell(m, section, row, COL_line);
    }
    page_markdown_put(m, "\n");
}

static void page_markdown_put_local(struct markdown *m, const struct page_section *section,
                                    size_t row)
{
    page_markdown_put(m, "    * ");
    if (*page_markdown_cell_word(m, section, row, report_column(&section->report, COL_local))) {
        page_markdown_put_cell(m, section, row, COL_local);
        page_markdown_put(m, ": ");
    }
    page_markdown_put_cell(m, section, row, COL_type);
    if (*page_markdown_cell_word(m, section, row, report_column(&section->report, COL_preview))) {
        page_markdown_put(m, " ");
        page_markdown_put_cell(m, section, row, COL_preview);
    }
    page_markdown_put(m, "\n");
}

static void page_markdown_put_stacks(struct markdown *m, const struct page_section *section)
{
    const struct report *report = &section->report;
    size_t depth = report_column(report, COL_depth), object = report_column(report, COL_object);
    size_t thread = report_column(report, COL_thread), locals = 0;
    for (size_t row = 0; row < report->row_count; row++) {
        bool first = !row || !page_markdown_same(section, row - 1, row, COL_thread)
                     || !page_markdown_same(section, row - 1, row, COL_depth)
                     || !page_markdown_same(section, row - 1, row, COL_owner);
        const struct cell *at = page_cell(section, row, depth);
        if (first && (at->kind == CELL_NULL || at->u == 0)) {
            bool runs = page_cell(section, row, thread)->kind != CELL_NULL;
            page_markdown_put(m, runs ? "\n### thread " : "\n### suspended ");
            page_markdown_put_cell(m, section, row, runs ? COL_thread : COL_owner);
            page_markdown_put(m, "\n\n");
        }
        if (first && at->kind != CELL_NULL)
            page_markdown_put_frame(m, section, row);
        locals = first ? 1 : locals + 1;
        if (page_cell(section, row, object)->kind != CELL_NULL && locals <= LOCALS_MAX)
            page_markdown_put_local(m, section, row);
    }
}

static void page_markdown_put_map(struct markdown *m)
{
    const struct page_map *map = &m->page->map;
    page_markdown_put(m, "| what | type | retained | share |\n| --- | --- | ---: | ---: |\n");
    for (size_t i = 0; i < map->count && map->tiles[i].parent == PAGE_TILE_NONE; i++) {
        const struct page_tile *tile = &map->tiles[i];
        page_markdown_put(m, "| ");
        if (tile->object == NODE_NONE)
            text_add_format(m->out, "%llu small %s", (unsigned long long)tile->objects,
                            text_plural(tile->objects, "one", "ones"));
        else
            page_markdown_escape(m->out, tile->name);
        page_markdown_put(m, tile->garbage ? " (garbage) | " : " | ");
        page_markdown_escape(m->out, tile->type);
        page_markdown_put(m, " | ");
        text_add_size(m->out, tile->retained);
        text_add_format(m->out, " | %.1f%% |\n",
                        map->bytes ? 100.0 * (double)tile->retained / (double)map->bytes : 0);
    }
}

static void page_markdown_put_path(struct markdown *m, const struct page_section *path)
{
    for (size_t row = 0; row < path->report.row_count; row++) {
        page_markdown_put(m, "    * ");
        page_markdown_put_cell(m, path, row, COL_edge);
        page_markdown_put(m, " ");
        page_markdown_put_cell(m, path, row, COL_type);
        page_markdown_put(m, "\n");
    }
}

static void page_markdown_put_verdict(struct markdown *m)
{
    const struct page_section *findings = page_find(m->page, "findings");
    text_clear(&m->word);
    page_verdict(m->page, &m->word);
    page_markdown_escape(m->out, text_string(&m->word));
    page_markdown_put(m, "\n\n");
    for (size_t row = 0; findings && row < findings->report.row_count && row < PAGE_WORST; row++) {
        page_markdown_put(m, "* ");
        const char *help = page_finding_help(m->page, findings, row);
        page_markdown_escape(m->out, help ? help : "");
        page_markdown_put_cell(m, findings, row, COL_what);
        page_markdown_put(m, "\n");
        page_markdown_put_path(m, &m->page->paths[row]);
    }
}

static void page_markdown_put_body(struct markdown *m, const struct page_section *section)
{
    const struct report *report = &section->report;
    if (section->row->form == PAGE_MAP) {
        page_markdown_put_map(m);
        return;
    }
    if (section->row->form == PAGE_VERDICT) {
        page_markdown_put_verdict(m);
        return;
    }
    if (!report->row_count) {
        page_markdown_escape(m->out, section->err.kind != ERR_NONE ? page_error(m->page, section)
                                     : report->empty               ? report->empty
                                                                   : "nothing");
        page_markdown_put(m, "\n");
        return;
    }
    switch (section->row->form) {
    case PAGE_FACTS:
    case PAGE_MEMORY:
    case PAGE_GENERATIONS:
        page_markdown_put_facts(m, section);
        break;
    case PAGE_FINDINGS:
        page_markdown_put_findings(m, section);
        break;
    case PAGE_STACKS:
        page_markdown_put_stacks(m, section);
        break;
    default:
        page_markdown_put_table(m, section);
    }
    if (report->truncated || page_rows(section) < report->row_count)
        text_add_format(m->out, "\nMore: `ouro CORE %s`\n", report->command);
}

void page_markdown(const struct page *page, struct text *out)
{
    struct markdown m = { .page = page, .out = out };
    struct text title = TEXT_INIT;
    page_title(page, &title);
    page_markdown_put(&m, "# ");
    page_markdown_escape(out, text_string(&title));
    page_markdown_put(&m, "\n");
    char missing[240];
    if (target_incomplete_text(&page->session->target, missing, sizeof missing)) {
        page_markdown_put(&m, "\n**Incomplete: ");
        page_markdown_escape(out, missing);
        page_markdown_put(&m, "; counts are lower bounds.**\n");
    }
    if (!page_has_values(page))
        page_markdown_put(
            &m, "\nRedacted: every value and name of the program is left out, but for types and "
                "modules.\n");
    for (size_t i = 0; i < page->count; i++) {
        const struct page_section *section = &page->sections[i];
        text_add_format(out, "\n## %s\n\n%s\n\n", section->row->title, section->row->about);
        page_markdown_put_body(&m, section);
    }
    text_fini(&title);
    text_fini(&m.word);
}
