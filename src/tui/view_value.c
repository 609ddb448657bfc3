// SPDX-License-Identifier: GPL-3.0-or-later
// A value in full, as repr() writes it, line by line: a string that the table shortens, all
// attributes of an instance, all items of a list; at most a million characters, escaped like any
// preview.
#include <string.h>

#include "base/width.h"
#include "heap/names/edge.h"
#include "tui/state.h"
#include "tui/view.h"

enum { WIDEST = 1 << 20, BESIDE = 10, LEAST = 20, WITHOUT_SCREEN = 80 };

static const struct column value_columns[] = {
    { COL(line), 0, COLUMN_RIGHT, "the number of the line" },
    { COL(value), 0, COLUMN_WIDE, "what stands in it" },
    { .name = NULL },
};

// Where the line from `text` on ends: after an escaped newline, or at the screen's edge.
static size_t value_line_end(const char *text, size_t size, size_t columns)
{
    size_t most = width_fit(text, size, columns);
    for (size_t i = 0; i + 1 < most; i++) {
        if (text[i] != '\\') {
            continue;
        }
        if (text[++i] == 'n') {
            return i + 1;
        }
    }
    size_t slashes = 0;
    while (slashes < most && text[most - 1 - slashes] == '\\') {
        slashes++;
    }
    most -= most < size && slashes % 2; // an escape is not split
    return most ? most : 1;
}

static bool value_add_lines(struct report *report, const char *text, size_t size, struct err *err)
{
    int room = term_is_open() ? term_columns() - BESIDE : WITHOUT_SCREEN;
    size_t columns = room > LEAST ? (size_t)room : LEAST;
    uint64_t number = 1;
    for (size_t at = 0, end; at < size; at = end) {
        end = at + value_line_end(text + at, size - at, columns);
        bool begins = !at || (at > 1 && text[at - 2] == '\\' && text[at - 1] == 'n');
        const char *line =
            begins ? report_format(report, "%llu", (unsigned long long)number++) : "";
        const struct cell cells[] = { cell_text(line),
                                      cell_text(report_text(report, text + at, end - at)) };
        if (!report_row(report, cells, err)) {
            return false;
        }
    }
    return true;
}

static bool open_value(struct tui *tui, struct view *view, struct err *err)
{
    struct session *session = tui->session;
    struct report *report = &view->table.report;
    struct text text = TEXT_INIT;
    if (view->words.count != 2) {
        return err_set(err, ERR_USAGE, "value: missing argument; usage: value OBJ");
    }
    if (!session_need(session, NEEDS_HEAP, err) || !session_need_values(session, "value", err)
        || !session_object(session, view->words.items[1], &view->subject, err)) {
        return false;
    }
    report_columns(report, "value", value_columns);
    heap_preview_row(&session->heap, view->subject, WIDEST, &text);
    bool ok = text_ok(&text, err) && value_add_lines(report, text_string(&text), text.size, err);
    bool cut = width_of(text_string(&text), text.size) >= WIDEST - 1;
    text_fini(&text);
    table_filled(&view->table);
    if (ok && cut) {
        tui_say(tui, STYLE_WARN, "the first million characters");
    }
    return ok;
}

const struct view_ops view_value = {
    .name = "value",
    .title = "a value in full",
    .open = open_value,
    .draw = view_draw_table,
};
