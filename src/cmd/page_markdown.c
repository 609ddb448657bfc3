// SPDX-License-Identifier: GPL-3.0-or-later
// A report as Markdown: headings, lists and tables that read well as they are, too.
#include <string.h>

#include "cmd/page.h"

#define LOCALS_MOST 40

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

// Text of the target's loses what Markdown and HTML would make of it. An underscore between letters
// means nothing.
static void escape(struct text *out, const char *text)
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

static void put(struct markdown *m, const char *markup)
{
    text_add_string(m->out, markup);
}

static const char *cell_word(struct markdown *m, const struct page_section *section, size_t row,
                             size_t column)
{
    text_clear(&m->word);
    if (column < section->report.column_count)
        page_text(m->page, section, row, column, &m->word);
    return text_string(&m->word);
}

static void put_cell(struct markdown *m, const struct page_section *section, size_t row,
                     const char *column)
{
    escape(m->out, cell_word(m, section, row, report_column(&section->report, column)));
}

static void put_facts(struct markdown *m, const struct page_section *section)
{
    put(m, "| | | |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < section->report.row_count; i++) {
        bool mine = section->row->form == PAGE_FACTS
                        ? page_has_fact(section, i)
                        : !strncmp(page_cell(section, i, 0)->s, "generation ", 11);
        if (!mine || page_cell(section, i, 2)->kind == CELL_NULL
            || !page_shows(m->page, section, i, 2))
            continue;
        put(m, "| ");
        put_cell(m, section, i, "section");
        put(m, " | ");
        put_cell(m, section, i, "name");
        put(m, " | ");
        put_cell(m, section, i, "value");
        put(m, " |\n");
    }
}

static void put_table(struct markdown *m, const struct page_section *section)
{
    size_t columns[PAGE_COLUMNS_MOST];
    size_t count = page_columns(m->page, section, columns);
    const struct report *report = &section->report;
    for (size_t i = 0; i < count; i++) {
        put(m, "| ");
        escape(m->out, report->columns[columns[i]].name);
        put(m, " ");
    }
    put(m, "|\n");
    for (size_t i = 0; i < count; i++)
        put(m, report->columns[columns[i]].flags & COLUMN_RIGHT ? "| ---: " : "| --- ");
    put(m, "|\n");
    for (size_t row = 0; row < report->row_count; row++) {
        for (size_t i = 0; i < count; i++) {
            put(m, "| ");
            escape(m->out, cell_word(m, section, row, columns[i]));
            put(m, " ");
        }
        put(m, "|\n");
    }
}

// A command between backticks: as many as it needs.
static void put_code(struct markdown *m, const char *code)
{
    size_t longest = 0, run = 0;
    for (const char *p = code; *p; p++) {
        run = *p == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    text_add_repeat(m->out, '`', longest + 1);
    put(m, longest ? " " : "");
    put(m, code);
    put(m, longest ? " " : "");
    text_add_repeat(m->out, '`', longest + 1);
}

static void put_findings(struct markdown *m, const struct page_section *section)
{
    const struct report *report = &section->report;
    for (size_t row = 0; row < report->row_count; row++) {
        put(m, "* **");
        put_cell(m, section, row, "severity");
        put(m, "** ");
        put_cell(m, section, row, "kind");
        put(m, ", ");
        put_cell(m, section, row, "bytes");
        put(m, ", ");
        put_cell(m, section, row, "objects");
        put(m, " objects");
        const char *help = page_finding_help(m->page, section, row);
        if (help) {
            put(m, "  \n  ");
            escape(m->out, help);
        }
        if (*cell_word(m, section, row, report_column(report, "what"))) {
            put(m, "  \n  ");
            put_cell(m, section, row, "what");
        }
        if (*cell_word(m, section, row, report_column(report, "why"))) {
            put(m, "  \n  ");
            put_cell(m, section, row, "why");
        }
        const char *next = cell_word(m, section, row, report_column(report, "next"));
        if (*next) {
            put(m, "  \n  ");
            put_code(m, next);
        }
        put(m, "\n");
    }
}

static bool same(const struct page_section *section, size_t a, size_t b, const char *column)
{
    size_t i = report_column(&section->report, column);
    const struct cell *x = page_cell(section, a, i), *y = page_cell(section, b, i);
    return x->kind == y->kind && x->u == y->u;
}

static void put_frame(struct markdown *m, const struct page_section *section, size_t row)
{
    const char *name = cell_word(m, section, row, report_column(&section->report, "function"));
    put(m, "* ");
    escape(m->out, *name ? name : "call");
    if (*cell_word(m, section, row, report_column(&section->report, "file"))) {
        put(m, ", ");
        put_cell(m, section, row, "file");
        put(m, ":");
        put_cell(m, section, row, "line");
    }
    put(m, "\n");
}

static void put_local(struct markdown *m, const struct page_section *section, size_t row)
{
    put(m, "    * ");
    if (*cell_word(m, section, row, report_column(&section->report, "local"))) {
        put_cell(m, section, row, "local");
        put(m, ": ");
    }
    put_cell(m, section, row, "type");
    if (*cell_word(m, section, row, report_column(&section->report, "preview"))) {
        put(m, " ");
        put_cell(m, section, row, "preview");
    }
    put(m, "\n");
}

static void put_stacks(struct markdown *m, const struct page_section *section)
{
    const struct report *report = &section->report;
    size_t depth = report_column(report, "depth"), object = report_column(report, "object");
    size_t thread = report_column(report, "thread"), locals = 0;
    for (size_t row = 0; row < report->row_count; row++) {
        bool first = !row || !same(section, row - 1, row, "thread")
                     || !same(section, row - 1, row, "depth")
                     || !same(section, row - 1, row, "owner");
        const struct cell *at = page_cell(section, row, depth);
        if (first && (at->kind == CELL_NULL || at->u == 0)) {
            bool runs = page_cell(section, row, thread)->kind != CELL_NULL;
            put(m, runs ? "\n### thread " : "\n### suspended ");
            put_cell(m, section, row, runs ? "thread" : "owner");
            put(m, "\n\n");
        }
        if (first && at->kind != CELL_NULL)
            put_frame(m, section, row);
        locals = first ? 1 : locals + 1;
        if (page_cell(section, row, object)->kind != CELL_NULL && locals <= LOCALS_MOST)
            put_local(m, section, row);
    }
}

static void put_map(struct markdown *m)
{
    const struct page_map *map = &m->page->map;
    put(m, "| what | type | retained | share |\n| --- | --- | ---: | ---: |\n");
    for (size_t i = 0; i < map->count && map->tiles[i].parent == PAGE_TILE_NONE; i++) {
        const struct page_tile *tile = &map->tiles[i];
        put(m, "| ");
        if (tile->object == NODE_NONE)
            text_add_format(m->out, "%llu small ones", (unsigned long long)tile->objects);
        else
            escape(m->out, tile->name);
        put(m, tile->garbage ? " (garbage) | " : " | ");
        escape(m->out, tile->type);
        put(m, " | ");
        text_add_size(m->out, tile->retained);
        text_add_format(m->out, " | %.1f%% |\n",
                        map->bytes ? 100.0 * (double)tile->retained / (double)map->bytes : 0);
    }
}

static void put_body(struct markdown *m, const struct page_section *section)
{
    const struct report *report = &section->report;
    if (section->row->form == PAGE_MAP) {
        put_map(m);
        return;
    }
    if (!report->row_count) {
        escape(m->out, section->err.kind != ERR_NONE ? page_error(m->page, section)
                       : report->empty               ? report->empty
                                                     : "nothing");
        put(m, "\n");
        return;
    }
    switch (section->row->form) {
    case PAGE_FACTS:
    case PAGE_GENERATIONS:
        put_facts(m, section);
        break;
    case PAGE_FINDINGS:
        put_findings(m, section);
        break;
    case PAGE_STACKS:
        put_stacks(m, section);
        break;
    default:
        put_table(m, section);
    }
    if (report->truncated)
        text_add_format(m->out, "\nThere is more: `ouro CORE %s`\n", report->command);
}

void page_markdown(const struct page *page, struct text *out)
{
    struct markdown m = { .page = page, .out = out };
    struct text title = TEXT_INIT;
    page_title(page, &title);
    put(&m, "# ");
    escape(out, text_string(&title));
    put(&m, "\n");
    if (page->redacted)
        put(&m, "\nRedacted: every value and name of the program is left out, but for types and "
                "modules.\n");
    for (size_t i = 0; i < page->count; i++) {
        const struct page_section *section = &page->sections[i];
        text_add_format(out, "\n## %s\n\n%s\n\n", section->row->title, section->row->about);
        put_body(&m, section);
    }
    text_fini(&title);
    text_fini(&m.word);
}
