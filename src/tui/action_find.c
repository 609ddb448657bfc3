// SPDX-License-Identifier: GPL-3.0-or-later
// Searching, filtering and sorting the rows: see action_run.h.
#include "tui/action_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "tui/prompt.h"
#include "tui/state.h"
#include "tui/view.h"

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
    bool ok = table_search(action_table(tui), tui->search, backward, &wrapped, &progress, err);
    busy_end(tui);
    if (ok && wrapped) {
        tui_say(tui, STYLE_DIM, "search wrapped to the %s", backward ? "last line" : "first line");
    }
    return ok;
}

static bool action_ask_search(struct tui *tui, const char *line, bool backward, struct err *err)
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

bool action_run_search(struct tui *tui, const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    return action_ask_search(tui, line, false, err);
}

bool action_run_search_back(struct tui *tui, const char *line, UNUSED const struct words *words,
                            struct err *err)
{
    return action_ask_search(tui, line, true, err);
}

bool action_run_next(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                     struct err *err)
{
    return action_search(tui, tui->search_backward, err);
}

bool action_run_previous(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                         struct err *err)
{
    return action_search(tui, !tui->search_backward, err);
}

static bool action_set_filter(struct tui *tui, const char *line, struct err *err)
{
    struct progress progress = busy_progress(tui);
    if (!action_complete(tui, err)) {
        return false;
    }
    busy_begin(tui);
    bool ok = table_filter(action_table(tui), line, &progress, err);
    busy_end(tui);
    return ok;
}

bool action_run_filter(struct tui *tui, const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    if (view_is(tui_view(tui), &view_tree)) {
        return err_set(err, ERR_UNSUPPORTED, "a tree shows all of its lines; / searches");
    }
    const char *before = action_table(tui)->filter.line;
    char *typed = *line ? strdup(line) : prompt_read(tui, PROMPT_FILTER, "filter: ", before);
    bool ok = !typed || action_set_filter(tui, typed, err);
    free(typed);
    return ok;
}

bool action_run_clear(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                      struct err *err)
{
    return !action_table(tui)->filter.line || action_set_filter(tui, NULL, err);
}

static bool action_sort_by(struct tui *tui, int column, bool descending, struct err *err)
{
    struct progress progress = busy_progress(tui);
    if (!action_complete(tui, err)) {
        return false;
    }
    busy_begin(tui);
    bool ok = table_sort(action_table(tui), column, descending, &progress, err);
    busy_end(tui);
    return ok;
}

// The direction that people usually want first: numbers descending, text ascending.
static bool action_first_order(const struct table *table, int column)
{
    return column >= 0 && table->report.columns[column].flags & COLUMN_RIGHT;
}

bool action_run_sort(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    struct table *table = action_table(tui);
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
                   : action_sort_by(tui, column, !table->descending, err);
    }
    if (!strcmp(what, "none")) {
        return action_sort_by(tui, -1, false, err);
    }
    int step = !strcmp(what, "left") ? -1 : !strcmp(what, "right") ? 1 : 0;
    if (step) {
        do { // -1 is one of the stops: the order in which the rows came
            column += step;
            column = column < -1 ? count - 1 : column >= count ? -1 : column;
        } while (column >= 0 && table->report.columns[column].flags & COLUMN_JSON_ONLY);
        return action_sort_by(tui, column, action_first_order(table, column), err);
    }
    column = table_column_named(table, what);
    if (column < 0) {
        return err_set(err, ERR_USAGE, "sort: no column %s", what);
    }
    const char *way = words->count > 2 ? words->items[2] : "";
    bool descending =
        !strncmp(way, "desc", 4) || (strncmp(way, "asc", 3) && action_first_order(table, column));
    return action_sort_by(tui, column, descending, err);
}
