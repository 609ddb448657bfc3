// SPDX-License-Identifier: GPL-3.0-or-later
// One cycle drawn as a ring: its objects, the names of the references on the arc, the one to cut,
// and what will happen to it.
//
//          ╭───────── .parent ─────────╮
//          │                           ▼
//          Node                        Tree
//          ▲                           │
//          ╰──────── .children ────────╯
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/width.h"
#include "heap/analysis/rings.h"
#include "tui/state.h"
#include "tui/view.h"

enum { STEPS_MAX = 64, WIDTH_MAX = 100, DETAILS = 6 };

struct ring_view {
    const struct ring_step *steps; // the row's
    size_t count;
    bool shortened;      // the ring has more steps than are drawn
    struct table cycles; // the one row
};

// --- reading the row ----------------------------------------------------------------------------

static const struct cell *row_cell(const struct ring_view *ring, enum column_id id)
{
    return table_cell(&ring->cycles, id);
}

static void view_ring_add_cell(const struct ring_view *ring, enum column_id id, const char *before,
                               const char *after, struct text *out)
{
    const struct cell *cell = row_cell(ring, id);
    int column = table_column(&ring->cycles, id);
    if (cell && cell->kind != CELL_NULL) {
        text_add_string(out, before);
        report_cell_text(&ring->cycles.report, cell, &ring->cycles.report.columns[column], 0, out);
        text_add_string(out, after);
    }
}

// --- the view's rows ----------------------------------------------------------------------------

static const struct column columns[] = {
    { COL(step), 0, 0, "its place in the cycle" },
    { COL(edge), 0, 0, "the reference to the next one" },
    { COL(object), 0, 0, "the object" },
    { COL(type), 0, 0, "its type" },
    { COL(preview), 0, COLUMN_WIDE, "its value" },
    { .name = NULL },
};

static bool list_steps(struct view *view, struct err *err)
{
    struct ring_view *ring = view->state;
    struct report *report = &view->table.report;
    report_columns(report, "ring", columns);
    for (size_t i = 0; i < ring->count; i++) {
        const struct ring_step *step = &ring->steps[i];
        const struct cell cells[] = {
            cell_text(report_format(report, "%zu%s%s", i + 1, step->is_cut ? " " : "",
                                    step->is_cut ? term_glyph(GLYPH_CUT) : "")),
            cell_text(step->edge),
            cell_object(step->object),
            cell_type_of(step->object),
            cell_preview(step->object),
        };
        if (!report_row(report, cells, err)) {
            return false;
        }
    }
    table_filled(&view->table);
    return true;
}

static bool select_row(struct table *cycles, unsigned long wanted)
{
    int column = table_column(cycles, COL_cycle);
    for (size_t row = 0; column >= 0 && row < cycles->shown; row++) {
        table_to(cycles, row);
        if (table_row(cycles)[column].u == wanted) {
            return true;
        }
    }
    return false;
}

// Takes the row from the view that this one was opened from, if it answers the same question.
static bool view_ring_take_row(struct tui *tui, struct view *view, unsigned long wanted)
{
    struct ring_view *ring = view->state;
    struct view *from = tui_view(tui);
    if (!from || strcmp(from->name, "cycles") || from->words.count + 1 != view->words.count) {
        return false;
    }
    for (size_t i = 1; i < from->words.count; i++) {
        if (strcmp(from->words.items[i], view->words.items[i + 1])) {
            return false;
        }
    }
    const struct cell *row = table_row(&from->table);
    const struct report *report = &from->table.report;
    struct report *mine = &ring->cycles.report;
    struct cell cells[TABLE_COLUMNS_MAX];
    if (!row || report->column_count > TABLE_COLUMNS_MAX) {
        return false;
    }
    report_columns(mine, report->command, report->columns);
    for (size_t i = 0; i < report->column_count; i++) {
        cells[i] = report_copy_cell(mine, &row[i]);
    }
    if (!report_row(mine, cells, NULL)) {
        return false;
    }
    table_filled(&ring->cycles);
    return select_row(&ring->cycles, wanted);
}

static bool view_ring_find_row(struct tui *tui, struct view *view, struct err *err)
{
    struct ring_view *ring = view->state;
    unsigned long wanted = strtoul(view->words.items[1], NULL, 10);
    if (view_ring_take_row(tui, view, wanted)) {
        return true;
    }
    struct text line = TEXT_INIT;
    text_add_string(&line, "cycles");
    for (size_t i = 2; i < view->words.count; i++) {
        line_add_word(&line, view->words.items[i]);
    }
    bool ok = view_fill(tui, &ring->cycles, text_string(&line), err);
    text_fini(&line);
    if (ok && select_row(&ring->cycles, wanted)) {
        return true;
    }
    return ok ? err_set(err, ERR_NOT_FOUND, "no cycle %s here", view->words.items[1]) : false;
}

static bool open_ring(struct tui *tui, struct view *view, struct err *err)
{
    struct ring_view *ring = view->state;
    table_init(&ring->cycles, tui->session);
    if (view->words.count < 2) {
        return err_set(err, ERR_USAGE, "ring N: the number of a cycle, as `cycles` shows it");
    }
    if (!view_ring_find_row(tui, view, err)) {
        return false;
    }
    const struct cell *drawn = row_cell(ring, COL_ring), *object = row_cell(ring, COL_object);
    if (!drawn || drawn->kind != CELL_RING) {
        return err_set(err, ERR_NOT_FOUND, "this cycle has no ring to draw");
    }
    ring->steps = drawn->ring->items;
    ring->shortened = drawn->ring->count > STEPS_MAX;
    ring->count = ring->shortened ? STEPS_MAX : drawn->ring->count;
    view->subject = object && object->kind == CELL_OBJECT ? object->n : NODE_NONE;
    return list_steps(view, err);
}

// --- drawing ------------------------------------------------------------------------------------

// Puts a name in the middle of a horizontal part of the arc.
static void put_arc(const struct ring_step *step, int row, int left, int right, enum glyph start,
                    enum glyph end)
{
    enum style line = step && step->is_cut ? STYLE_BAD : STYLE_DIM;
    term_line(row, left, right - left + 1, GLYPH_ACROSS, line);
    term_put(row, left, 1, line, term_glyph(start));
    term_put(row, right, 1, line, term_glyph(end));
    if (!step) {
        return;
    }
    char name[160];
    snprintf(name, sizeof name, " %s%s%s ", step->is_cut ? term_glyph(GLYPH_CUT) : "",
             step->is_cut ? " " : "", step->edge);
    int room = right - left - 3, width = (int)width_of(name, strlen(name));
    width = width > room ? room : width;
    term_put(row, left + 2 + (room - width) / 2, width, step->is_cut ? STYLE_BAD : STYLE_EDGE,
             name);
}

static void put_side(const struct ring_step *step, int row, int column, int width, bool down)
{
    enum style line = step->is_cut ? STYLE_BAD : STYLE_DIM;
    term_put(row, column, 1, line, term_glyph(down ? GLYPH_ARROW_DOWN : GLYPH_ARROW_UP));
    char name[160];
    snprintf(name, sizeof name, "%s%s%s", step->is_cut ? term_glyph(GLYPH_CUT) : "",
             step->is_cut ? " " : "", step->edge);
    term_put(row, column + 2, width, step->is_cut ? STYLE_BAD : STYLE_EDGE, name);
}

static void put_object(const struct ring_step *step, int row, int column, int width, bool here)
{
    int used = term_put(row, column, width, STYLE_TYPE, step->type);
    if (here) {
        term_restyle(row, column, used, STYLE_CURSOR);
    }
}

// The arcs above and below, a row of arrows next to each, and two rows per object and the reference
// out of it.
static int ring_height(const struct ring_view *ring)
{
    size_t right = (ring->count + 1) / 2;
    return (int)(2 * right - 1) + 4;
}

// Draws down the right side, and up the left one, which may be one object shorter.
static void draw_ring(const struct view *view, struct area area)
{
    const struct ring_view *ring = view->state;
    const struct ring_step *steps = ring->steps;
    size_t count = ring->count, down = (count + 1) / 2, up = count - down,
           cursor = view->table.cursor;
    int width = area.columns > WIDTH_MAX ? WIDTH_MAX : area.columns - 4;
    int left = area.column + (area.columns - width) / 2, right = left + width / 2,
        side = width / 2 - 3;
    int first = area.row + 2, last = area.row + ring_height(ring) - 1;
    const struct ring_step *over = count > 1 ? &steps[count - 1] : &steps[0],
                           *under = count > 1 ? &steps[down - 1] : NULL;
    put_arc(over, area.row, left, right, GLYPH_TOP_LEFT, GLYPH_TOP_RIGHT);
    term_put(area.row + 1, right, 1, over->is_cut ? STYLE_BAD : STYLE_DIM,
             term_glyph(GLYPH_ARROW_DOWN));
    for (size_t i = 0; i < down; i++) {
        put_object(&steps[i], first + 2 * (int)i, right, side, cursor == i);
        if (i + 1 < down) {
            put_side(&steps[i], first + 2 * (int)i + 1, right, side, true);
        }
    }
    enum style bottom = under && under->is_cut ? STYLE_BAD : STYLE_DIM;
    for (int row = area.row + 1; row < last; row++) {
        term_put(row, left, 1, row < first ? (over->is_cut ? STYLE_BAD : STYLE_DIM) : bottom,
                 term_glyph(GLYPH_DOWN));
    }
    term_put(last - 1, right, 1, bottom, term_glyph(GLYPH_DOWN));
    for (size_t i = 0; i < up; i++) {
        const struct ring_step *step = &steps[count - 1 - i];
        int row = first + 2 * (int)i;
        put_object(step, row, left, side, cursor == count - 1 - i);
        // On the way up, the arrow below an object is that of the reference into it.
        const struct ring_step *into = i + 1 < up ? &steps[count - 2 - i] : under;
        if (i + 1 < up) {
            put_side(into, row + 1, left, side, false);
        } else {
            term_put(row + 1, left, 1, bottom, term_glyph(GLYPH_ARROW_UP));
        }
    }
    put_arc(under, last, left, right, GLYPH_BOTTOM_LEFT, GLYPH_BOTTOM_RIGHT);
}

// Puts a line, if there is something to say. Returns the next row.
static int put_line(int row, struct area area, enum style style, struct text *text)
{
    if (!text->size) {
        return row;
    }
    term_put(row, area.column + 2, area.columns - 4, style, text_string(text));
    text_clear(text);
    return row + 1;
}

static int put_fate(const struct tui *tui, const struct view *view, int row, struct area area,
                    struct text *text)
{
    const struct session *session = tui->session;
    const struct ring_view *ring = view->state;
    const struct cell *cell = row_cell(ring, COL_finalizers);
    double finalizers = 0;
    enum style style = STYLE_GOOD;
    if (!session->has_garbage || view->subject == NODE_NONE) {
        return row;
    }
    enum collect_fate fate = collect_fate(&session->garbage, view->subject);
    if (cell && filter_number(cell, &finalizers) && finalizers > 0) {
        style = STYLE_WARN;
        text_add_format(
            text,
            "%.0f of them depend on a finalizer or a weak reference's callback, which runs first",
            finalizers);
    } else if (fate == FATE_FREED) {
        text_add_string(text,
                        "garbage: the next full collection frees them; no finalizer is in the way");
    } else {
        style = fate == FATE_UNCOLLECTABLE ? STYLE_BAD : STYLE_PLAIN;
        text_add_format(text, "%s", collect_reason(fate));
    }
    return put_line(row, area, style, text);
}

// Puts numbers, fate, the cut and its reason, source, types: at most DETAILS lines below the ring.
// Returns how many.
static int put_details(const struct tui *tui, const struct view *view, struct area area)
{
    const struct ring_view *ring = view->state;
    struct text text = TEXT_INIT;
    int row = area.row;
    view_ring_add_cell(ring, COL_objects, "objects: ", ", ", &text);
    view_ring_add_cell(ring, COL_bytes, "", " a copy; ", &text);
    view_ring_add_cell(ring, COL_copies, "copies of this shape: ", "", &text);
    view_ring_add_cell(ring, COL_total, ", ", " in all", &text);
    row = put_line(row, area, STYLE_PLAIN, &text);
    row = put_fate(tui, view, row, area, &text);
    view_ring_add_cell(ring, COL_cut, "break it at ", ": a weak reference, or None when done",
                       &text);
    row = put_line(row, area, STYLE_BAD, &text);
    const struct cell *cut = row_cell(ring, COL_cut);
    view_ring_add_cell(ring, COL_why, cut && cut->kind == CELL_TEXT ? "why there: " : "", "",
                       &text);
    row = put_line(row, area, STYLE_PLAIN, &text);
    view_ring_add_cell(ring, COL_source, "its source: ", "", &text);
    row = put_line(row, area, STYLE_PLAIN, &text);
    view_ring_add_cell(ring, COL_shape, "types: ", "", &text);
    row = put_line(row, area, STYLE_DIM, &text);
    text_fini(&text);
    return row - area.row;
}

static void draw_view(struct tui *tui, struct view *view, struct area area)
{
    const struct ring_view *ring = view->state;
    int height = ring_height(ring);
    if (ring->count && height + DETAILS + 5 <= area.rows) {
        draw_ring(view, (struct area){ area.row + 1, area.column, height, area.columns });
        area.row += height + 2;
        area.rows -= height + 2;
    }
    int used = put_details(tui, view, area);
    area.row += used + 1;
    area.rows -= used + 1;
    view_draw_table(tui, view, area);
}

static void close_ring(struct view *view)
{
    struct ring_view *ring = view->state;
    table_fini(&ring->cycles);
}

const struct view_ops view_ring = {
    .name = "ring",
    .title = "a cycle as a ring",
    .plain = true,
    .state_size = sizeof(struct ring_view),
    .open = open_ring,
    .draw = draw_view,
    .close = close_ring,
};
