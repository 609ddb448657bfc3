// SPDX-License-Identifier: GPL-3.0-or-later
// The input loop: a key is looked up, its line is run, the screen is drawn; while nobody types, a
// view does the work that it postponed.
#include "tui/tui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/action.h"
#include "tui/state.h"
#include "tui/view.h"

enum { SILENT_MAX = 50 }; // reads in a row that returned at once without a key

void tui_say(struct tui *tui, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(tui->message, sizeof tui->message, format, args);
    va_end(args);
    tui->message_style = style;
}

bool tui_line(struct tui *tui, const char *line, struct err *err)
{
    while (*line == ' ' || *line == ':') {
        line++;
    }
    if (!*line) {
        return true;
    }
    char first[48] = "";
    size_t length = strcspn(line, " ");
    snprintf(first, sizeof first, "%.*s", (int)(length < sizeof first ? length : sizeof first - 1),
             line);
    const struct action *action = action_find(first);
    if (action && action->raw) { // the line of a prompt or a binding: its %o is expanded later
        const char *rest = line + length;
        return action->run(tui, rest + strspn(rest, " "), NULL, err);
    }
    if (line[strspn(line, "0123456789")] == 0) { // `:10`
        char there[64];
        snprintf(there, sizeof there, "goto %.40s", line);
        return tui_line(tui, there, err);
    }
    struct text whole = TEXT_INIT;
    struct words words = { 0 };
    bool ok = line_expand(tui, line, &whole, err);
    if (ok && action) {
        ok = words_split(&words, text_string(&whole), err)
             && action->run(tui, text_string(&whole), &words, err);
        words_fini(&words);
    } else if (ok && strcmp(text_string(&whole), line) && !view_kind(first)
               && !command_find(first)) {
        ok = tui_line(tui, text_string(&whole), err); // the line came from a column
    } else if (ok) {
        struct view *view = view_open(tui, text_string(&whole), err);
        ok = view != NULL;
        if (ok) {
            tui_push(tui, view);
        }
    }
    text_fini(&whole);
    return ok;
}

// Runs a line as `:` and keys do. Errors become the message.
static void tui_do(struct tui *tui, const char *line)
{
    struct err err = ERR_INIT;
    tui->message[0] = 0;
    if (!tui_line(tui, line, &err)) {
        bool calm = err.kind == ERR_CANCELLED || err.kind == ERR_NOT_FOUND;
        tui_say(tui, calm ? STYLE_WARN : STYLE_BAD, "%s", err.text[0] ? err.text : "that failed");
    }
}

static void take_click(struct tui *tui, struct view *view, const struct term_mouse *mouse)
{
    for (size_t i = 0; mouse->row == term_rows() - 1 && i < tui->hint_count; i++) {
        if (mouse->column >= tui->hints[i].from && mouse->column < tui->hints[i].to) {
            tui_key(tui, tui->hints[i].key);
            return;
        }
    }
    if (view->ops->pick) {
        view->ops->pick(view, mouse->row, mouse->column);
    }
    struct table *table = view_table(view);
    size_t position;
    int heading;
    if (!table_hit(table, mouse->row, mouse->column, &position, &heading)) {
        tui->click_row = -1;
    } else if (heading >= 0) {
        struct text line = TEXT_INIT;
        text_add_format(&line, "sort %s", table->report.columns[heading].name);
        tui_do(tui, table->sort == heading ? "sort reverse" : text_string(&line));
        text_fini(&line);
    } else if (position == table->cursor && tui->click_row == mouse->row) {
        tui->click_row = -1;
        tui_key(tui, '\r');
    } else {
        table_to(table, position);
        tui->click_row = mouse->row;
    }
}

static void take_mouse(struct tui *tui)
{
    struct term_mouse mouse;
    struct view *view = tui_view(tui);
    if (!term_mouse(&mouse) || !view) {
        return;
    }
    if (mouse.kind == MOUSE_CLICK) {
        take_click(tui, view, &mouse);
    } else if (mouse.kind == MOUSE_WHEEL_UP || mouse.kind == MOUSE_WHEEL_DOWN) {
        if (view->ops->pick) {
            view->ops->pick(view, mouse.row, mouse.column);
        }
        table_move(view_table(view), mouse.kind == MOUSE_WHEEL_UP ? -3 : 3);
    }
}

void tui_key(struct tui *tui, int key)
{
    struct view *view = tui_view(tui);
    key = key == '\n' ? '\r' : key; // typed before the screen was set up
    if (key == TERM_MOUSE) {
        take_mouse(tui);
        return;
    }
    if (key == TERM_NONE || key == TERM_RESIZE) {
        return;
    }
    if (!view) { // the first command failed, or was cancelled
        bool quits = key == 'q' || key == 'Q' || key == 3;
        tui->end = quits ? TUI_QUITS : tui->end;
        if (key == 'o' || key == '\r') {
            tui_do(tui, "overview");
        }
        return;
    }
    tui->click_row = -1;
    tui->interrupted &= key == 3;
    const struct key_row *row = keys_find(&tui->keys, view->name, view->ops->plain, key);
    if (row) {
        tui_do(tui, row->line);
        return;
    }
    char name[24];
    key_name(key, name);
    tui_say(tui, STYLE_DIM, "%s is not bound here; ? shows the keys, q goes back, Q quits", name);
}

int tui_read_key(struct tui *tui, int milliseconds)
{
    if (tui->typed_count) {
        int key = tui->typed[0];
        memmove(tui->typed, tui->typed + 1, --tui->typed_count * sizeof *tui->typed);
        return key;
    }
    int key = term_read(milliseconds);
    // A terminal that is gone makes every read return at once without a key.
    tui->silent = key == TERM_NONE && milliseconds < 0 ? tui->silent + 1 : 0;
    if (tui->silent > SILENT_MAX) {
        tui->end = TUI_QUITS;
        return 3;
    }
    return key;
}

static void open_first(struct tui *tui)
{
    tui->started = true;
    rc_read(tui);
    screen_draw(tui);
    tui_do(tui, "overview");
    if (!tui_view(tui)) {
        size_t size = strlen(tui->message);
        snprintf(tui->message + size, sizeof tui->message - size, "; o retries, q quits");
    }
    if (tui->options.start && *tui->options.start
        && (tui_view(tui) || strcmp(tui->options.start, "overview"))) {
        tui_do(tui, tui->options.start);
    }
}

static bool work_a_little(struct tui *tui)
{
    struct view *view = tui_view(tui);
    if (view && table_is_sifting(view_table(view))) {
        table_sift(view_table(view));
        return true;
    }
    if (!view || !view->ops->later) {
        return false;
    }
    tui->yields = true;
    bool more = view->ops->later(tui, view);
    tui->yields = false;
    return more;
}

static void loop_run(struct tui *tui)
{
    bool more = true;
    while (tui->end == TUI_STAYS) {
        screen_draw(tui);
        int key = tui_read_key(tui, more ? 0 : -1);
        if (key != TERM_NONE) {
            tui_key(tui, key);
            more = true;
        } else if (more) {
            more = work_a_little(tui);
        }
    }
}

// --- from outside -------------------------------------------------------------------------------

struct tui *tui_new(struct session *session, const struct tui_options *options, struct err *err)
{
    struct tui *tui = calloc(1, sizeof *tui);
    if (!tui) {
        err_memory(err, "the screen");
        return NULL;
    }
    tui->session = session;
    tui->ask = session_run_line;
    tui->keys.is_word = action_is;
    tui->options = *options;
    tui->before = session->options.progress;
    if (!options->no_files) {
        const struct target_callback *gdb = session->options.callback;
        bool here = gdb && !gdb->maps; // a process on this machine
        bookmarks_open(&tui->marks, session->options.core,
                       (long)(here ? gdb->pid : session->options.pid));
    }
    return tui;
}

bool tui_resume(struct tui *tui, bool *quit, struct err *err)
{
    static const enum term_colors colors[] = { TERM_COLORS_AUTO, TERM_COLORS_ALWAYS,
                                               TERM_COLORS_NEVER };
    struct term_options options = { .colors = colors[tui->options.colors],
                                    .ascii = tui->options.ascii,
                                    .no_mouse = tui->options.no_mouse };
    if (!term_open(&options, err)) {
        return false;
    }
    tui->session->options.progress = busy_progress(tui);
    tui->end = TUI_STAYS;
    if (!tui->started) {
        open_first(tui);
    }
    tui_arrive(tui);
    loop_run(tui);
    term_close();
    tui->session->options.progress = tui->before;
    if (quit) {
        *quit = tui->end == TUI_QUITS;
    }
    return true;
}

void tui_free(struct tui *tui)
{
    if (!tui) {
        return;
    }
    tui_drop_views(tui);
    keys_fini(&tui->keys);
    bookmarks_fini(&tui->marks);
    free(tui);
}

bool tui_run(struct session *session, const struct tui_options *options, struct err *err)
{
    struct tui *tui = tui_new(session, options, err);
    bool ok = tui && tui_resume(tui, NULL, err);
    tui_free(tui);
    return ok;
}

void tui_list_keys(struct text *out)
{
    const struct keys keys = { .is_word = action_is };
    for (const struct key_row *row = key_rows; row->key; row++) {
        if (key_row_works(&keys, row)) {
            text_add_format(out, "%s\t%s\t%s\t%s\n", row->view, row->key, row->line,
                            row->note ? row->note : "");
        }
    }
}
