// SPDX-License-Identifier: GPL-3.0-or-later
// References that unfold in place: `tree referrers OBJ`, `tree referents OBJ`.
//
//      - shop.Order at 0x7f..            the object itself
//      ├─- .customer                     unfolded
//      │ └─+ .__dict__                   + there is more, nobody asked yet
//      ├─· [3]                           · nothing behind it
//      └─↺ .parent                       ↺ is on another line already: Enter goes there
//
// The lines are the rows of the view's own report; lines[] says the same per row. A chain of single
// references unfolds at once.
#include "tui/view_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "tui/state.h"

enum { EDGE, OBJECT, TYPE, PREVIEW, COLUMNS };
enum { CHILDREN_MOST = 200, CHAIN_MOST = 100, LINES_MOST = 20000, LEVELS_AT_ONCE = 3 };

static const struct column columns[] = {
    { "edge", 0, COLUMN_WIDE, "the reference's name" },
    { "object", 0, 0, "the object at its end" },
    { "type", 0, 0, "its type" },
    { "preview", 0, 0, "its value" },
    { .name = NULL },
};

enum state { LINE_CLOSED, LINE_OPEN, LINE_LEAF, LINE_AGAIN, LINE_NOTE };

struct line {
    node object;
    unsigned depth;
    enum state state;
    const char *before; // the branches in front of the sign
    const char *below;  // what its children have in front
    const char *name;
};

struct tree {
    struct line *lines;
    size_t count, capacity;
    const char *command; // "referrers"
    bool said_limit;
};

static struct line *line_at(struct view *view, size_t i)
{
    struct tree *tree = view->state;
    return &tree->lines[i];
}

// --- rows ---------------------------------------------------------------------------------------

static void write_row(struct view *view, size_t i)
{
    static const enum glyph signs[] = { GLYPH_CLOSED, GLYPH_OPEN, GLYPH_LEAF, GLYPH_AGAIN,
                                        GLYPH_ELLIPSIS };
    const struct line *line = line_at(view, i);
    struct report *report = &view->table.report;
    struct cell *cells = report->cells + i * COLUMNS;
    bool object = line->state != LINE_NOTE;
    cells[EDGE] = cell_text(
        report_format(report, "%s%s %s", line->before, term_glyph(signs[line->state]), line->name));
    cells[OBJECT] = object ? cell_object(line->object) : cell_null();
    cells[TYPE] = object ? cell_type_of(line->object) : cell_null();
    cells[PREVIEW] = object ? cell_preview(line->object) : cell_null();
}

// Makes room for `more` lines behind line i.
static bool make_room(struct view *view, size_t i, size_t more, struct err *err)
{
    struct tree *tree = view->state;
    struct report *report = &view->table.report;
    size_t count = tree->count + more;
    if (!vec_grow(&tree->lines, &tree->capacity, count, sizeof *tree->lines, err)
        || !vec_grow(&report->cells, &report->row_capacity, count * COLUMNS, sizeof *report->cells,
                     err)) {
        return false;
    }
    size_t rest = tree->count - i - 1;
    memmove(&tree->lines[i + 1 + more], &tree->lines[i + 1], rest * sizeof *tree->lines);
    memmove(&report->cells[(i + 1 + more) * COLUMNS], &report->cells[(i + 1) * COLUMNS],
            rest * COLUMNS * sizeof *report->cells);
    tree->count = count;
    report->row_count = report->rows = count;
    return true;
}

static void take_out(struct view *view, size_t i, size_t count)
{
    struct tree *tree = view->state;
    struct report *report = &view->table.report;
    size_t rest = tree->count - i - count;
    memmove(&tree->lines[i], &tree->lines[i + count], rest * sizeof *tree->lines);
    memmove(&report->cells[i * COLUMNS], &report->cells[(i + count) * COLUMNS],
            rest * COLUMNS * sizeof *report->cells);
    tree->count -= count;
    report->row_count = report->rows = tree->count;
}

static size_t below(struct view *view, size_t i)
{
    const struct tree *tree = view->state;
    size_t end = i + 1;
    while (end < tree->count && tree->lines[end].depth > tree->lines[i].depth) {
        end++;
    }
    return end - i - 1;
}

// The line that shows the object already; SIZE_MAX: none.
static size_t find_line(struct view *view, node object, size_t but)
{
    const struct tree *tree = view->state;
    for (size_t i = 0; i < tree->count; i++) {
        if (i != but && tree->lines[i].object == object && tree->lines[i].state != LINE_AGAIN
            && tree->lines[i].state != LINE_NOTE) {
            return i;
        }
    }
    return SIZE_MAX;
}

// --- unfolding ----------------------------------------------------------------------------------

static void set_line(struct view *view, size_t i, const struct line *parent, node object,
                     const char *name, bool last)
{
    struct report *report = &view->table.report;
    struct line *line = line_at(view, i);
    *line = (struct line){ .object = object, .depth = parent->depth + 1, .state = LINE_CLOSED };
    line->before =
        report_format(report, "%s%s", parent->below, term_glyph(last ? GLYPH_LAST : GLYPH_BRANCH));
    line->below = report_format(report, "%s%s", parent->below,
                                last          ? "  "
                                : term_utf8() ? "│ "
                                              : "| ");
    line->name = report_format(report, "%s", name);
    if (object == NODE_NONE) {
        line->state = LINE_NOTE;
    } else if (find_line(view, object, i) != SIZE_MAX) {
        line->state = LINE_AGAIN;
    }
}

// What stands in a row's column `edge`.
static const char *edge_of(const struct report *report, const struct cell *row)
{
    size_t edge = report_column(report, "edge");
    return edge < report->column_count && row[edge].kind == CELL_TEXT ? row[edge].s : "";
}

static bool add_children(struct view *view, size_t i, const struct report *found, struct err *err)
{
    size_t count = found->row_count;
    bool more = found->truncated;
    struct tree *tree = view->state;
    if (tree->count + count > LINES_MOST) {
        return err_set(err, ERR_UNSUPPORTED,
                       "the tree has %zu lines: fold some, or open the object", tree->count);
    }
    if (!make_room(view, i, count + more, err)) {
        return false;
    }
    struct line parent = *line_at(view, i);
    for (size_t k = 0; k < count + more;
         k++) { // none of them may be taken for a line before it is one
        *line_at(view, i + 1 + k) = (struct line){ .object = NODE_NONE, .state = LINE_NOTE };
    }
    for (size_t k = 0; k < count; k++) {
        const struct cell *row = found->cells + k * found->column_count;
        set_line(view, i + 1 + k, &parent, table_object_of(found, row), edge_of(found, row),
                 k + 1 == count && !more);
        write_row(view, i + 1 + k);
    }
    if (more) {
        struct text note = TEXT_INIT;
        text_add_count(&note, found->rows - count);
        text_add_string(&note, " more: Space on the line above them opens the object");
        set_line(view, i + 1 + count, &parent, NODE_NONE, text_string(&note), true);
        write_row(view, i + 1 + count);
        text_fini(&note);
    }
    return true;
}

static bool unfold(struct tui *tui, struct view *view, size_t i, struct err *err)
{
    struct tree *tree = view->state;
    struct table found;
    struct text command = TEXT_INIT;
    text_add_format(&command, "%s #%lu -n %d", tree->command,
                    (unsigned long)line_at(view, i)->object, CHILDREN_MOST);
    table_init(&found, tui->session);
    bool ok = view_fill(tui, &found, text_string(&command), err)
              && add_children(view, i, &found.report, err);
    if (ok) {
        line_at(view, i)->state = found.report.row_count ? LINE_OPEN : LINE_LEAF;
        write_row(view, i);
    }
    table_fini(&found);
    text_fini(&command);
    return ok;
}

// And on, as long as there is just one reference to follow.
static bool unfold_chain(struct tui *tui, struct view *view, size_t i, struct err *err)
{
    for (int step = 0; step < CHAIN_MOST; step++) {
        if (line_at(view, i)->state != LINE_CLOSED || !unfold(tui, view, i, err)) {
            return line_at(view, i)->state != LINE_CLOSED;
        }
        if (below(view, i) != 1) {
            return true;
        }
        i++;
    }
    tui_say(tui, STYLE_DIM, "stopped after %d steps; Right goes on", CHAIN_MOST);
    return true;
}

static bool unfold_levels(struct tui *tui, struct view *view, size_t first, struct err *err)
{
    struct tree *tree = view->state;
    unsigned top = line_at(view, first)->depth;
    for (unsigned level = 0; level < LEVELS_AT_ONCE; level++) {
        for (size_t i = first; i < tree->count && (i == first || line_at(view, i)->depth > top);
             i++) {
            bool here =
                line_at(view, i)->depth == top + level && line_at(view, i)->state == LINE_CLOSED;
            if (here && tree->count + CHILDREN_MOST < LINES_MOST / 4
                && !unfold(tui, view, i, err)) {
                return false;
            }
        }
    }
    if (tree->count + CHILDREN_MOST >= LINES_MOST / 4) {
        tui_say(tui, STYLE_WARN, "stopped at %zu lines", tree->count);
    }
    return true;
}

static void fold(struct view *view, size_t i)
{
    take_out(view, i + 1, below(view, i));
    line_at(view, i)->state = LINE_CLOSED;
    write_row(view, i);
}

static size_t parent_of(struct view *view, size_t i)
{
    unsigned depth = line_at(view, i)->depth;
    while (i > 0 && line_at(view, i)->depth >= depth) {
        i--;
    }
    return i;
}

bool view_tree_do(struct tui *tui, struct view *view, const char *verb, bool all, struct err *err)
{
    struct table *table = &view->table;
    if (table->cursor >= table->shown) {
        return true;
    }
    size_t i = table_at(table, table->cursor);
    const struct line *line = line_at(view, i);
    bool ok = true;
    if (!strcmp(verb, "fold")) {
        if (line->state == LINE_OPEN) {
            fold(view, i);
        } else {
            table_to(table, parent_of(view, i));
        }
    } else if (all) {
        ok = unfold_levels(tui, view, i, err);
    } else if (line->state == LINE_CLOSED) {
        ok = unfold_chain(tui, view, i, err);
    } else if (line->state == LINE_AGAIN) {
        table_to(table, find_line(view, line->object, i));
    } else if (!strcmp(verb, "toggle")) {
        if (line->state != LINE_OPEN) {
            return tui_line(tui, "object %o", err);
        }
        fold(view, i);
    } else if (line->state == LINE_OPEN) {
        table_move(table, 1);
    }
    size_t cursor = table->cursor;
    table_filled(table);
    table_to(table, cursor);
    return ok;
}

// --- the view -----------------------------------------------------------------------------------

static bool open_tree(struct tui *tui, struct view *view, struct err *err)
{
    struct tree *tree = view->state;
    const char *kind = view->words.count == 3 ? view->words.items[1] : "";
    const struct command *command = *kind ? command_find(kind) : NULL;
    if (!command || (strcmp(command->name, "referrers") && strcmp(command->name, "referents"))) {
        return err_set(err, ERR_USAGE, "tree referrers OBJ, or tree referents OBJ");
    }
    tree->command = command->name;
    if (!session_need(tui->session, command->needs, err)
        || !session_object(tui->session, view->words.items[2], &view->subject, err)) {
        return false;
    }
    report_columns(&view->table.report, "tree", columns);
    view->table.spare = "object preview";
    const struct cell root[COLUMNS] = { cell_null(), cell_null(), cell_null(), cell_null() };
    if (!vec_grow(&tree->lines, &tree->capacity, 1, sizeof *tree->lines, err)
        || !report_row(&view->table.report, root, err)) {
        return false;
    }
    bool up = !strcmp(tree->command, "referrers");
    tree->lines[tree->count++] = (struct line){
        .object = view->subject,
        .before = "",
        .below = "",
        .name = up ? "who refers to" : "what it refers to",
    };
    write_row(view, 0);
    bool ok = unfold_chain(tui, view, 0, err);
    table_filled(&view->table);
    if (ok && tree->count == 1) {
        tui_say(tui, STYLE_DIM, "%s", up ? "no object refers to it" : "it refers to no object");
    }
    return ok;
}

static void draw_tree(struct tui *tui, struct view *view, struct area area)
{
    struct table_look look = tui_look(tui, true);
    table_draw(&view->table, area, &look);
}

static void close_tree(struct view *view)
{
    struct tree *tree = view->state;
    free(tree->lines);
}

const struct view_ops view_tree = {
    .name = "tree",
    .title = "tree of references",
    .plain = true,
    .state_size = sizeof(struct tree),
    .open = open_tree,
    .draw = draw_tree,
    .close = close_tree,
};
