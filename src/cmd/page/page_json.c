// SPDX-License-Identifier: GPL-3.0-or-later
// A report as one JSON document: the rows of the commands, with the same keys and types as --json.
#include <string.h>

#include "base/json.h"
#include "cmd/page/page.h"

// How many columns a section shows; facts show all three.
static size_t columns_of(const struct page *page, const struct page_section *section,
                         size_t columns[PAGE_COLUMNS_MAX])
{
    if (!page_is_facts(section))
        return page_columns(page, section, columns);
    for (size_t i = 0; i < 3; i++)
        columns[i] = i;
    return 3;
}

static void put_rows(const struct page *page, const struct page_section *section, struct text *out)
{
    size_t columns[PAGE_COLUMNS_MAX];
    size_t count = columns_of(page, section, columns);
    bool first = true;
    json_add_open(out, '[');
    for (size_t row = 0; row < section->report.row_count; row++) {
        if (page_is_facts(section) && !page_has_fact(section, row))
            continue;
        text_add_string(out, first ? "\n" : ",\n"); // a comma comes by itself only on the same line
        first = false;
        json_add_open(out, '{');
        for (size_t i = 0; i < count; i++) {
            json_add_key(out, section->report.columns[columns[i]].name);
            if (page_shows(page, section, row, columns[i]))
                report_cell_json(&section->report, page_cell(section, row, columns[i]), out);
            else
                json_add_null(out);
        }
        json_add_close(out, '}');
    }
    json_add_close(out, ']');
}

static void page_json_put_map(const struct page_map *map, const struct heap *heap, struct text *out)
{
    json_add_open(out, '[');
    for (size_t i = 0; i < map->count; i++) {
        const struct page_tile *tile = &map->tiles[i];
        json_add_open(out, '{');
        json_add_key(out, "tile");
        json_add_number(out, i);
        json_add_key(out, "parent");
        if (tile->parent == PAGE_TILE_NONE)
            json_add_null(out);
        else
            json_add_number(out, tile->parent);
        json_add_key(out, "object");
        if (tile->object == NODE_NONE)
            json_add_null(out);
        else
            json_add_address(out, heap_addr(heap, tile->object));
        json_add_key(out, "name");
        json_add_string(out, *tile->name ? tile->name : NULL);
        json_add_key(out, "type");
        json_add_string(out, *tile->type ? tile->type : NULL);
        json_add_key(out, "retained");
        json_add_number(out, tile->retained);
        json_add_key(out, "objects");
        json_add_number(out, tile->objects);
        json_add_key(out, "garbage");
        json_add_bool(out, tile->garbage);
        json_add_close(out, '}');
    }
    json_add_close(out, ']');
}

// Adds one row per finding: its place among them, and the path to its object, root first.
static void page_json_put_verdict(const struct page *page, struct text *out)
{
    struct text said = TEXT_INIT;
    page_verdict(page, &said);
    json_add_open(out, '[');
    json_add_open(out, '{');
    json_add_key(out, "says");
    json_add_string(out, text_string(&said));
    json_add_close(out, '}');
    text_fini(&said);
    for (size_t i = 0; i < PAGE_WORST; i++) {
        if (!page->paths[i].report.row_count)
            continue;
        json_add_open(out, '{');
        json_add_key(out, "finding");
        json_add_number(out, i);
        json_add_key(out, "path");
        put_rows(page, &page->paths[i], out);
        json_add_close(out, '}');
    }
    json_add_close(out, ']');
}

static void page_json_put_section(const struct page *page, const struct page_section *section,
                                  struct text *out)
{
    text_add_string(out, section == page->sections ? "\n" : ",\n");
    json_add_open(out, '{');
    json_add_key(out, "section");
    json_add_string(out, section->row->id);
    json_add_key(out, "title");
    json_add_string(out, section->row->title);
    json_add_key(out, "about");
    json_add_string(out, section->row->about);
    json_add_key(out, "command");
    json_add_string(out, section->row->form == PAGE_TREND ? "diff" : section->row->line);
    json_add_key(out, "error");
    json_add_string(out, section->err.kind != ERR_NONE && page_has_values(page) ? section->err.text
                                                                                : NULL);
    json_add_key(out, "truncated");
    json_add_bool(out, section->report.truncated);
    json_add_key(out, "rows");
    if (section->row->form == PAGE_VERDICT)
        page_json_put_verdict(page, out);
    else if (section->row->form == PAGE_MAP)
        page_json_put_map(&page->map, &page->session->heap, out);
    else
        put_rows(page, section, out);
    json_add_close(out, '}');
}

void page_json(const struct page *page, struct text *out)
{
    struct text title = TEXT_INIT;
    page_title(page, &title);
    json_add_open(out, '{');
    json_add_key(out, "title");
    json_add_string(out, text_string(&title));
    json_add_key(out, "redacted");
    json_add_bool(out, !page_has_values(page));
    json_add_key(out, "faults");
    json_add_number(out, page->session->target.faults);
    if (target_incomplete(&page->session->target)) {
        json_add_key(out, "incomplete");
        json_add_number(out, target_incomplete(&page->session->target));
    }
    json_add_key(out, "sections");
    json_add_open(out, '[');
    for (size_t i = 0; i < page->count; i++)
        page_json_put_section(page, &page->sections[i], out);
    json_add_close(out, ']');
    json_add_close(out, '}');
    text_add_char(out, '\n');
    text_fini(&title);
}
