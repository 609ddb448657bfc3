// SPDX-License-Identifier: GPL-3.0-or-later
// The screen's own commands: one row each, in the order in which the screen's `:help` lists them.
#include "tui/action.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unused.h"
#include "tui/prompt.h"
#include "tui/state.h"
#include "tui/view_tree.h"

static struct table *current(struct tui *tui)
{
    struct view *view = tui_view(tui);
    return view ? view_table(view) : NULL;
}

// --- moving -------------------------------------------------------------------------------------

static bool run_move(struct tui *tui, UNUSED const char *line, const struct words *words,
                     UNUSED struct err *err)
{
    struct table *table = current(tui);
    if (!table) {
        return true;
    }
    long page = (long)(table->page > 1 ? table->page - 1 : 1), half = page / 2 + 1;
    const struct {
        const char *name;
        long delta;
    } steps[] = {
        { "down", 1 },        { "up", -1 },          { "page-down", page },
        { "page-up", -page }, { "half-down", half }, { "half-up", -half },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (!strcmp(steps[i].name, words->items[0])) {
            long times = words->count > 1 ? strtol(words->items[1], NULL, 10) : 1;
            table_move(table, steps[i].delta * times);
        }
    }
    return true;
}

static bool action_run_top(struct tui *tui, UNUSED const char *line,
                           UNUSED const struct words *words, UNUSED struct err *err)
{
    table_to(current(tui), 0);
    return true;
}

// Completes the rows, for actions that need more than the first ones.
static bool action_complete(struct tui *tui, struct err *err)
{
    struct view *view = tui_view(tui);
    struct progress progress = busy_progress(tui);
    if (!view || tui->busy.depth) {
        return true;
    }
    if (!view_complete(tui, view, err)) {
        return false;
    }
    busy_begin(tui);
    bool ok = table_complete(view_table(view), &progress, err);
    busy_end(tui);
    return ok;
}

static bool run_bottom(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    if (!action_complete(tui, err)) {
        return false;
    }
    table_to(current(tui), SIZE_MAX);
    return true;
}

static bool run_left(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                     UNUSED struct err *err)
{
    struct table *table = current(tui);
    if (table->left) {
        table->left--;
        table->widths_for = 0;
    }
    return true;
}

static bool run_right(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                      UNUSED struct err *err)
{
    struct table *table = current(tui);
    size_t last = table->report.column_count ? table->report.column_count - 1 : 0;
    bool beyond =
        table->hidden
        || table->starts[last] + table->widths[last] > table->area.column + table->area.columns;
    if (table->left + 1 < last && beyond) {
        table->left++;
        table->widths_for = 0;
    }
    return true;
}

static bool run_pane(struct tui *tui, UNUSED const char *line, const struct words *words,
                     UNUSED struct err *err)
{
    struct view *view = tui_view(tui);
    if (view->ops->pane) {
        view->ops->pane(view, words->count > 1 ? -1 : 1);
    }
    return true;
}

// --- from view to view --------------------------------------------------------------------------

static bool action_run_open(struct tui *tui, const char *line, UNUSED const struct words *words,
                            struct err *err)
{
    struct view *view = view_open(tui, line, err);
    if (!view) {
        return false;
    }
    tui_push(tui, view);
    return true;
}

static bool run_back(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                     struct err *err)
{
    return tui_back(tui) || err_set(err, ERR_NOT_FOUND, "this is the first view; Q quits");
}

static bool run_forward(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                        struct err *err)
{
    return tui_forward(tui) || err_set(err, ERR_NOT_FOUND, "this is the newest view");
}

static bool run_leave(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                      UNUSED struct err *err)
{
    if (!tui_back(tui)) {
        tui->end = TUI_QUITS;
    }
    return true;
}

// Ctrl-C, when nothing is running that it could stop: pressing it twice quits.
static bool run_interrupt(struct tui *tui, UNUSED const char *line,
                          UNUSED const struct words *words, UNUSED struct err *err)
{
    if (tui->interrupted) {
        tui->end = TUI_QUITS;
    }
    tui->interrupted = true;
    tui_say(tui, STYLE_DIM, "Ctrl-C once more quits, as Q does; q goes back");
    return true;
}

static bool run_goto(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    char *end = NULL;
    unsigned long number = words->count > 1 ? strtoul(words->items[1], &end, 10) : 0;
    if (!number || *end) {
        return err_set(err, ERR_USAGE, "goto N: a line number, from 1");
    }
    if (number > current(tui)->shown && !action_complete(tui, err)) {
        return false;
    }
    table_to(current(tui), number - 1);
    return true;
}

static bool run_quit(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                     UNUSED struct err *err)
{
    tui->end = TUI_QUITS;
    return true;
}

static bool action_run_gdb(struct tui *tui, UNUSED const char *line,
                           UNUSED const struct words *words, struct err *err)
{
    if (!tui->options.in_gdb) {
        return err_set(err, ERR_NOT_FOUND, "not in gdb; Ctrl-Z suspends to the shell, Q quits");
    }
    struct table *table = current(tui);
    node n;
    if (table && table_object(table, &n)) // $ouro
        tui->session->selected = n;
    tui->end = TUI_TO_GDB;
    return true;
}

static bool run_suspend(struct tui *tui, const char *line, const struct words *words,
                        struct err *err)
{
    if (tui->options.in_gdb) {
        return action_run_gdb(tui, line, words, err);
    }
    static const enum term_colors colors[] = { TERM_COLORS_AUTO, TERM_COLORS_ALWAYS,
                                               TERM_COLORS_NEVER };
    struct term_options options = { .colors = colors[tui->options.colors],
                                    .ascii = tui->options.ascii,
                                    .no_mouse = tui->options.no_mouse };
    term_close();
    raise(SIGTSTP);
    return term_open(&options, err);
}

static bool run_reload(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    struct view *old = tui->views[tui->at], *view = view_open(tui, old->line, err);
    if (!view) {
        return false;
    }
    struct table *from = view_table(old), *to = view_table(view);
    struct progress progress = busy_progress(tui);
    to->filter = from->filter; // the same rows are shown, in the same order
    to->sort = from->sort;
    to->descending = from->descending;
    to->cursor = from->cursor;
    to->top = from->top;
    from->filter = (struct filter){ 0 };
    tui->views[tui->at] = view;
    view_free(old);
    busy_begin(tui);
    bool ok = table_rearrange(to, &progress, err);
    busy_end(tui);
    return ok;
}

static bool run_redraw(UNUSED struct tui *tui, UNUSED const char *line,
                       UNUSED const struct words *words, UNUSED struct err *err)
{
    term_redraw();
    return true;
}

static bool run_follow(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    struct view *view = tui_view(tui);
    if (!view->ops->follow) {
        node n;
        return tui_line(tui, table_object(view_table(view), &n) ? "object %o" : "row", err);
    }
    struct text next = TEXT_INIT;
    bool ok = view->ops->follow(tui, view, &next, err)
              && (!next.size || tui_line(tui, text_string(&next), err));
    text_fini(&next);
    return ok;
}

// --- finding ------------------------------------------------------------------------------------

static bool action_search(struct tui *tui, bool backward, struct err *err)
{
    if (!tui->search[0]) {
        return err_set(err, ERR_NOT_FOUND, "no search yet; / starts one");
    }
    bool wrapped;
    struct progress progress = busy_progress(tui);
    if (!action_complete(tui, err)) {
        return false;
    }
    busy_begin(tui);
    tui->busy.impatient = true;
    bool ok = table_search(current(tui), tui->search, backward, &wrapped, &progress, err);
    busy_end(tui);
    if (ok && wrapped) {
        tui_say(tui, STYLE_DIM, "search wrapped to the %s", backward ? "last line" : "first line");
    }
    return ok;
}

static bool ask_search(struct tui *tui, const char *line, bool backward, struct err *err)
{
    char *typed = *line ? strdup(line)
                        : prompt_read(tui, PROMPT_SEARCH, backward ? "search back: " : "/", NULL);
    if (!typed) {
        return true;
    }
    if (*typed) { // empty: repeats the last search
        snprintf(tui->search, sizeof tui->search, "%s", typed);
    }
    free(typed);
    tui->search_backward = backward;
    return action_search(tui, backward, err);
}

static bool run_search(struct tui *tui, const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    return ask_search(tui, line, false, err);
}

static bool run_search_back(struct tui *tui, const char *line, UNUSED const struct words *words,
                            struct err *err)
{
    return ask_search(tui, line, true, err);
}

static bool run_next(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                     struct err *err)
{
    return action_search(tui, tui->search_backward, err);
}

static bool run_previous(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                         struct err *err)
{
    return action_search(tui, !tui->search_backward, err);
}

static bool set_filter(struct tui *tui, const char *line, struct err *err)
{
    struct progress progress = busy_progress(tui);
    if (!action_complete(tui, err)) {
        return false;
    }
    busy_begin(tui);
    bool ok = table_filter(current(tui), line, &progress, err);
    busy_end(tui);
    return ok;
}

static bool run_filter(struct tui *tui, const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    if (view_is(tui_view(tui), &view_tree)) {
        return err_set(err, ERR_UNSUPPORTED, "a tree shows all of its lines; / searches");
    }
    const char *before = current(tui)->filter.line;
    char *typed = *line ? strdup(line) : prompt_read(tui, PROMPT_FILTER, "filter: ", before);
    bool ok = !typed || set_filter(tui, typed, err);
    free(typed);
    return ok;
}

static bool run_clear(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                      struct err *err)
{
    return !current(tui)->filter.line || set_filter(tui, NULL, err);
}

// --- order --------------------------------------------------------------------------------------

static bool sort_by(struct tui *tui, int column, bool descending, struct err *err)
{
    struct progress progress = busy_progress(tui);
    if (!action_complete(tui, err)) {
        return false;
    }
    busy_begin(tui);
    bool ok = table_sort(current(tui), column, descending, &progress, err);
    busy_end(tui);
    return ok;
}

// The direction that people usually want first: numbers descending, text ascending.
static bool first_order(const struct table *table, int column)
{
    return column >= 0 && table->report.columns[column].flags & COLUMN_RIGHT;
}

static bool run_sort(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    struct table *table = current(tui);
    int count = (int)table->report.column_count, column = table->sort;
    const char *what = words->count > 1 ? words->items[1] : "right";
    if (view_is(tui_view(tui), &view_tree) || table->draw_row) {
        return err_set(err, ERR_UNSUPPORTED, "these lines have an order of their own");
    }
    if (!count) {
        return err_set(err, ERR_USAGE, "sort: no columns here");
    }
    if (!strcmp(what, "reverse")) {
        return column < 0
                   ? err_set(err, ERR_USAGE, "sort: rows are in their original order; s sorts")
                   : sort_by(tui, column, !table->descending, err);
    }
    if (!strcmp(what, "none")) {
        return sort_by(tui, -1, false, err);
    }
    int step = !strcmp(what, "left") ? -1 : !strcmp(what, "right") ? 1 : 0;
    if (step) {
        do { // -1 is one of the stops: the order in which the rows came
            column += step;
            column = column < -1 ? count - 1 : column >= count ? -1 : column;
        } while (column >= 0 && table->report.columns[column].flags & COLUMN_JSON_ONLY);
        return sort_by(tui, column, first_order(table, column), err);
    }
    column = table_column_named(table, what);
    if (column < 0) {
        return err_set(err, ERR_USAGE, "sort: no column %s", what);
    }
    const char *way = words->count > 2 ? words->items[2] : "";
    bool descending =
        !strncmp(way, "desc", 4) || (strncmp(way, "asc", 3) && first_order(table, column));
    return sort_by(tui, column, descending, err);
}

// --- marks --------------------------------------------------------------------------------------

static void action_describe(struct tui *tui, struct text *out)
{
    const struct table *table = current(tui);
    const struct cell *row = table_row(table);
    for (size_t i = 0; row && i < table->report.column_count; i++) {
        if (row[i].kind == CELL_TYPE_OF || row[i].kind == CELL_TYPE
            || row[i].kind == CELL_PREVIEW) {
            text_add_string(out, out->size ? " " : "");
            report_cell_text(&table->report, &row[i], &table->report.columns[i], 60, out);
        }
    }
}

static bool mark_object(struct tui *tui, char letter, const char *note, struct err *err)
{
    node n = NODE_NONE;
    struct view *view = tui_view(tui);
    if (!table_object(view_table(view), &n)) {
        n = view->subject;
    }
    if (n == NODE_NONE) {
        return err_set(err, ERR_USAGE,
                       "no object on this line; a capital letter marks the whole view");
    }
    addr at = heap_addr(&tui->session->heap, n);
    struct text line = TEXT_INIT, what = TEXT_INIT;
    text_add_string(&line, "object ");
    text_add_address(&line, at);
    action_describe(tui, &what);
    bool ok =
        bookmarks_set(&tui->marks, letter, at, text_string(&line), text_string(&what), note, err);
    text_fini(&line);
    text_fini(&what);
    return ok;
}

static bool run_mark(struct tui *tui, const char *line, UNUSED const struct words *words,
                     struct err *err)
{
    int letter = *line;
    char *note = NULL;
    if (!letter) {
        letter = prompt_key(tui, "mark with (a-z: the object, A-Z: the whole view): ");
        if (letter == 27 || letter == 3) {
            return true;
        }
    } else if (line[1]) {
        note = strdup(line + 1 + strspn(line + 1, " "));
    }
    bool small = letter >= 'a' && letter <= 'z', capital = letter >= 'A' && letter <= 'Z';
    if (!small && !capital) {
        free(note);
        return err_set(err, ERR_USAGE, "a mark is a letter");
    }
    if (!*line) {
        note = prompt_read(tui, PROMPT_NOTE, "note (Enter: none): ", NULL);
        if (!note) {
            return true;
        }
    }
    const char *here = tui_view(tui)->line;
    bool ok = small ? mark_object(tui, (char)letter, note, err)
                    : bookmarks_set(&tui->marks, (char)letter, 0, here, "", note, err);
    free(note);
    if (ok) {
        tui_say(tui, STYLE_GOOD, "marked %c; '%c comes back", letter, letter);
    }
    return ok;
}

static bool run_unmark(struct tui *tui, UNUSED const char *line, const struct words *words,
                       struct err *err)
{
    if (words->count != 2 || words->items[1][1]) {
        return err_set(err, ERR_USAGE, "unmark: which letter?");
    }
    return bookmarks_remove(&tui->marks, words->items[1][0], err)
           && (!view_is(tui_view(tui), &view_marks) || run_reload(tui, line, words, err));
}

// --- ignored references -------------------------------------------------------------------------

#define WITHOUT " --without "

// Where the reference is among the options, or null.
static char *action_without_find(struct tui *tui, const char *reference)
{
    size_t size = strlen(reference);
    for (char *at = tui->without; (at = strstr(at, WITHOUT)); at++) {
        const char *word = at + strlen(WITHOUT);
        if (!strncmp(word, reference, size)
            && (!word[size] || !strncmp(word + size, WITHOUT, strlen(WITHOUT))))
            return at;
    }
    return NULL;
}

static bool action_without_toggle(struct tui *tui, const char *reference, struct err *err)
{
    size_t used = strlen(tui->without), size = strlen(WITHOUT) + strlen(reference);
    char *at = action_without_find(tui, reference);
    if (at) {
        memmove(at, at + size, strlen(at + size) + 1);
        return true;
    }
    if (used + size >= sizeof tui->without)
        return err_set(err, ERR_USAGE, "too many references; `without none` clears them");
    snprintf(tui->without + used, sizeof tui->without - used, WITHOUT "%s", reference);
    return true;
}

static bool action_run_without(struct tui *tui, UNUSED const char *line, const struct words *words,
                               struct err *err)
{
    char before[sizeof tui->without], command[sizeof tui->without + 16], word[512] = "";
    const char *reference = words->count > 1 ? words->items[1] : "";
    const char *quote = strchr(reference, '\'') ? "\"" : strpbrk(reference, " []\"") ? "'" : "";
    snprintf(word, sizeof word, "%s%s%s", quote, reference, quote);
    snprintf(before, sizeof before, "%s", tui->without);
    if (!strcmp(reference, "none"))
        *tui->without = 0;
    else if (*reference && !action_without_toggle(tui, word, err))
        return false;
    bool is_there = !strncmp(tui_view(tui)->line, "retained" WITHOUT, strlen("retained" WITHOUT));
    if (!*tui->without) {
        if (is_there)
            tui_back(tui);
        snprintf(tui->message, sizeof tui->message, "no reference is ignored");
        return true;
    }
    snprintf(command, sizeof command, "retained%s", tui->without);
    struct view *view = view_open(tui, command, err);
    if (!view) {
        snprintf(tui->without, sizeof tui->without, "%s", before);
        return false;
    }
    if (is_there)
        tui_replace(tui, view);
    else
        tui_push(tui, view);
    return true;
}

static bool run_jump(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    int letter = words->count > 1 ? words->items[1][0] : prompt_key(tui, "jump to mark: ");
    if (letter == 27 || letter == 3) {
        return true;
    }
    const struct bookmark *mark =
        letter > 0 && letter < 128 ? bookmarks_find(&tui->marks, (char)letter) : NULL;
    if (!mark) {
        return err_set(err, ERR_NOT_FOUND, "no such mark; M lists them");
    }
    return tui_line(tui, mark->line, err);
}

// --- leaving the screen -------------------------------------------------------------------------

static bool run_copy(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    struct text text = TEXT_INIT;
    bool expression = words->count > 1;
    bool ok = line_expand(tui, expression ? "*(PyObject *)%o" : "%o", &text, err);
    if (ok) {
        term_copy(text_string(&text));
        tui_say(tui, STYLE_GOOD, "copied %s", text_string(&text));
    }
    text_fini(&text);
    return ok;
}

static bool run_write(struct tui *tui, UNUSED const char *line, const struct words *words,
                      struct err *err)
{
    if (words->count != 2) {
        return err_set(err, ERR_USAGE, "write FILE: text, or FILE.jsonl, FILE.csv");
    }
    struct stat there;
    if (!stat(words->items[1], &there) && S_ISREG(there.st_mode)) {
        char question[300];
        snprintf(question, sizeof question, "%.200s exists: overwrite it? (y/n) ", words->items[1]);
        int key = prompt_key(tui, question);
        if (key != 'y' && key != 'Y') {
            tui_say(tui, STYLE_DIM, "not written");
            return true;
        }
    }
    if (!action_complete(tui, err) || !write_table(current(tui), words->items[1], err)) {
        return false;
    }
    tui_say(tui, STYLE_GOOD, "%zu %s written to %s", current(tui)->shown,
            text_plural(current(tui)->shown, "row", "rows"), words->items[1]);
    return true;
}

// Runs a line from the `?` view in the view that it was opened from.
static bool run_do(struct tui *tui, const char *line, UNUSED const struct words *words,
                   struct err *err)
{
    const char *rest = line + strcspn(line, " ");
    tui_back(tui);
    return tui_line(tui, rest, err);
}

// --- the prompt and settings --------------------------------------------------------------------

static bool run_prompt(struct tui *tui, const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    char *typed = prompt_read(tui, PROMPT_COMMAND, ":", line);
    bool ok = !typed || tui_line(tui, typed, err);
    free(typed);
    return ok;
}

static bool run_bind(struct tui *tui, const char *line, UNUSED const struct words *words,
                     struct err *err)
{
    char view[48], key[24];
    int length = 0;
    if (sscanf(line, "%47s %23s %n", view, key, &length) < 2) {
        return err_set(err, ERR_USAGE,
                       "bind VIEW KEY LINE: `bind types F2 objects -t %%t`; VIEW * is every view, "
                       "without LINE it unbinds");
    }
    if (!key_has_view(view) && !view_kind(view) && !command_find(view)) {
        return err_set(err, ERR_USAGE, "bind: %s: no such view (types, objects, tree, * ...)",
                       view);
    }
    return keys_bind(&tui->keys, view, key, length ? line + length : "", err);
}

static bool run_set(struct tui *tui, UNUSED const char *line, const struct words *words,
                    struct err *err)
{
    if (words->count != 3) {
        return err_set(err, ERR_USAGE,
                       "set colors auto|always|never, set theme auto|dark|light, set lines "
                       "ascii|utf-8, set mouse on|off, set "
                       "detail on|off");
    }
    return rc_set(tui, words->items[1], words->items[2], err);
}

static bool run_detail(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                       UNUSED struct err *err)
{
    tui->no_detail = !tui->no_detail;
    return true;
}

static bool run_regroup(struct tui *tui, UNUSED const char *line, const struct words *words,
                        struct err *err)
{
    return tui_regroup(tui, words->count > 1 && !strcmp(words->items[1], "retained"), err);
}

static bool run_tree(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    struct view *view = tui_view(tui);
    if (view && view_table(view)->outline.count) {
        return table_fold(view_table(view), words->items[0], words->count > 1, err);
    }
    if (!view_is(view, &view_tree)) {
        return err_set(err, ERR_USAGE, "%s: only lines of a tree can be unfolded", words->items[0]);
    }
    return view_tree_do(tui, view, words->items[0], words->count > 1, err);
}

static bool run_step(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    struct text opens = TEXT_INIT;
    if (!view_is(tui_view(tui), &view_object) || words->count != 2) {
        return err_set(err, ERR_USAGE, "step N: a step of the path to an object, on its page");
    }
    long step = strtol(words->items[1], NULL, 10);
    bool ok = view_object_step(tui, tui_view(tui), step, &opens, err)
              && tui_line(tui, text_string(&opens), err);
    text_fini(&opens);
    return ok;
}

static bool run_past(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                     struct err *err)
{
    struct view *view = tui_view(tui), *fresh = NULL;
    struct text other = TEXT_INIT;
    if (!view_is(view, &view_tree)) {
        return err_set(err, ERR_USAGE, "past: only the dominator tree can go past containers");
    }
    if (view_tree_past(view, &other, err)) {
        fresh = view_open(tui, text_string(&other), err);
    }
    text_fini(&other);
    if (fresh) {
        tui_replace(tui, fresh);
    }
    return fresh != NULL;
}

const struct action actions[] = {
    { "overview", "", "the first view", false, action_run_open },
    { "tree", "referrers|referents OBJ", "an object's references, unfolding in place", false,
      action_run_open },
    { "tree", "dominators [OBJ] [--past]", "what it alone keeps alive, unfolding in place", false,
      action_run_open },
    { "ring", "N [cycles' options]", "draw cycle N", false, action_run_open },
    { "help", "[COMMAND]", "keys of the view; a command's help", false, action_run_open },
    { "marks", "", "the marks of this target", false, action_run_open },
    { "detail", "", "the pane with the line in full, below the table: off, and on", false,
      run_detail },
    { "value", "OBJ", "an object's value in full, line by line", false, action_run_open },
    { "row", "", "the line under the cursor in full", false, action_run_open },
    { "follow", "", "open what the line refers to", false, run_follow },
    { "do", "LINE", "back, and run a line there", false, run_do },
    { "back", "", "the view before", false, run_back },
    { "forward", "", "the view after", false, run_forward },
    { "leave", "", "the view before; from the first one, quit", false, run_leave },
    { "quit", "", "quit", false, run_quit },
    { "q", "", "quit", false, run_quit },
    { "interrupt", "", "what Ctrl-C does when nothing is running: twice, and it quits", false,
      run_interrupt },
    { "gdb", "", "to gdb's prompt", false, action_run_gdb },
    { "suspend", "", "to the shell", false, run_suspend },
    { "reload", "", "reload", false, run_reload },
    { "redraw", "", "redraw", false, run_redraw },
    { "down", "[N]", "move", false, run_move },
    { "up", "[N]", "move", false, run_move },
    { "page-down", "", "move", false, run_move },
    { "page-up", "", "move", false, run_move },
    { "half-down", "", "move", false, run_move },
    { "half-up", "", "move", false, run_move },
    { "top", "", "first line", false, action_run_top },
    { "bottom", "", "last line", false, run_bottom },
    { "goto", "N", "line N; `:N` does, too", false, run_goto },
    { "left", "", "columns to the left", false, run_left },
    { "right", "", "columns to the right", false, run_right },
    { "pane", "[back]", "the next pane", false, run_pane },
    { "toggle", "", "unfold or fold a line of a tree, or open its object", false, run_tree },
    { "unfold", "[all]", "unfold a line of a tree", false, run_tree },
    { "fold", "", "fold a line of a tree", false, run_tree },
    { "regroup", "[retained]",
      "the rows of `types`, `retained` or `diff` in other groups; `types` with what they retain",
      false, run_regroup },
    { "step", "N", "a step of the path from a root to the object of the page", false, run_step },
    { "past", "", "a dominator tree past plain containers, and back", false, run_past },
    { "search", "[REGEXP]", "search forward", true, run_search },
    { "search-back", "[REGEXP]", "search backward", true, run_search_back },
    { "next", "", "the next match", false, run_next },
    { "previous", "", "the previous match", false, run_previous },
    { "filter", "[FILTER]", "show only some rows", true, run_filter },
    { "clear", "", "show all rows", false, run_clear },
    { "sort", "[COLUMN [asc|desc]|left|right|reverse|none]", "sort the rows", false, run_sort },
    { "mark", "[LETTER [NOTE]]", "mark the object, or the view", true, run_mark },
    { "unmark", "LETTER", "delete a mark", false, run_unmark },
    { "without", "[REF|none]", "ignore a reference, or stop ignoring it: what would be freed",
      false, action_run_without },
    { "jump", "[LETTER]", "go to a mark", false, run_jump },
    { "copy", "[expression]", "copy the object's address to the clipboard", false, run_copy },
    { "write", "FILE", "the rows to a file: text, .jsonl or .csv", false, run_write },
    { "prompt", "[TEXT]", "prompt for a command", true, run_prompt },
    { "bind", "VIEW KEY [LINE]", "bind a key", true, run_bind },
    { "set", "WHAT VALUE", "colors, theme, lines, mouse, detail", false, run_set },
    { NULL, NULL, NULL, false, NULL },
};

const char *tui_word(size_t i)
{
    return actions[i].name;
}

bool action_is(const char *name)
{
    return action_find(name) != NULL;
}

const struct action *action_find(const char *name)
{
    for (const struct action *action = actions; action->name; action++) {
        if (!strcmp(action->name, name)) {
            return action;
        }
    }
    return NULL;
}
