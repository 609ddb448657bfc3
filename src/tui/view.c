// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a view by its line: choosing its kind, and the general kind for all other commands.
#include "tui/view.h"

#include <stdlib.h>
#include <string.h>

#include "tui/state.h"

enum { ROWS_FIRST = 1000 };   // rows of a long answer that are shown at once
enum { ROWS_MOST = 5000000 }; // rows kept per answer, unless the line has its own -n

static const struct view_ops *const kinds[] = {
    &view_overview, &view_object, &view_tree,     &view_ring,    &view_help,
    &view_marks,    &view_row,    &view_retained, &view_threads, &view_value,
};

const struct view_ops *view_kind(const char *word)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(kinds[i]->name, word)) {
            return kinds[i];
        }
    }
    return NULL;
}

bool view_is(const struct view *view, const struct view_ops *ops)
{
    return view && view->ops == ops;
}

struct table *view_table(struct view *view)
{
    return view->ops->focus ? view->ops->focus(view) : &view->table;
}

// The words with the command's full name: for the title, and to run again from the history.
static char *whole_line(const struct words *words, const char *name)
{
    struct text line = TEXT_INIT;
    text_add_string(&line, name);
    for (size_t i = 1; i < words->count; i++) {
        line_add_word(&line, words->items[i]);
    }
    return text_detach(&line);
}

static bool resolve(struct view *view, const char *line, struct err *err)
{
    if (!words_split(&view->words, line, err)) {
        return false;
    }
    if (!view->words.count) {
        return err_set(err, ERR_USAGE, "an empty line opens nothing");
    }
    view->ops = view_kind(view->words.items[0]);
    const struct command *command = view->ops ? NULL : command_find(view->words.items[0]);
    if (!view->ops && !command) {
        return command_unknown(view->words.items[0], ERR_USAGE, err);
    }
    // `obj 0x..` is `object 0x..`, which has a view of its own.
    if (command && (view->ops = view_kind(command->name)) == NULL) {
        view->ops = &view_rows;
    }
    view->name = view->ops->name ? view->ops->name : command->name;
    view->line = whole_line(&view->words, view->name);
    const char *by = view_grouped_by(view);
    if (command && by && !strcmp(command->name, "types")) {
        view->name = "groups"; // a name of its own, for other keys
    } else if (command && by && !strcmp(command->name, "diff") && strcmp(by, "module") != 0) {
        view->name = "growth";
    }
    if (command && !strcmp(command->name, "diff") && words_has(&view->words, "--trend")) {
        view->ops = &view_trend;
        view->name = "trend";
    }
    if (command && !strcmp(command->name, "collect") && words_has(&view->words, "--stages")) {
        view->name = "stages";
    }
    return view->line ? true : err_memory(err, "a view");
}

struct view *view_open(struct tui *tui, const char *line, struct err *err)
{
    struct view *view = calloc(1, sizeof *view);
    if (!view) {
        err_memory(err, "a view");
        return NULL;
    }
    table_init(&view->table, tui->session);
    view->subject = NODE_NONE;
    busy_begin(tui);
    bool ok = resolve(view, line, err);
    if (ok && view->ops->state_size) {
        view->state = calloc(1, view->ops->state_size);
        ok = view->state ? true : err_memory(err, "a view");
    }
    ok = ok && view->ops->open(tui, view, err);
    busy_end(tui);
    if (!ok) {
        view_free(view);
        return NULL;
    }
    return view;
}

void view_free(struct view *view)
{
    if (!view) {
        return;
    }
    if (view->state && view->ops->close) {
        view->ops->close(view);
    }
    table_fini(&view->table);
    words_fini(&view->words);
    free(view->line);
    free(view->state);
    free(view);
}

// Applies the filter and the order of the previous rows.
static bool view_arrange(struct tui *tui, struct table *table, struct err *err)
{
    struct progress progress = busy_progress(tui);
    if (!table->filter.line && table->sort < 0) {
        table_drop_order(table);
        return true;
    }
    busy_begin(tui);
    bool ok = table_rearrange(table, &progress, err);
    busy_end(tui);
    return ok;
}

bool view_fill(struct tui *tui, struct table *table, const char *line, struct err *err)
{
    struct report fresh;
    struct err local = ERR_INIT;
    report_init(&fresh, tui->session, &report_store, NULL);
    fresh.limit = ROWS_MOST;
    busy_begin(tui);
    bool ok = tui->ask(tui->session, line, &fresh, &local);
    busy_end(tui);
    bool short_of_memory = local.kind == ERR_MEMORY,
         stopped = local.kind == ERR_CANCELLED && !tui->yields;
    if (!ok && fresh.row_count && (short_of_memory || stopped)) {
        tui_say(tui, STYLE_WARN, "%s: these are the rows that had come by then",
                short_of_memory ? local.text : "cancelled");
        ok = true;
    }
    if (!ok) {
        report_fini(&fresh);
        return err_set(err, local.kind, "%s", local.text);
    }
    if (fresh.truncated && fresh.row_count == ROWS_MOST) {
        tui_say(tui, STYLE_WARN,
                "the first 5 million of %.1f million rows: narrow the command to see others",
                (double)fresh.rows / 1e6);
    }
    outline_fini(&table->outline);
    report_fini(&table->report);
    table->report = fresh;
    table_filled(table);
    return view_arrange(tui, table, err);
}

void view_forget(struct view *view)
{
    struct table *table = &view->table;
    if (view->ops != &view_rows || view->stale) {
        return;
    }
    struct session *session = table->report.session;
    report_fini(&table->report);
    report_init(&table->report, session, &report_store, NULL);
    table_drop_order(table);
    table->filled = false;
    view->stale = true;
}

void view_retire(struct view *view)
{
    struct session *session = view->table.report.session;
    size_t cursor = view->table.cursor, top = view->table.top;
    view->subject = NODE_NONE;
    if (view->ops == &view_rows) { // it keeps its order and its filter
        view_forget(view);
        return;
    }
    if (view->state && view->ops->close) {
        view->ops->close(view);
    }
    if (view->state) {
        memset(view->state, 0, view->ops->state_size);
    }
    table_fini(&view->table);
    table_init(&view->table, session);
    view->table.cursor = cursor;
    view->table.top = top;
    view->stale = true;
}

static bool view_reopen(struct tui *tui, struct view *view, struct err *err)
{
    size_t cursor = view->table.cursor, top = view->table.top;
    busy_begin(tui);
    bool ok = view->ops->open(tui, view, err);
    busy_end(tui);
    view->stale = !ok;
    view->table.top = top;
    table_to(&view->table, cursor);
    return ok;
}

bool view_recall(struct tui *tui, struct view *view, struct err *err)
{
    if (view->ops != &view_rows) {
        return view_reopen(tui, view, err);
    }
    struct table *table = &view->table;
    size_t cursor = table->cursor, top = table->top;
    busy_begin(tui);
    bool ok = view_fill(tui, table, view->line, err);
    busy_end(tui);
    view->stale = !table->filled;
    view->partial = view->partial && !ok;
    table->top = top;
    table_to(table, cursor);
    return ok;
}

// --- the view of any command --------------------------------------------------------------------

// Shows the figures that belong to no row, until the next key.
void view_tell_summary(struct tui *tui, const struct report *report)
{
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < report->summary_count; i++) {
        const struct summary_item *item = &report->summary[i];
        const struct column human = { .flags = item->cell.kind == CELL_BYTES ? COLUMN_HUMAN : 0 };
        if (item->cell.kind != CELL_NULL) {
            text_add_format(&text, "%s%s ", text.size ? ", " : "", item->key);
            report_cell_text(report, &item->cell, &human, 80, &text);
        }
    }
    if (text.size && !tui->message[0]) {
        tui_say(tui, STYLE_DIM, "%s", text_string(&text));
    }
    text_fini(&text);
}

// Whether the answer has one row per object, in an order that needs no other rows: the first are
// then shown at once.
static bool may_be_long(const struct view *view)
{
    if (strcmp(view->name, "objects")) {
        return false;
    }
    for (size_t i = 1; i < view->words.count; i++) {
        const char *word = view->words.items[i];
        if (!strncmp(word, "-n", 2) || !strncmp(word, "--limit", 7)
            || !strncmp(word, "--sort", 6)) {
            return false;
        }
    }
    return true;
}

static bool open_first_rows(struct tui *tui, struct view *view, struct err *err)
{
    struct text line = TEXT_INIT;
    text_add_format(&line, "%s -n %d", view->line, ROWS_FIRST);
    bool ok = text_ok(&line, err) && view_fill(tui, &view->table, text_string(&line), err);
    text_fini(&line);
    view->partial = ok && view->table.report.truncated;
    return ok;
}

bool view_complete(struct tui *tui, struct view *view, struct err *err)
{
    if (!view->partial || tui->busy.depth) { // the rest is being computed
        return true;
    }
    size_t cursor = view->table.cursor, top = view->table.top;
    if (!view_fill(tui, &view->table, view->line, err)) {
        return false;
    }
    view->partial = false;
    view->table.top = top;
    table_to(&view->table, cursor);
    return true;
}

static bool later_rows(struct tui *tui, struct view *view)
{
    struct err err = ERR_INIT;
    if (!view->partial || view_complete(tui, view, &err) || busy_yielded(tui, &err)) {
        return view->partial;
    }
    tui_say(tui, STYLE_WARN, "%s; C-r reloads", err.text);
    view->partial = false; // the rows so far stay
    return false;
}

static bool open_rows(struct tui *tui, struct view *view, struct err *err)
{
    if (!(may_be_long(view) ? open_first_rows(tui, view, err)
                            : view_fill(tui, &view->table, view->line, err))) {
        return false;
    }
    view_tell_summary(tui, &view->table.report);
    return true;
}

void view_draw_table(struct tui *tui, struct view *view, struct area area)
{
    struct table_look look = tui_look(tui, true);
    table_draw(&view->table, area, &look);
}

void view_draw_rows(struct tui *tui, struct view *view, struct area area)
{
    int detail = detail_rows(tui, &view->table, area.rows);
    area.rows -= detail;
    view_draw_table(tui, view, area);
    detail_draw(&view->table,
                (struct area){ area.row + area.rows, area.column, detail, area.columns });
}

const struct view_ops view_rows = {
    .title = "any command",
    .plain = true,
    .open = open_rows,
    .later = later_rows,
    .draw = view_draw_rows,
};
