// SPDX-License-Identifier: GPL-3.0-or-later
// Threads, one per line, which unfold into frames and those into locals; then what is suspended, by
// function and line: five hundred tasks that wait in one place are one line.
//
//      + thread 4711 MainThread      crashed, holds the GIL   <module>() app.py:12
//      - 500 x worker() app.py:33    suspended                get() queues.py:158
//        + Task-17                                            get() queues.py:158
//
// The rows are those of `threads`, one per local; here they become lines of a table of its own.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "tui/state.h"
#include "tui/view.h"

enum { WHAT, STATE, RETAINED, OBJECT, TYPE, VALUE, COLUMNS };

static const struct column threads_columns[] = {
    { COL(what), 0, 0, "the thread, the call, the local variable" },
    { COL(state), 0, COLUMN_GOES(3) | COLUMN_OURS,
      "whether it holds the GIL, crashed, or is suspended" },
    { COL(retained), 0, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_WHOLE | COLUMN_GOES(4),
      "what its frames, its task or the value alone keep alive" },
    { COL(object), 0, COLUMN_OBJECT | COLUMN_GOES(2), "the task, the generator, the value" },
    { COL(type), 0, COLUMN_GOES(1), "its type" },
    { COL(value), 0, COLUMN_WIDE, "where it stands; a variable's value" },
    { .name = NULL },
};

enum { // columns of the command
    T_THREAD,
    T_DEPTH,
    T_FUNCTION,
    T_FILE,
    T_LINE,
    T_LOCAL,
    T_OBJECT,
    T_TYPE,
    T_RETAINED,
    T_PREVIEW,
    T_OWNER,
    T_AWAITS,
    T_TASK,
    T_NAME,
    T_STATE,
    T_COUNT
};
static const enum column_id t_ids[T_COUNT] = {
    COL_thread,   COL_depth,   COL_function, COL_file,   COL_line, COL_local, COL_object, COL_type,
    COL_retained, COL_preview, COL_owner,    COL_awaits, COL_task, COL_name,  COL_state,
};

struct threads_stack { // of a thread, a chain of coroutines, a generator or a greenlet
    size_t first, end; // rows of the command
};

struct threads_view {
    struct table rows, sums; // what `threads` and `retained --by thread` say
    size_t column[T_COUNT];
    struct threads_stack *stacks;
    size_t count, capacity, running; // the first ones are threads
};

static const struct cell *threads_cell(const struct threads_view *t, size_t row, int column)
{
    static const struct cell none = { .kind = CELL_NULL };
    size_t at = t->column[column];
    return at < t->rows.report.column_count ? &table_cells(&t->rows, row)[at] : &none;
}

static const char *threads_text(const struct threads_view *t, size_t row, int column)
{
    const struct cell *cell = threads_cell(t, row, column);
    return cell->kind == CELL_TEXT ? cell->s : "";
}

static bool threads_differ(const struct threads_view *t, size_t a, size_t b, int column)
{
    const struct cell *x = threads_cell(t, a, column), *y = threads_cell(t, b, column);
    return x->kind != y->kind || x->u != y->u;
}

// --- stacks -------------------------------------------------------------------------------------

// Whether a row begins another stack: within a stack, calls count up from 0.
static bool threads_begins(const struct threads_view *t, size_t row)
{
    const struct cell *depth = threads_cell(t, row, T_DEPTH);
    if (!row || threads_differ(t, row - 1, row, T_THREAD))
        return true;
    const struct cell *before = threads_cell(t, row - 1, T_DEPTH);
    return depth->kind != CELL_COUNT || before->kind != CELL_COUNT || depth->u < before->u
           || (!depth->u && threads_differ(t, row - 1, row, T_OWNER));
}

static bool threads_find(struct threads_view *t, struct err *err)
{
    size_t rows = t->rows.report.row_count;
    for (size_t row = 0; row < rows; row++) {
        if (!threads_begins(t, row)) {
            t->stacks[t->count - 1].end = row + 1;
            continue;
        }
        if (!vec_grow(&t->stacks, &t->capacity, t->count + 1, sizeof *t->stacks, err))
            return false;
        t->stacks[t->count++] = (struct threads_stack){ row, row + 1 };
        t->running += threads_cell(t, row, T_THREAD)->kind != CELL_NULL;
    }
    return true;
}

// Compares where stacks begin: a task's own coroutine, and its line.
static int threads_compare_places(const struct threads_view *t, size_t a, size_t b)
{
    int order = strcmp(threads_text(t, a, T_FUNCTION), threads_text(t, b, T_FUNCTION));
    order = order ? order : strcmp(threads_text(t, a, T_FILE), threads_text(t, b, T_FILE));
    int64_t x = threads_cell(t, a, T_LINE)->i, y = threads_cell(t, b, T_LINE)->i;
    return order ? order : (x > y) - (x < y);
}

static int threads_compare(const void *a, const void *b, void *context)
{
    const struct threads_stack *x = a, *y = b;
    int order = threads_compare_places(context, x->end - 1, y->end - 1);
    return order ? order : (x->first > y->first) - (x->first < y->first);
}

// --- lines --------------------------------------------------------------------------------------

struct threads_pen {
    const struct threads_view *t;
    struct table *table;
    struct err *err;
};

static bool threads_add(struct threads_pen *pen, size_t depth, const struct cell cells[COLUMNS])
{
    return outline_add(&pen->table->outline, pen->table->report.row_count, depth, pen->err)
           && report_row(&pen->table->report, cells, pen->err);
}

// "worker() app.py:33"
static const char *threads_place(struct threads_pen *pen, size_t row)
{
    const char *file = threads_text(pen->t, row, T_FILE), *slash = strrchr(file, '/');
    const struct cell *line = threads_cell(pen->t, row, T_LINE);
    if (!*threads_text(pen->t, row, T_FUNCTION))
        return "no Python call";
    return report_format(&pen->table->report, "%s() %s:%lld", threads_text(pen->t, row, T_FUNCTION),
                         slash ? slash + 1 : file,
                         line->kind == CELL_INT ? (long long)line->i : 0LL);
}

static bool threads_add_local(struct threads_pen *pen, size_t row, size_t depth)
{
    const struct threads_view *t = pen->t;
    if (threads_cell(t, row, T_LOCAL)->kind != CELL_TEXT)
        return true;
    const struct cell cells[COLUMNS] = {
        cell_text(report_format(&pen->table->report, "%*s%s", (int)(2 * depth), "",
                                threads_text(t, row, T_LOCAL))),
        cell_text(""),
        *threads_cell(t, row, T_RETAINED),
        *threads_cell(t, row, T_OBJECT),
        *threads_cell(t, row, T_TYPE),
        *threads_cell(t, row, T_PREVIEW),
    };
    return threads_add(pen, depth, cells);
}

static bool threads_add_frames(struct threads_pen *pen, const struct threads_stack *stack,
                               size_t depth)
{
    bool ok = true;
    for (size_t row = stack->first; ok && row < stack->end; row++) {
        bool begins = row == stack->first || threads_differ(pen->t, row - 1, row, T_DEPTH);
        if (begins) {
            const struct cell cells[COLUMNS] = {
                cell_text(report_format(&pen->table->report, "%*s%s", (int)(2 * depth), "",
                                        threads_place(pen, row))),
                cell_text(""),
                cell_text(""),
                cell_text(""),
                cell_text(""),
                cell_text(""),
            };
            ok = threads_add(pen, depth, cells);
        }
        ok = ok && threads_add_local(pen, row, depth + 1);
    }
    return ok;
}

static struct cell threads_sum(const struct threads_view *t, const char *group)
{
    const struct report *sums = &t->sums.report;
    size_t name = report_column(sums, COL_group), retained = report_column(sums, COL_retained);
    for (size_t row = 0; name < sums->column_count && row < sums->row_count; row++) {
        const struct cell *cells = table_cells(&t->sums, row);
        if (cells[name].kind == CELL_TEXT && !strcmp(cells[name].s, group))
            return cells[retained];
    }
    return cell_null();
}

static bool threads_add_thread(struct threads_pen *pen, const struct threads_stack *stack)
{
    char group[40];
    const struct threads_view *t = pen->t;
    const char *name = threads_text(t, stack->first, T_NAME);
    snprintf(group, sizeof group, "thread %lld",
             (long long)threads_cell(t, stack->first, T_THREAD)->i);
    const struct cell cells[COLUMNS] = {
        cell_text(report_format(&pen->table->report, "%s%s%s", group, *name ? " " : "", name)),
        *threads_cell(t, stack->first, T_STATE),
        threads_sum(t, group),
        cell_text(""),
        cell_text(""),
        cell_text(threads_place(pen, stack->first)),
    };
    return threads_add(pen, 0, cells) && threads_add_frames(pen, stack, 1);
}

// What the object of a stack retains.
static struct cell threads_retained(const struct threads_pen *pen, struct cell object)
{
    const struct session *session = pen->table->report.session;
    bool known = session && session->has_dominators && object.kind == CELL_OBJECT;
    return known ? cell_bytes(session->dominate.retained[object.n]) : cell_null();
}

static struct cell threads_object(const struct threads_view *t, const struct threads_stack *stack)
{
    const struct cell *task = threads_cell(t, stack->first, T_TASK);
    return task->kind == CELL_OBJECT ? *task : *threads_cell(t, stack->end - 1, T_OWNER);
}

// Adds a suspended stack by its task's name, or else by where it is.
static bool threads_add_suspended(struct threads_pen *pen, const struct threads_stack *stack,
                                  bool alone)
{
    const struct threads_view *t = pen->t;
    const char *name = threads_text(t, stack->first, T_NAME),
               *place = threads_place(pen, stack->end - 1);
    struct cell object = threads_object(t, stack);
    size_t depth = alone ? 0 : 1;
    const char *what = !*name  ? place
                       : alone ? report_format(&pen->table->report, "%s %s", name, place)
                               : name;
    const struct cell cells[COLUMNS] = {
        cell_text(report_format(&pen->table->report, "%*s%s", (int)(2 * depth), "", what)),
        *threads_cell(t, stack->first, T_STATE),
        threads_retained(pen, object),
        object,
        object.kind == CELL_OBJECT ? cell_type_of(object.n) : cell_null(),
        cell_text(threads_place(pen, stack->first)),
    };
    return threads_add(pen, depth, cells) && threads_add_frames(pen, stack, depth + 1);
}

// Adds stacks that begin at the same place as one group.
static bool threads_add_group(struct threads_pen *pen, size_t first, size_t end)
{
    const struct threads_view *t = pen->t;
    const struct threads_stack *stack = &t->stacks[first];
    if (end == first + 1)
        return threads_add_suspended(pen, stack, true);
    uint64_t bytes = 0;
    bool known = true;
    for (size_t i = first; i < end; i++) {
        struct cell retained = threads_retained(pen, threads_object(t, &t->stacks[i]));
        known = known && retained.kind == CELL_BYTES;
        bytes += known ? retained.u : 0;
    }
    const struct cell cells[COLUMNS] = {
        cell_text(report_format(&pen->table->report, "%zu x %s", end - first,
                                threads_place(pen, stack->end - 1))),
        *threads_cell(t, stack->first, T_STATE),
        known ? cell_bytes(bytes) : cell_null(),
        cell_text(""),
        cell_text(""),
        cell_text(threads_place(pen, stack->first)),
    };
    bool ok = threads_add(pen, 0, cells);
    for (size_t i = first; ok && i < end; i++)
        ok = threads_add_suspended(pen, &t->stacks[i], false);
    return ok;
}

static bool threads_write(struct view *view, struct err *err)
{
    struct threads_view *t = view->state;
    struct threads_pen pen = { t, &view->table, err };
    bool ok = report_columns(&view->table.report, "threads", threads_columns);
    for (size_t i = 0; ok && i < t->running; i++)
        ok = threads_add_thread(&pen, &t->stacks[i]);
    qsort_r(t->stacks + t->running, t->count - t->running, sizeof *t->stacks, threads_compare, t);
    for (size_t i = t->running, end; ok && i < t->count; i = end) {
        for (end = i + 1;
             end < t->count
             && !threads_compare_places(t, t->stacks[i].end - 1, t->stacks[end].end - 1);)
            end++;
        ok = threads_add_group(&pen, i, end);
    }
    view->table.report.empty = t->rows.report.empty;
    table_filled(&view->table);
    table_drop_order(&view->table);
    return ok;
}

// --- the view -----------------------------------------------------------------------------------

static bool open_threads(struct tui *tui, struct view *view, struct err *err)
{
    struct threads_view *t = view->state;
    table_init(&t->rows, tui->session);
    table_init(&t->sums, tui->session);
    if (!view_fill(tui, &t->rows, view->line, err)
        || (tui->session->has_dominators && !view_fill(tui, &t->sums, "retained --by thread", err)))
        return false;
    for (int i = 0; i < T_COUNT; i++)
        t->column[i] = report_column(&t->rows.report, t_ids[i]);
    return threads_find(t, err) && threads_write(view, err);
}

static bool follow_threads(struct tui *tui, struct view *view, struct text *line, struct err *err)
{
    const struct table *table = &view->table;
    size_t row = table->cursor < table->shown ? table_at(table, table->cursor) : SIZE_MAX;
    size_t at = table_is_outline(table) ? outline_find(&table->outline, row) : SIZE_MAX;
    if (at != SIZE_MAX && outline_sign(&table->outline, at) != OUTLINE_LEAF) {
        text_add_string(line, "toggle");
        return true;
    }
    return line_expand(tui, "object %o", line, err);
}

static void close_threads(struct view *view)
{
    struct threads_view *t = view->state;
    table_fini(&t->rows);
    table_fini(&t->sums);
    free(t->stacks);
}

const struct view_ops view_threads = {
    .name = "threads",
    .title = "threads, calls and locals",
    .plain = true,
    .state_size = sizeof(struct threads_view),
    .open = open_threads,
    .draw = view_draw_rows,
    .follow = follow_threads,
    .close = close_threads,
};
