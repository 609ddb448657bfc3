// SPDX-License-Identifier: GPL-3.0-or-later
// The history of views: back, forward, and dropping the oldest. Millions of rows are not kept in
// every visited view: those of the views furthest away are asked for again when somebody returns.
#include <string.h>

#include "tui/state.h"
#include "tui/view.h"

struct view *tui_view(const struct tui *tui)
{
    return tui->view_count ? tui->views[tui->at] : NULL;
}

static void history_forget_from(struct tui *tui, size_t first)
{
    while (tui->view_count > first) {
        view_free(tui->views[--tui->view_count]);
    }
}

enum { ROWS_KEPT = 8000000 };

static void save_memory(struct tui *tui)
{
    size_t rows = 0;
    for (size_t i = tui->view_count; i-- > 0;) {
        rows += tui->views[i]->table.report.row_count;
        if (rows > ROWS_KEPT && i != tui->at) {
            view_forget(tui->views[i]);
        }
    }
}

static void remove_current(struct tui *tui)
{
    view_free(tui->views[tui->at]);
    tui->view_count--;
    memmove(&tui->views[tui->at], &tui->views[tui->at + 1],
            (tui->view_count - tui->at) * sizeof *tui->views);
    tui->at--;
}

void tui_arrive(struct tui *tui)
{
    struct err err = ERR_INIT;
    for (struct view *view;
         (view = tui_view(tui)) && view->stale && !view_recall(tui, view, &err);) {
        tui_say(tui, STYLE_WARN, "%s", err.text);
        if (view->ops == &view_rows || !tui->at) {
            return;
        }
        remove_current(tui); // its object is gone: shows the view before it
    }
}

void tui_retire(struct tui *tui)
{
    for (size_t i = 0; i < tui->view_count; i++) {
        view_retire(tui->views[i]);
    }
}

void tui_replace(struct tui *tui, struct view *view)
{
    view_free(tui->views[tui->at]);
    tui->views[tui->at] = view;
    save_memory(tui);
}

// A key that leads to the current view reloads it, so that the history never has a view twice in a
// row.
static bool history_is_here(struct tui *tui, struct view *view)
{
    struct view *here = tui_view(tui);
    if (!here || strcmp(here->line, view->line) || view_is(view, &view_row)
        || view_is(view, &view_help)) {
        return false;
    }
    struct table *from = view_table(here), *to = view_table(view);
    if (from && to && from->sort < 0 && !from->filter.line) {
        to->cursor = from->cursor;
        to->top = from->top;
        table_move(to, 0);
    }
    tui_replace(tui, view);
    return true;
}

// A list that is already in the history is returned to; later views are then ahead of it. Object
// pages are different: they are reached on many paths, and each visit is kept.
static bool history_was_there(struct tui *tui, struct view *view)
{
    if (!tui->view_count || view->subject != NODE_NONE || view_is(view, &view_row)
        || view_is(view, &view_help)) {
        return false;
    }
    for (size_t i = 0; i < tui->at; i++) {
        if (!strcmp(tui->views[i]->line, view->line)) {
            tui->at = i;
            return history_is_here(tui, view);
        }
    }
    return false;
}

void tui_push(struct tui *tui, struct view *view)
{
    if (history_is_here(tui, view) || history_was_there(tui, view)) {
        return;
    }
    history_forget_from(tui, tui->view_count ? tui->at + 1 : 0);
    if (tui->view_count == HISTORY_MAX) { // the first one stays: `q` ends there
        view_free(tui->views[1]);
        memmove(&tui->views[1], &tui->views[2], (HISTORY_MAX - 2) * sizeof *tui->views);
        tui->view_count--;
    }
    tui->views[tui->view_count++] = view;
    tui->at = tui->view_count - 1;
    save_memory(tui);
}

bool tui_back(struct tui *tui)
{
    if (!tui->view_count || !tui->at) {
        return false;
    }
    tui->at--;
    tui_arrive(tui);
    return true;
}

bool tui_forward(struct tui *tui)
{
    if (tui->at + 1 >= tui->view_count) {
        return false;
    }
    tui->at++;
    tui_arrive(tui);
    return true;
}

void tui_drop_views(struct tui *tui)
{
    history_forget_from(tui, 0);
    tui->at = 0;
}
