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

struct table *action_table(struct tui *tui)
{
    struct view *view = tui_view(tui);
    return view ? view_table(view) : NULL;
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

static bool action_run_back(struct tui *tui, UNUSED const char *line,
                            UNUSED const struct words *words, struct err *err)
{
    return tui_back(tui) || err_set(err, ERR_NOT_FOUND, "this is the first view; Q quits");
}

static bool action_run_forward(struct tui *tui, UNUSED const char *line,
                               UNUSED const struct words *words, struct err *err)
{
    return tui_forward(tui) || err_set(err, ERR_NOT_FOUND, "this is the newest view");
}

static bool action_run_leave(struct tui *tui, UNUSED const char *line,
                             UNUSED const struct words *words, UNUSED struct err *err)
{
    if (!tui_back(tui)) {
        tui->end = TUI_QUITS;
    }
    return true;
}

// Ctrl-C, when nothing is running that it could stop: pressing it twice quits.
static bool action_run_interrupt(struct tui *tui, UNUSED const char *line,
                                 UNUSED const struct words *words, UNUSED struct err *err)
{
    if (tui->interrupted) {
        tui->end = TUI_QUITS;
    }
    tui->interrupted = true;
    tui_say(tui, STYLE_DIM, "Ctrl-C once more quits, as Q does; q goes back");
    return true;
}

static bool action_run_quit(struct tui *tui, UNUSED const char *line,
                            UNUSED const struct words *words, UNUSED struct err *err)
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
    struct table *table = action_table(tui);
    node n;
    if (table && table_object(table, &n)) // $ouro
        tui->session->selected = n;
    tui->end = TUI_TO_GDB;
    return true;
}

static bool action_run_suspend(struct tui *tui, const char *line, const struct words *words,
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

bool action_run_reload(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
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

static bool action_run_redraw(UNUSED struct tui *tui, UNUSED const char *line,
                              UNUSED const struct words *words, UNUSED struct err *err)
{
    term_redraw();
    return true;
}

static bool action_run_follow(struct tui *tui, UNUSED const char *line,
                              UNUSED const struct words *words, struct err *err)
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

// --- leaving the screen -------------------------------------------------------------------------

static bool action_run_copy(struct tui *tui, UNUSED const char *line, const struct words *words,
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

static bool action_run_write(struct tui *tui, UNUSED const char *line, const struct words *words,
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
    if (!action_complete(tui, err) || !write_table(action_table(tui), words->items[1], err)) {
        return false;
    }
    tui_say(tui, STYLE_GOOD, "%zu %s written to %s", action_table(tui)->shown,
            text_plural(action_table(tui)->shown, "row", "rows"), words->items[1]);
    return true;
}

// Runs a line from the `?` view in the view that it was opened from.
static bool action_run_do(struct tui *tui, const char *line, UNUSED const struct words *words,
                          struct err *err)
{
    const char *rest = line + strcspn(line, " ");
    tui_back(tui);
    return tui_line(tui, rest, err);
}

// --- the prompt and settings --------------------------------------------------------------------

static bool action_run_prompt(struct tui *tui, const char *line, UNUSED const struct words *words,
                              struct err *err)
{
    char *typed = prompt_read(tui, PROMPT_COMMAND, ":", line);
    bool ok = !typed || tui_line(tui, typed, err);
    free(typed);
    return ok;
}

static bool action_run_bind(struct tui *tui, const char *line, UNUSED const struct words *words,
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

static bool action_run_set(struct tui *tui, UNUSED const char *line, const struct words *words,
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

static bool action_run_detail(struct tui *tui, UNUSED const char *line,
                              UNUSED const struct words *words, UNUSED struct err *err)
{
    tui->no_detail = !tui->no_detail;
    return true;
}

static bool action_run_regroup(struct tui *tui, UNUSED const char *line, const struct words *words,
                               struct err *err)
{
    return tui_regroup(tui, words->count > 1 && !strcmp(words->items[1], "retained"), err);
}

static bool action_run_tree(struct tui *tui, UNUSED const char *line, const struct words *words,
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

static bool action_run_step(struct tui *tui, UNUSED const char *line, const struct words *words,
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

static bool action_run_past(struct tui *tui, UNUSED const char *line,
                            UNUSED const struct words *words, struct err *err)
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
      action_run_detail },
    { "value", "OBJ", "an object's value in full, line by line", false, action_run_open },
    { "row", "", "the line under the cursor in full", false, action_run_open },
    { "follow", "", "open what the line refers to", false, action_run_follow },
    { "do", "LINE", "back, and run a line there", false, action_run_do },
    { "back", "", "the view before", false, action_run_back },
    { "forward", "", "the view after", false, action_run_forward },
    { "leave", "", "the view before; from the first one, quit", false, action_run_leave },
    { "quit", "", "quit", false, action_run_quit },
    { "q", "", "quit", false, action_run_quit },
    { "interrupt", "", "what Ctrl-C does when nothing is running: twice, and it quits", false,
      action_run_interrupt },
    { "gdb", "", "to gdb's prompt", false, action_run_gdb },
    { "suspend", "", "to the shell", false, action_run_suspend },
    { "reload", "", "reload", false, action_run_reload },
    { "redraw", "", "redraw", false, action_run_redraw },
    { "down", "[N]", "move", false, action_run_move },
    { "up", "[N]", "move", false, action_run_move },
    { "page-down", "", "move", false, action_run_move },
    { "page-up", "", "move", false, action_run_move },
    { "half-down", "", "move", false, action_run_move },
    { "half-up", "", "move", false, action_run_move },
    { "top", "", "first line", false, action_run_top },
    { "bottom", "", "last line", false, action_run_bottom },
    { "goto", "N", "line N; `:N` does, too", false, action_run_goto },
    { "left", "", "columns to the left", false, action_run_left },
    { "right", "", "columns to the right", false, action_run_right },
    { "pane", "[back]", "the next pane", false, action_run_pane },
    { "toggle", "", "unfold or fold a line of a tree, or open its object", false, action_run_tree },
    { "unfold", "[all]", "unfold a line of a tree", false, action_run_tree },
    { "fold", "", "fold a line of a tree", false, action_run_tree },
    { "regroup", "[retained]",
      "the rows of `types`, `retained` or `diff` in other groups; `types` with what they retain",
      false, action_run_regroup },
    { "step", "N", "a step of the path from a root to the object of the page", false,
      action_run_step },
    { "past", "", "a dominator tree past plain containers, and back", false, action_run_past },
    { "search", "[REGEXP]", "search forward", true, action_run_search },
    { "search-back", "[REGEXP]", "search backward", true, action_run_search_back },
    { "next", "", "the next match", false, action_run_next },
    { "previous", "", "the previous match", false, action_run_previous },
    { "filter", "[FILTER]", "show only some rows", true, action_run_filter },
    { "clear", "", "show all rows", false, action_run_clear },
    { "sort", "[COLUMN [asc|desc]|left|right|reverse|none]", "sort the rows", false,
      action_run_sort },
    { "mark", "[LETTER [NOTE]]", "mark the object, or the view", true, action_run_mark },
    { "unmark", "LETTER", "delete a mark", false, action_run_unmark },
    { "without", "[REF|none]", "ignore a reference, or stop ignoring it: what would be freed",
      false, action_run_without },
    { "jump", "[LETTER]", "go to a mark", false, action_run_jump },
    { "copy", "[expression]", "copy the object's address to the clipboard", false,
      action_run_copy },
    { "write", "FILE", "the rows to a file: text, .jsonl or .csv", false, action_run_write },
    { "prompt", "[TEXT]", "prompt for a command", true, action_run_prompt },
    { "bind", "VIEW KEY [LINE]", "bind a key", true, action_run_bind },
    { "set", "WHAT VALUE", "colors, theme, lines, mouse, detail", false, action_run_set },
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
