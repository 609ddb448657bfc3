// SPDX-License-Identifier: GPL-3.0-or-later
// Moving the cursor, and from pane to pane: see action_run.h.
#include "tui/action_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "tui/state.h"
#include "tui/view.h"

bool action_run_move(struct tui *tui, UNUSED const char *line, const struct words *words,
                     UNUSED struct err *err)
{
    struct table *table = action_table(tui);
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

bool action_run_top(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                    UNUSED struct err *err)
{
    table_to(action_table(tui), 0);
    return true;
}

// Completes the rows, for actions that need more than the first ones.
bool action_complete(struct tui *tui, struct err *err)
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

bool action_run_bottom(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                       struct err *err)
{
    if (!action_complete(tui, err)) {
        return false;
    }
    table_to(action_table(tui), SIZE_MAX);
    return true;
}

bool action_run_left(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                     UNUSED struct err *err)
{
    struct table *table = action_table(tui);
    if (table->left) {
        table->left--;
        table->widths_for = 0;
    }
    return true;
}

bool action_run_right(struct tui *tui, UNUSED const char *line, UNUSED const struct words *words,
                      UNUSED struct err *err)
{
    struct table *table = action_table(tui);
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

bool action_run_pane(struct tui *tui, UNUSED const char *line, const struct words *words,
                     UNUSED struct err *err)
{
    struct view *view = tui_view(tui);
    if (view->ops->pane) {
        view->ops->pane(view, words->count > 1 ? -1 : 1);
    }
    return true;
}

bool action_run_goto(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    char *end = NULL;
    unsigned long number = words->count > 1 ? strtoul(words->items[1], &end, 10) : 0;
    if (!number || *end) {
        return err_set(err, ERR_USAGE, "goto N: a line number, from 1");
    }
    if (number > action_table(tui)->shown && !action_complete(tui, err)) {
        return false;
    }
    table_to(action_table(tui), number - 1);
    return true;
}
