// SPDX-License-Identifier: GPL-3.0-or-later
// Fitting a table's columns into a line: see fit.h.
#include "cmd/report/fit.h"

enum {
    NARROWEST_WIDE = 16,
    WIDE_ENOUGH = 28, // below this the wide column shrinks only if everything then fits
    WIDEST_TEXT = 34, // a column of text that is not the wide one takes no more while the line is
                      // short of room
    NARROWEST_TEXT = 20,
};

static bool fit_is_text(const struct fit_column *column)
{
    return !(column->what->flags & COLUMN_RIGHT);
}

// What the columns take.
static int fit_width(const struct fit *fit, int gap)
{
    int sum = fit->margin;
    bool any = false;
    for (size_t i = 0; i < fit->count; i++) {
        if (!fit->columns[i].shown)
            continue;
        sum += fit->columns[i].width + fit->columns[i].beside + (any ? gap : 0);
        any = true;
    }
    return sum;
}

// The column that shrinks first, and gets what is left: the one marked so, else the last of text.
static size_t fit_wide(const struct fit *fit)
{
    size_t wide = 0;
    for (size_t i = 0; i < fit->count; i++) {
        if (!fit->columns[i].shown)
            continue;
        if (fit->columns[i].what->flags & COLUMN_WIDE)
            return i;
        if (fit_is_text(&fit->columns[i]))
            wide = i;
    }
    return wide;
}

static void fit_shrink(struct fit_column *column, int least, int *excess)
{
    int room = column->width - least, take = room < *excess ? room : *excess;
    if (take > 0) {
        column->width -= take;
        *excess -= take;
    }
}

// Shrinks columns of text down to `least` each.
static void fit_shrink_text(struct fit *fit, size_t wide, int least, int *excess)
{
    for (size_t i = 0; i < fit->count; i++)
        if (fit->columns[i].shown && i != wide && fit_is_text(&fit->columns[i]))
            fit_shrink(&fit->columns[i], least, excess);
}

// A sentence is what its row is about: it gets more than half of the line.
static int fit_wide_enough(const struct fit *fit, const struct fit_column *column)
{
    int half = 6 * fit->line / 10;
    return column->what->flags & COLUMN_PROSE && half > WIDE_ENOUGH ? half : WIDE_ENOUGH;
}

// Gives the rest of the line back to columns that shrank, the wide one first; what remains goes to
// the last.
static void fit_grow_back(struct fit *fit, size_t wide, int room)
{
    struct fit_column *last = NULL;
    for (size_t k = 0; k <= fit->count && room > 0; k++) {
        struct fit_column *column = &fit->columns[k ? k - 1 : wide];
        int missing = column->shown ? column->natural - column->width : 0;
        int take = missing < room ? missing : room;
        if (take > 0) {
            column->width += take;
            room -= take;
        }
    }
    for (size_t i = 0; i < fit->count; i++)
        last = fit->columns[i].shown ? &fit->columns[i] : last;
    if (room > 0 && last && fit_is_text(last))
        last->width += room;
}

// When a column is hidden: 1 is first; 0: never.
static unsigned fit_turn(const struct fit *fit, const struct column *column)
{
    if (!fit->spare)
        return (column->flags & COLUMN_GOES_MASK) / COLUMN_GOES(1);
    for (unsigned i = 0; fit->spare[i] != COL_NONE; i++)
        if (fit->spare[i] == column->id)
            return i + 1;
    return 0;
}

// Hides the next column. False: none is left that may be hidden.
static bool fit_hide_one(struct fit *fit)
{
    struct fit_column *next = NULL;
    unsigned first = 0;
    for (size_t i = 0; i < fit->count && !fit->keeps_all; i++) {
        unsigned turn = fit->columns[i].shown ? fit_turn(fit, fit->columns[i].what) : 0;
        if (turn && (!next || turn < first)) {
            next = &fit->columns[i];
            first = turn;
        }
    }
    if (!next)
        return false;
    next->shown = false;
    next->width = 0;
    return true;
}

int fit_columns(struct fit *fit)
{
    for (size_t i = 0; i < fit->count; i++)
        fit->columns[i].width = fit->columns[i].shown ? fit->columns[i].natural : 0;
    int gap = fit_width(fit, 2) <= fit->line ? 2 : 1, excess = fit_width(fit, gap) - fit->line;
    size_t wide = fit_wide(fit);
    if (excess > 0) {
        do { // by how much the line is too long if text shrinks to the least readable width
            excess = fit_width(fit, gap) - fit->line;
            wide = fit_wide(fit);
            fit_shrink_text(fit, wide, WIDEST_TEXT, &excess);
            if (fit->columns[wide].shown)
                fit_shrink(&fit->columns[wide], fit_wide_enough(fit, &fit->columns[wide]), &excess);
        } while (excess > 0 && fit_hide_one(fit));
    }
    fit_shrink_text(fit, wide, NARROWEST_TEXT, &excess);
    if (excess > 0 && fit->columns[wide].shown
        && fit->columns[wide].width - NARROWEST_WIDE >= excess)
        fit_shrink(&fit->columns[wide], NARROWEST_WIDE, &excess);
    fit_grow_back(fit, wide, fit->line - fit_width(fit, gap));
    return gap;
}

void fit_drop(struct fit *fit, int gap)
{
    for (size_t i = fit->count; i-- > 1 && fit_width(fit, gap) > fit->line;) {
        fit->columns[i].shown = false;
        fit->columns[i].width = 0;
    }
    fit_grow_back(fit, fit_wide(fit), fit->line - fit_width(fit, gap));
}
