// SPDX-License-Identifier: GPL-3.0-or-later
// The layout: a title bar with the path through the views, the view, and a last line with a message
// or hints, and the position.
#include <string.h>

#include "base/width.h"
#include "tui/state.h"
#include "tui/view.h"

enum { LEAST_ROWS = 12, LEAST_COLUMNS = 50, CRUMB_MAX = 44 };

static char mark_of(void *context, const struct report *report, const struct cell *row)
{
    struct tui *tui = context;
    node n = tui->marks.count ? table_object_of(report, row) : NODE_NONE;
    return n == NODE_NONE ? 0 : bookmarks_letter(&tui->marks, heap_addr(&tui->session->heap, n));
}

struct table_look tui_look(struct tui *tui, bool focused)
{
    return (struct table_look){
        .focused = focused, .gutter = mark_of, .context = tui, .search = tui->search
    };
}

// Adds an object by the name that it was asked for, or by type and address; anything else by its
// line; and then its filter.
static void add_crumb(const struct tui *tui, struct text *line, struct view *view, int most)
{
    const struct heap *heap = &tui->session->heap;
    const struct filter *filter = &view_table(view)->filter;
    size_t from = line->size;
    const char *word = view->words.count > 1 ? view->words.items[1] : "";
    if (view_is(view, &view_object) && *word && !strchr("0#$", *word)) {
        text_add_string(line, word);
    } else if (view_is(view, &view_object) && view->subject != NODE_NONE) {
        const char *type = heap_type_name(heap, heap_type(heap, view->subject));
        const char *dot = strrchr(type, '.');
        text_add_format(line, "%s ", dot ? dot + 1 : type);
        line_add_address(tui, line, view->subject);
    } else {
        text_add_string(line, view->line);
    }
    if (filter->line) {
        text_add_format(line, " ~%s", filter->line);
    }
    text_shorten(line, from, (size_t)most);
}

// Shows the last steps that fit; an ellipsis replaces the earlier ones.
static void put_crumbs(const struct tui *tui, int at, int width)
{
    struct text line = TEXT_INIT;
    size_t first = tui->at + 1;
    while (first > 0) {
        struct text longer = TEXT_INIT;
        for (size_t i = first - 1; i <= tui->at; i++) {
            if (i > first - 1) {
                text_add_format(&longer, " %s ", term_glyph(GLYPH_CRUMB));
            }
            bool last = i == tui->at && width - 4 > CRUMB_MAX; // the current view, in full
            add_crumb(tui, &longer, tui->views[i], last ? width - 4 : CRUMB_MAX);
        }
        if (first <= tui->at && (int)width_of(text_string(&longer), longer.size) + 4 > width) {
            text_fini(&longer);
            break;
        }
        text_fini(&line);
        line = longer;
        first--;
    }
    if (first > 0) {
        at += term_put(0, at, width, STYLE_TITLE, term_glyph(GLYPH_ELLIPSIS));
        at += term_put(0, at, width, STYLE_TITLE, " ");
    }
    term_put(0, at, width, STYLE_TITLE, text_string(&line));
    text_fini(&line);
}

static void put_title(const struct tui *tui)
{
    int columns = term_columns();
    term_fill(0, 0, columns, STYLE_TITLE);
    int at = 1 + term_put(0, 1, columns, STYLE_TITLE, "ouro  ");
    at += term_put(0, at, columns / 3, STYLE_TITLE, tui->target[0] ? tui->target : "target");
    at += term_put(0, at, columns, STYLE_TITLE, "  ");
    if (tui->python[0]) {
        at += term_put(0, at, 24, STYLE_TITLE, tui->python);
        at += term_put(0, at, columns, STYLE_TITLE, "  ");
    }
    if (tui->view_count && at < columns) {
        put_crumbs(tui, at, columns - at - 1);
    }
}

static int put_position(const struct view *view, const struct table *table, int row, int columns)
{
    struct text line = TEXT_INIT;
    size_t shown = view->partial ? table->report.rows : table->shown; // more are still coming
    if (table->shown) {
        text_add_count(&line, table->cursor + 1);
        text_add_char(&line, '/');
    }
    text_add_count(&line, shown);
    if (table->filter.line) {
        text_add_string(&line, " of ");
        text_add_count(&line, table->report.row_count);
    }
    if (table->shown > table->page && table->page) {
        text_add_format(&line, "  %u %%", (unsigned)(100 * (table->cursor + 1) / shown));
    }
    text_add_char(&line, ' ');
    int width = (int)width_of(text_string(&line), line.size);
    term_put(row, columns - width, width, STYLE_DIM, text_string(&line));
    text_fini(&line);
    return width;
}

static void put_hints(struct tui *tui, struct view *view, int row, int width)
{
    node n;
    bool has_object = view->subject != NODE_NONE || table_object(view_table(view), &n);
    const struct key_row *rows[256];
    size_t count =
        keys_of(&tui->keys, view->name, view->ops->plain, rows, sizeof rows / sizeof *rows);
    int at = 1;
    // When room is short: help and quit are shown first, although they come last in the table.
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            if (!rows[i]->hint
                || (!strcmp(rows[i]->line, "help") || !strcmp(rows[i]->line, "quit")) != !pass) {
                continue;
            }
            if (strstr(rows[i]->line, "%o") && !has_object) {
                continue;
            }
            int need = (int)(strlen(rows[i]->key) + strlen(rows[i]->hint)) + 3;
            if (at + need > width) {
                return;
            }
            int from = at;
            at += term_put(row, at, width - at, STYLE_KEY, rows[i]->key);
            at += 1 + term_put(row, at + 1, width - at, STYLE_DIM, rows[i]->hint) + 1;
            if (tui->hint_count < sizeof tui->hints / sizeof *tui->hints) {
                tui->hints[tui->hint_count++] =
                    (struct hint){ from, at - 1, key_parse(rows[i]->key) };
            }
        }
    }
}

static void screen_status(struct tui *tui)
{
    int row = term_rows() - 1, columns = term_columns();
    struct view *view = tui_view(tui);
    tui->hint_count = 0;
    term_fill(row, 0, columns, STYLE_PLAIN);
    int width = view ? put_position(view, view_table(view), row, columns) : 0;
    if (tui->message[0]) {
        term_put(row, 1, columns - width - 2, tui->message_style, tui->message);
    } else if (view) {
        put_hints(tui, view, row, columns - width - 1);
    }
}

void screen_draw(struct tui *tui)
{
    term_erase();
    term_cursor(-1, 0);
    int rows = term_rows(), columns = term_columns();
    if (rows < LEAST_ROWS || columns < LEAST_COLUMNS) {
        struct text line = TEXT_INIT;
        text_add_format(&line, "%dx%d is too small for the screen: it needs %dx%d", columns, rows,
                        LEAST_COLUMNS, LEAST_ROWS);
        term_put(0, 0, columns, STYLE_WARN, text_string(&line));
        text_fini(&line);
        term_show();
        return;
    }
    put_title(tui);
    struct view *view = tui_view(tui);
    if (view) {
        view->ops->draw(tui, view, (struct area){ 1, 0, rows - 2, columns });
    } else {
        term_put(2, 2, columns - 2, STYLE_DIM,
                 tui->busy.depth ? "reading the target ..." : "nothing is open");
    }
    screen_status(tui);
    term_show();
}
