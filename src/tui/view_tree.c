// SPDX-License-Identifier: GPL-3.0-or-later
// Trees that unfold in place: references (`tree referrers OBJ`, `tree referents OBJ`), and the
// dominator tree (`tree dominators [OBJ] [--past]`).
//
//      - shop.Order at 0x7f..            the object itself
//      ├─- .customer                     unfolded
//      │ └─+ .__dict__                   + there is more, nobody asked yet
//      ├─· [3]                           · nothing behind it
//      └─↺ .parent                       ↺ is on another line already: Enter goes there
//
// The lines are the rows of the view's own report; lines[] has the same, per row. A chain of single
// references unfolds at once.
#include "tui/view_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "tui/state.h"

enum { CHILDREN_MAX = 200, CHAIN_MAX = 100, LINES_MOST = 20000, LEVELS_AT_ONCE = 3 };

static const struct column columns[] = {
    { COL(edge), 0, COLUMN_WIDE, "the reference's name" },
    { COL(object), 0, COLUMN_GOES(1), "the object at its end" },
    { COL(type), 0, 0, "its type" },
    { COL(preview), 0, COLUMN_GOES(2), "its value" },
    { .name = NULL },
};

static const struct column dominator_columns[] = {
    { COL(edge), 0, COLUMN_WIDE, "the reference's name" },
    { COL(retained), 0, COLUMN_RIGHT | COLUMN_HUMAN, "the bytes that are freed with it" },
    { COL(object), 0, COLUMN_GOES(1), "the object" },
    { COL(type), 0, COLUMN_GOES(2), "its type" },
    { COL(preview), 0, 0, "its value" },
    { .name = NULL },
};

static const struct view_tree_kind {
    const char *name, *command;
    const struct column *columns;
    const char *root; // what the first line says
    const char *none; // if it has no children
} kinds[] = {
    { "referrers", "referrers", columns, "who refers to", "no object refers to it" },
    { "referents", "referents", columns, "what it refers to", "it refers to no object" },
    { "dominators", "dominated", dominator_columns, "what it alone keeps alive",
      "it alone keeps nothing else alive" },
};

enum view_tree_state { LINE_CLOSED, LINE_OPEN, LINE_LEAF, LINE_AGAIN, LINE_NOTE };

struct view_tree_line {
    node object;
    unsigned depth;
    enum view_tree_state state;
    const char *before; // the branches to the left of the sign
    const char *below;  // what its children have to the left
    const char *name;
    struct cell retained; // in the dominator tree
};

struct view_tree_tree {
    struct view_tree_line *lines;
    size_t count, capacity;
    const struct view_tree_kind *kind;
    bool past; // skip plain containers
};

static struct view_tree_line *line_at(struct view *view, size_t i)
{
    struct view_tree_tree *tree = view->state;
    return &tree->lines[i];
}

// --- rows ---------------------------------------------------------------------------------------

static void view_tree_write_row(struct view *view, size_t i)
{
    static const enum glyph signs[] = { GLYPH_CLOSED, GLYPH_OPEN, GLYPH_LEAF, GLYPH_AGAIN,
                                        GLYPH_ELLIPSIS };
    const struct view_tree_line *line = line_at(view, i);
    struct report *report = &view->table.report;
    struct cell *cells = report->cells + i * report->column_count;
    bool object = line->object != NODE_NONE;
    *cells++ = cell_text(
        report_format(report, "%s%s %s", line->before, term_glyph(signs[line->state]), line->name));
    if (report->columns == dominator_columns) {
        *cells++ = line->retained;
    }
    *cells++ = object ? cell_object(line->object) : cell_null();
    *cells++ = object ? cell_type_of(line->object) : cell_null();
    *cells = object ? cell_preview(line->object) : cell_null();
}

// Makes room for `more` lines after line i.
static bool view_tree_make_room(struct view *view, size_t i, size_t more, struct err *err)
{
    struct view_tree_tree *tree = view->state;
    struct report *report = &view->table.report;
    size_t count = tree->count + more, columns_count = report->column_count;
    if (!vec_grow(&tree->lines, &tree->capacity, count, sizeof *tree->lines, err)
        || !vec_grow(&report->cells, &report->row_capacity, count * columns_count,
                     sizeof *report->cells, err)) {
        return false;
    }
    size_t rest = tree->count - i - 1;
    memmove(&tree->lines[i + 1 + more], &tree->lines[i + 1], rest * sizeof *tree->lines);
    memmove(&report->cells[(i + 1 + more) * columns_count], &report->cells[(i + 1) * columns_count],
            rest * columns_count * sizeof *report->cells);
    tree->count = count;
    report->row_count = report->rows = count;
    return true;
}

static void take_out(struct view *view, size_t i, size_t count)
{
    struct view_tree_tree *tree = view->state;
    struct report *report = &view->table.report;
    size_t rest = tree->count - i - count, columns_count = report->column_count;
    memmove(&tree->lines[i], &tree->lines[i + count], rest * sizeof *tree->lines);
    memmove(&report->cells[i * columns_count], &report->cells[(i + count) * columns_count],
            rest * columns_count * sizeof *report->cells);
    tree->count -= count;
    report->row_count = report->rows = tree->count;
}

static size_t view_tree_below(struct view *view, size_t i)
{
    const struct view_tree_tree *tree = view->state;
    size_t end = i + 1;
    while (end < tree->count && tree->lines[end].depth > tree->lines[i].depth) {
        end++;
    }
    return end - i - 1;
}

// The line that already shows the object; SIZE_MAX: none.
static size_t find_line(struct view *view, node object, size_t but)
{
    const struct view_tree_tree *tree = view->state;
    for (size_t i = 0; i < tree->count; i++) {
        if (i != but && tree->lines[i].object == object && tree->lines[i].state != LINE_AGAIN
            && tree->lines[i].state != LINE_NOTE) {
            return i;
        }
    }
    return SIZE_MAX;
}

// --- unfolding ----------------------------------------------------------------------------------

static void set_line(struct view *view, size_t i, const struct view_tree_line *parent, node object,
                     const char *name, bool last)
{
    struct report *report = &view->table.report;
    struct view_tree_line *line = line_at(view, i);
    *line = (struct view_tree_line){ .object = object,
                                     .depth = parent->depth + 1,
                                     .state = LINE_CLOSED };
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

// What stands in a row's column; null where there is none.
static struct cell cell_of(const struct report *report, const struct cell *row, enum column_id id)
{
    size_t i = report_column(report, id);
    return i < report->column_count ? row[i] : cell_null();
}

static uint64_t summary_of(const struct report *report, const char *key)
{
    const struct cell *cell = report_summary_cell(report, key);
    return cell ? cell->u : 0;
}

// Notes what the children on screen leave out: those beyond, and containers skipped.
static bool note_rest(const struct report *found, struct text *note)
{
    uint64_t rest = summary_of(found, "rest"), passed = summary_of(found, "passed");
    if (found->truncated) {
        text_add_count(note, found->rows - found->row_count);
        text_add_string(note, " more");
        if (rest) {
            text_add_string(note, ", ");
            text_add_size(note, rest);
        }
        text_add_string(note, ": Space on the line above them opens the object");
    }
    if (passed) {
        text_add_string(note, note->size ? "; passed " : "passed ");
        text_add_count(note, passed);
        text_add_string(note, text_plural(passed, " plain container, ", " plain containers, "));
        text_add_size(note, summary_of(found, "passed_bytes"));
    }
    return note->size > 0;
}

// Opens the lines below line i, all empty at first: an empty line must not match any object.
static bool open_lines(struct view *view, size_t i, size_t count, struct err *err)
{
    const struct view_tree_tree *tree = view->state;
    if (tree->count + count > LINES_MOST) {
        return err_set(err, ERR_UNSUPPORTED,
                       "the tree has %zu lines: fold some, or open the object", tree->count);
    }
    if (!view_tree_make_room(view, i, count, err)) {
        return false;
    }
    for (size_t k = 0; k < count; k++) {
        *line_at(view, i + 1 + k) =
            (struct view_tree_line){ .object = NODE_NONE, .state = LINE_NOTE };
    }
    return true;
}

static bool view_tree_add_children(struct view *view, size_t i, const struct report *found,
                                   struct err *err)
{
    size_t count = found->row_count;
    struct text note = TEXT_INIT;
    bool more = note_rest(found, &note);
    const char *otherwise = found->columns
                                    && report_column(found, COL_dominates) < found->column_count
                                    && line_at(view, i)->object != NODE_NONE
                                ? "(several paths)"
                                : "";
    bool ok = open_lines(view, i, count + more, err);
    for (size_t k = 0; ok && k < count; k++) {
        const struct cell *row = found->cells + k * found->column_count;
        struct view_tree_line parent = *line_at(view, i);
        struct cell edge = cell_of(found, row, COL_edge);
        set_line(view, i + 1 + k, &parent, table_object_of(found, row),
                 edge.kind == CELL_TEXT ? edge.s : otherwise, k + 1 == count && !more);
        line_at(view, i + 1 + k)->retained = cell_of(found, row, COL_retained);
        struct cell dominates = cell_of(found, row, COL_dominates);
        if (dominates.kind == CELL_COUNT && !dominates.u) {
            line_at(view, i + 1 + k)->state = LINE_LEAF;
        }
        view_tree_write_row(view, i + 1 + k);
    }
    if (ok && more) {
        struct view_tree_line parent = *line_at(view, i);
        set_line(view, i + 1 + count, &parent, NODE_NONE, text_string(&note), true);
        view_tree_write_row(view, i + 1 + count);
    }
    text_fini(&note);
    return ok;
}

static bool unfold(struct tui *tui, struct view *view, size_t i, struct err *err)
{
    struct view_tree_tree *tree = view->state;
    struct table found;
    struct text command = TEXT_INIT;
    text_add_string(&command, tree->kind->command);
    if (line_at(view, i)->object != NODE_NONE) {
        text_add_format(&command, " #%lu", (unsigned long)line_at(view, i)->object);
    }
    text_add_format(&command, " -n %d%s", CHILDREN_MAX, tree->past ? " --past" : "");
    table_init(&found, tui->session);
    bool ok = view_fill(tui, &found, text_string(&command), err)
              && view_tree_add_children(view, i, &found.report, err);
    if (ok) {
        line_at(view, i)->state = found.report.row_count ? LINE_OPEN : LINE_LEAF;
        view_tree_write_row(view, i);
    }
    table_fini(&found);
    text_fini(&command);
    return ok;
}

// Continues for as long as there is only one reference to follow.
static bool unfold_chain(struct tui *tui, struct view *view, size_t i, struct err *err)
{
    for (int step = 0; step < CHAIN_MAX; step++) {
        if (line_at(view, i)->state != LINE_CLOSED || !unfold(tui, view, i, err)) {
            return line_at(view, i)->state != LINE_CLOSED;
        }
        if (view_tree_below(view, i) != 1) {
            return true;
        }
        i++;
    }
    tui_say(tui, STYLE_DIM, "stopped after %d steps; Right continues", CHAIN_MAX);
    return true;
}

static bool unfold_levels(struct tui *tui, struct view *view, size_t first, struct err *err)
{
    struct view_tree_tree *tree = view->state;
    unsigned top = line_at(view, first)->depth;
    for (unsigned level = 0; level < LEVELS_AT_ONCE; level++) {
        for (size_t i = first; i < tree->count && (i == first || line_at(view, i)->depth > top);
             i++) {
            bool here =
                line_at(view, i)->depth == top + level && line_at(view, i)->state == LINE_CLOSED;
            if (here && tree->count + CHILDREN_MAX < LINES_MOST / 4 && !unfold(tui, view, i, err)) {
                return false;
            }
        }
    }
    if (tree->count + CHILDREN_MAX >= LINES_MOST / 4) {
        tui_say(tui, STYLE_WARN, "stopped at %zu lines", tree->count);
    }
    return true;
}

static void fold(struct view *view, size_t i)
{
    take_out(view, i + 1, view_tree_below(view, i));
    line_at(view, i)->state = LINE_CLOSED;
    view_tree_write_row(view, i);
}

static size_t view_tree_parent_of(struct view *view, size_t i)
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
    const struct view_tree_line *line = line_at(view, i);
    bool ok = true;
    if (!strcmp(verb, "fold")) {
        if (line->state == LINE_OPEN) {
            fold(view, i);
        } else {
            table_to(table, view_tree_parent_of(view, i));
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

static const struct view_tree_kind *find_kind(const char *word)
{
    for (size_t i = 0; *word && i < sizeof kinds / sizeof *kinds; i++) {
        if (!strncmp(kinds[i].name, word, strlen(word)) && command_find(kinds[i].command)) {
            return &kinds[i];
        }
    }
    return NULL;
}

// `dominators` takes an object or none, and --past: any other tree needs an object.
static bool view_tree_read_words(struct tui *tui, struct view *view, struct err *err)
{
    struct view_tree_tree *tree = view->state;
    const struct words *words = &view->words;
    tree->kind = words->count > 1 ? find_kind(words->items[1]) : NULL;
    bool down = tree->kind && tree->kind->columns == dominator_columns;
    tree->past = down && !strcmp(words->items[words->count - 1], "--past");
    size_t count = words->count - tree->past;
    if (!tree->kind || count > 3 || (count < 3 && !down)) {
        return err_set(err, ERR_USAGE,
                       "tree referrers OBJ, tree referents OBJ, or tree dominators [OBJ] [--past]");
    }
    return session_need(tui->session, command_find(tree->kind->command)->needs, err)
           && (count < 3 || session_object(tui->session, words->items[2], &view->subject, err));
}

static void add_root(struct tui *tui, struct view *view)
{
    struct view_tree_tree *tree = view->state;
    const struct session *session = tui->session;
    bool one = view->subject != NODE_NONE;
    tree->lines[tree->count++] = (struct view_tree_line){
        .object = view->subject,
        .before = "",
        .below = "",
        .name = one ? tree->kind->root : "the whole heap",
    };
    if (session->has_dominators) {
        const struct dominate *dominate = &session->dominate;
        uint64_t bytes =
            one ? dominate->retained[view->subject] : dominate->living_bytes + dominate->dead_bytes;
        tree->lines[0].retained =
            one && !heap_is_whole(&session->heap) ? cell_null() : cell_bytes(bytes);
    }
    view_tree_write_row(view, 0);
}

static bool open_tree(struct tui *tui, struct view *view, struct err *err)
{
    struct view_tree_tree *tree = view->state;
    if (!view_tree_read_words(tui, view, err)) {
        return false;
    }
    report_columns(&view->table.report, "tree", tree->kind->columns);
    const struct cell root[5] = { cell_null() };
    if (!vec_grow(&tree->lines, &tree->capacity, 1, sizeof *tree->lines, err)
        || !report_row(&view->table.report, root, err)) {
        return false;
    }
    add_root(tui, view);
    bool ok = unfold_chain(tui, view, 0, err);
    table_filled(&view->table);
    if (ok && tree->count == 1) {
        tui_say(tui, STYLE_DIM, "%s", tree->kind->none);
    }
    return ok;
}

bool view_tree_past(const struct view *view, struct text *line, struct err *err)
{
    const struct view_tree_tree *tree = view->state;
    const struct words *words = &view->words;
    if (tree->kind->columns != dominator_columns) {
        return err_set(err, ERR_USAGE, "past: only the dominator tree can go past containers");
    }
    for (size_t i = 0; i < words->count - tree->past; i++) {
        line_add_word(line, words->items[i]);
    }
    text_add_string(line, tree->past ? "" : " --past");
    return text_ok(line, err);
}

static void close_tree(struct view *view)
{
    struct view_tree_tree *tree = view->state;
    free(tree->lines);
}

const struct view_ops view_tree = {
    .name = "tree",
    .title = "tree of references, or of dominators",
    .plain = true,
    .state_size = sizeof(struct view_tree_tree),
    .open = open_tree,
    .draw = view_draw_table,
    .close = close_tree,
};
