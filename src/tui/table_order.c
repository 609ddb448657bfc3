// SPDX-License-Identifier: GPL-3.0-or-later
// Which rows a table shows, and in which order: sorting, the filter, and searching.
//
// A filter takes effect at once: the matches among the first rows are shown, and table_sift()
// continues while nobody presses a key. Whatever needs all rows calls table_complete() first.
#include <stdlib.h>
#include <string.h>

#include "cmd/session/session.h"
#include "tui/sorting.h"
#include "tui/table.h"

enum {
    SIFT_PARTS = 8, // parts between two looks at the keyboard
};

// Whether a forked copy of this process can read the target too: not if we hold it, or gdb does.
static bool order_may_help(const struct table *table)
{
    const struct session *session = table->report.session;
    return session && !session->options.callback && !session->options.hold
           && !session->options.still;
}

// --- the filter ---------------------------------------------------------------------------------

static bool order_holds(void *context, size_t row)
{
    struct table *table = context;
    return filter_holds(&table->filter, &table->report, table_cells(table, row), &table->scratch);
}

// Adds the rows found so far to the order.
static void order_take(struct table *table)
{
    size_t known = sweep_known(&table->sweep);
    for (size_t row = table->sifted; row < known; row++) {
        if (!sweep_has(&table->sweep, row)) {
            continue;
        }
        if (row == table->kept_row && !table->cursor) { // nobody has moved in the meantime
            table->cursor = table->shown;
        }
        table->order[table->shown++] = (uint32_t)row;
    }
    table->sifted = known;
}

bool table_is_sifting(const struct table *table)
{
    return table->sweep.board && !sweep_is_done(&table->sweep);
}

void table_sift(struct table *table)
{
    for (int i = 0; i < SIFT_PARTS && table_is_sifting(table); i++) {
        sweep_step(&table->sweep);
        order_take(table);
    }
}

bool table_complete(struct table *table, const struct progress *progress, struct err *err)
{
    while (table_is_sifting(table)) {
        sweep_step(&table->sweep);
        order_take(table);
        if (!progress_step(progress, "filtering", table->sifted, table->report.row_count)) {
            return sorting_cancelled(err);
        }
    }
    return true;
}

void table_drop_order(struct table *table)
{
    sweep_fini(&table->sweep);
    free(table->order);
    table->order = NULL;
    table->sifted = 0;
    table->shown = table->report.row_count;
    if (table->outline.count
        && (table->order = malloc(table->outline.count * sizeof *table->order))) {
        table->shown = outline_rows(&table->outline, table->order);
    }
}

// --- rows below rows ----------------------------------------------------------------------------

bool table_is_outline(const struct table *table)
{
    return table->outline.count && table->sort < 0 && !table->filter.line;
}

// In a new order the cursor stays on its row if that is still shown, and else moves to the top.
static void find_again(struct table *table, size_t row)
{
    table->cursor = 0;
    for (size_t i = 0; i < table->shown; i++) {
        if (table_at(table, i) == row) {
            table->cursor = i;
            break;
        }
    }
}

static void order_show_row(struct table *table, size_t row)
{
    table_drop_order(table);
    find_again(table, row);
}

bool table_fold(struct table *table, const char *verb, bool all, struct err *err)
{
    struct outline *outline = &table->outline;
    if (!table_is_outline(table)) {
        return err_set(
            err, ERR_UNSUPPORTED,
            "sorted or filtered rows do not unfold: Esc and `:sort none` bring the tree back");
    }
    if (table->cursor >= table->shown) {
        return true;
    }
    size_t row = table_at(table, table->cursor), line = outline_find(outline, row);
    enum outline_sign sign = outline_sign(outline, line);
    bool fold = !strcmp(verb, "fold");
    if (all) {
        outline_open_below(outline, line);
    } else if (fold && sign != OUTLINE_OPEN) {
        row = outline->lines[outline_parent(outline, line)].row;
    } else if (sign == OUTLINE_OPEN && !fold && strcmp(verb, "toggle") != 0) {
        table_move(table, 1);
        return true;
    } else {
        outline->lines[line].open = sign == OUTLINE_CLOSED && !fold;
    }
    order_show_row(table, row);
    return true;
}

// Begins with no rows, then adds those of the first part.
static bool order_begin(struct table *table, struct err *err)
{
    size_t rows = table->report.row_count;
    table->order = malloc((rows + 1) * sizeof *table->order);
    if (!table->order) {
        return err_memory(err, "the order of rows");
    }
    table->shown = table->cursor = table->top = table->sifted = 0;
    if (!sweep_init(&table->sweep, rows, order_holds, table, err)) {
        return false;
    }
    sweep_step(&table->sweep);
    order_take(table);
    if (table_is_sifting(table) && order_may_help(table)) {
        sweep_help(&table->sweep, table->report.session->threads);
    }
    return true;
}

// --- sorting ------------------------------------------------------------------------------------

// Collects the rows that are shown, in the report's order.
static size_t order_rows(const struct table *table, uint32_t *order)
{
    size_t count = 0;
    for (size_t row = 0; row < table->report.row_count; row++) {
        if (!table->sweep.board || sweep_has(&table->sweep, row)) {
            order[count++] = (uint32_t)row;
        }
    }
    return count;
}

// Applies a new order only if it is complete.
static bool order_sort(struct table *table, int column, bool descending,
                       const struct progress *progress, struct err *err)
{
    size_t rows = table->report.row_count;
    if (column < 0 && !table->filter.line) {
        table_drop_order(table);
        return true;
    }
    uint32_t *order = malloc((rows + 1) * sizeof *order);
    if (!order)
        return err_memory(err, "the order of rows");
    size_t count = order_rows(table, order);
    if (column >= 0 && !sorting_run(table, column, descending, order, count, progress, err)) {
        free(order);
        return false;
    }
    free(table->order);
    table->order = order;
    table->shown = count;
    return true;
}

// --- what the screen asks for -------------------------------------------------------------------

bool table_sort(struct table *table, int column, bool descending, const struct progress *progress,
                struct err *err)
{
    if (column >= (int)table->report.column_count) {
        return err_set(err, ERR_USAGE, "sort: there is no such column");
    }
    if (!table_complete(table, progress, err)
        || !order_sort(table, column, descending, progress, err)) {
        return false;
    }
    table->sort = column;
    table->descending = descending;
    table->cursor = table->top = 0;
    return true;
}

// Keeps the rows in their present order, once all of them are known.
static bool order_filter(struct table *table, const struct progress *progress, struct err *err)
{
    return order_begin(table, err)
           && (table->sort < 0
               || (table_complete(table, progress, err)
                   && order_sort(table, table->sort, table->descending, progress, err)));
}

bool table_filter(struct table *table, const char *line, const struct progress *progress,
                  struct err *err)
{
    struct table before = *table;
    struct filter filter = { 0 };
    size_t row = table->cursor < table->shown ? table_at(table, table->cursor) : SIZE_MAX;
    if (line && *line
        && !filter_parse(&filter, line, table->report.columns, table->report.column_count,
                         table->sort, err)) {
        return false;
    }
    table->filter = filter;
    table->sweep = (struct sweep){ 0 };
    table->order = NULL;
    table->kept_row = row;
    bool ok = filter.line ? order_filter(table, progress, err)
                          : order_sort(table, table->sort, table->descending, progress, err);
    struct table old = ok ? before : *table;
    if (!ok) {
        *table = before;
        table->scratch = old.scratch;
    }
    sweep_fini(&old.sweep);
    free(old.order);
    filter_fini(&old.filter);
    if (ok && !table_is_sifting(table)) {
        find_again(table, row);
    }
    return ok;
}

bool table_rearrange(struct table *table, const struct progress *progress, struct err *err)
{
    size_t cursor = table->cursor, top = table->top;
    int sort = table->sort < (int)table->report.column_count ? table->sort : -1;
    char *line = table->filter.line ? strdup(table->filter.line) : NULL;
    table_drop_order(table);
    filter_fini(&table->filter);
    table->sort = -1;
    bool ok = (!line || table_filter(table, line, progress, err))
              && (sort < 0 || table_sort(table, sort, table->descending, progress, err));
    free(line);
    table->top = top;
    table_to(table, cursor);
    return ok;
}

size_t table_hidden(const struct table *table)
{
    return table->report.row_count - table->shown;
}

// --- searching ----------------------------------------------------------------------------------

struct order_search {
    struct table *table;
    struct filter filter;
    bool backward;
    size_t from; // the cursor's position
};

// How many rows are searched, folded ones included.
static size_t order_search_count(const struct table *table)
{
    return table_is_outline(table) ? table->outline.count : table->shown;
}

static size_t order_search_row(const struct table *table, size_t place)
{
    return table_is_outline(table) ? table->outline.lines[place].row : table_at(table, place);
}

// The n-th row after the cursor, wrapping around the end.
static size_t order_search_at(const struct order_search *search, size_t n)
{
    size_t count = order_search_count(search->table), from = search->from;
    return search->backward ? (from + count - 1 - n) % count : (from + 1 + n) % count;
}

static void order_search_go(struct table *table, size_t place)
{
    if (!table_is_outline(table)) {
        table->cursor = place;
        return;
    }
    outline_reveal(&table->outline, place);
    order_show_row(table, table->outline.lines[place].row);
}

static bool order_search_holds(void *context, size_t n)
{
    struct order_search *search = context;
    struct table *table = search->table;
    size_t row = order_search_row(table, order_search_at(search, n));
    return filter_holds(&search->filter, &table->report, table_cells(table, row), &table->scratch);
}

// The first matching row, or SIZE_MAX; *going: nobody cancelled.
static size_t order_search_run(struct order_search *search, struct sweep *sweep,
                               const struct progress *progress, bool *going)
{
    size_t seen = 0;
    for (bool first = true; *going && !sweep_is_done(sweep); first = false) {
        sweep_step(sweep);
        for (; seen < sweep_known(sweep); seen++) {
            if (sweep_has(sweep, seen)) {
                return order_search_at(search, seen);
            }
        }
        if (first && order_may_help(search->table) && !sweep_is_done(sweep)) {
            sweep_help(sweep, search->table->report.session->threads);
        }
        *going = progress_step(progress, "searching", seen, sweep->count);
    }
    return SIZE_MAX;
}

bool table_search(struct table *table, const char *pattern, bool backward, bool *wrapped,
                  const struct progress *progress, struct err *err)
{
    struct order_search search = {
        table, { .count = 1, .terms = { { .op = FILTER_LIKE, .column = -1 } } }, backward, 0
    };
    struct sweep sweep = { 0 };
    bool going = true;
    *wrapped = false;
    if (!table_complete(table, progress, err)
        || !pattern_init(&search.filter.terms[0].pattern, pattern, err)) {
        return false;
    }
    size_t at = SIZE_MAX;
    search.from = table_is_outline(table) && table->shown
                      ? outline_find(&table->outline, table_at(table, table->cursor))
                      : table->cursor;
    bool ok = sweep_init(&sweep, order_search_count(table), order_search_holds, &search, err);
    if (ok) {
        at = order_search_run(&search, &sweep, progress, &going);
    }
    sweep_fini(&sweep);
    filter_fini(&search.filter);
    if (!ok) {
        return false;
    }
    if (at != SIZE_MAX) {
        *wrapped = backward ? at >= search.from : at <= search.from;
        order_search_go(table, at);
        return true;
    }
    return going ? err_set(err, ERR_NOT_FOUND, "%s: not found", pattern)
                 : err_set(err, ERR_CANCELLED, "search cancelled: nothing found so far");
}
