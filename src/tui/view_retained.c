// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps memory alive, one line per leak: objects that it dominates are folded below it.
//
// An object retains more than any object that it dominates, so the rows that retain most include
// all their dominators. Other questions (groups, one object, a selection) are answered with plain
// rows.
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "tui/state.h"
#include "tui/view.h"

enum { ROWS_AT_ONCE = 10000 };
static const double most_of_all =
    0.5; // a line with so much of the heap is unfolded, as it says little

// Whether the rows are the largest of the whole heap: no words but -n.
static bool retained_is_plain(const struct words *words)
{
    for (size_t i = 1; i < words->count; i++) {
        const char *word = words->items[i];
        bool limit = !strcmp(word, "-n") || !strcmp(word, "--limit");
        if (!limit && strncmp(word, "-n", 2) != 0 && strncmp(word, "--limit=", 8) != 0) {
            return false;
        }
        i += limit;
    }
    return true;
}

struct retained_fold {
    struct tui *tui;
    struct table *table;
    uint32_t *parent, *first, *next; // rows; UINT32_MAX: none
    size_t object, share;            // columns
};

static const struct cell *retained_cell_of(const struct retained_fold *fold, size_t row,
                                           size_t column)
{
    return &table_cells(fold->table, row)[column];
}

// Links rows to the rows above them, largest first, since they come in that order.
static bool retained_link(struct retained_fold *fold, struct err *err)
{
    size_t count = fold->table->report.row_count;
    const uint32_t *dominator = fold->tui->session->dominate.parent;
    struct map rows = MAP_INIT;
    bool ok = true;
    for (size_t row = 0; ok && row < count; row++) {
        fold->first[row] = fold->parent[row] = UINT32_MAX;
        ok = map_put(&rows, retained_cell_of(fold, row, fold->object)->n, (uint32_t)row, err);
    }
    for (size_t row = count; ok && row-- > 0;) {
        uint32_t above = map_get(&rows, dominator[retained_cell_of(fold, row, fold->object)->n]);
        if (above == MAP_NONE || above >= row) {
            continue;
        }
        fold->parent[row] = above;
        fold->next[row] = fold->first[above];
        fold->first[above] = (uint32_t)row;
    }
    map_fini(&rows);
    return ok;
}

// Adds lines in the order of the tree, without recursion: down, along, and back up.
static bool retained_add_tree(struct retained_fold *fold, uint32_t root, struct err *err)
{
    struct outline *outline = &fold->table->outline;
    size_t depth = 0;
    for (uint32_t row = root;;) {
        if (!outline_add(outline, row, depth, err)) {
            return false;
        }
        const struct cell *share = retained_cell_of(fold, row, fold->share);
        bool opens = share->kind == CELL_REAL && share->d >= most_of_all;
        outline->lines[outline->count - 1].open = opens;
        if (fold->first[row] != UINT32_MAX) {
            row = fold->first[row];
            depth++;
            continue;
        }
        while (row != root && fold->next[row] == UINT32_MAX) {
            row = fold->parent[row];
            depth--;
        }
        if (row == root) {
            return true;
        }
        row = fold->next[row];
    }
}

static bool retained_fold_rows(struct tui *tui, struct view *view, struct err *err)
{
    struct table *table = &view->table;
    size_t count = table->report.row_count;
    struct retained_fold fold = { .tui = tui,
                                  .table = table,
                                  .object = report_column(&table->report, COL_object),
                                  .share = report_column(&table->report, COL_share) };
    fold.parent = malloc((count + 1) * sizeof *fold.parent);
    fold.first = malloc((count + 1) * sizeof *fold.first);
    fold.next = malloc((count + 1) * sizeof *fold.next);
    bool ok = (fold.parent && fold.first && fold.next) || err_memory(err, "what dominates what");
    for (size_t row = 0; ok && row < count; row++) {
        fold.next[row] = UINT32_MAX;
    }
    ok = ok && retained_link(&fold, err);
    for (size_t row = 0; ok && row < count; row++) {
        ok = fold.parent[row] != UINT32_MAX || retained_add_tree(&fold, (uint32_t)row, err);
    }
    free(fold.parent);
    free(fold.first);
    free(fold.next);
    if (!ok) {
        outline_fini(&table->outline);
    }
    if (table_is_outline(table)) {
        table_drop_order(table);
    }
    return ok;
}

static bool open_retained(struct tui *tui, struct view *view, struct err *err)
{
    struct text line = TEXT_INIT;
    bool plain = retained_is_plain(&view->words), all = view->words.count == 1;
    text_add_string(&line, view->line);
    if (all) {
        text_add_format(&line, " -n %d", ROWS_AT_ONCE);
    }
    bool ok = text_ok(&line, err) && view_fill(tui, &view->table, text_string(&line), err);
    text_fini(&line);
    ok = ok && (!plain || !tui->session->has_dominators || retained_fold_rows(tui, view, err));
    if (ok) {
        view_tell_summary(tui, &view->table.report);
    }
    return ok;
}

const struct view_ops view_retained = {
    .name = "retained",
    .title = "what keeps memory alive",
    .plain = true,
    .open = open_retained,
    .draw = view_draw_rows,
};
