// SPDX-License-Identifier: GPL-3.0-or-later
// The object page: the referrers above, the object in the middle, its referents below; beside them
// the path to a root, if there is room.
#include <stdio.h>
#include <string.h>

#include "base/unused.h"
#include "base/width.h"
#include "tui/card.h"
#include "tui/state.h"
#include "tui/view.h"

enum pane { PANE_REFERRERS, PANE_CARD, PANE_REFERENTS, PANE_PATH, PANES };
enum { MOST_REFERENCES = 20000, BESIDE = 100 };

struct view_object_page {
    struct table facts;        // the rows of `object`
    struct table panes[PANES]; // PANE_CARD is not used: it is view->table
    enum pane focus;
    int step; // what later() does next
    bool has_path;
};

static struct table *pane_table(struct view *view, enum pane pane)
{
    struct view_object_page *page = view->state;
    return pane == PANE_CARD ? &view->table : &page->panes[pane];
}

// --- the card -----------------------------------------------------------------------------------

static const struct cell *fact(const struct view_object_page *page, const char *name)
{
    const struct report *report = &page->facts.report;
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cells = report->cells + row * report->column_count;
        if (cells[0].kind == CELL_TEXT && !strcmp(cells[0].s, name)) {
            return &cells[1];
        }
    }
    return NULL;
}

static bool fact_number(const struct view_object_page *page, const char *name, double *out)
{
    const struct cell *cell = fact(page, name);
    return cell && filter_number(cell, out);
}

static bool fact_is(const struct view_object_page *page, const char *name)
{
    double number;
    return fact_number(page, name, &number) && number != 0;
}

static void add_fact(const struct view_object_page *page, const char *name, const char *before,
                     const char *after, struct text *out)
{
    const struct cell *cell = fact(page, name);
    if (cell && cell->kind != CELL_NULL) {
        text_add_string(out, before);
        report_cell_text(&page->facts.report, cell, NULL, 400, out);
        text_add_string(out, after);
    }
}

static void view_object_tell_type(struct view_object_page *page, struct table *card)
{
    struct text text = TEXT_INIT, next = TEXT_INIT, name = TEXT_INIT;
    add_fact(page, "type", "", "", &name);
    text_add_string(&next, "objects -t");
    line_add_word(&next, text_string(&name));
    text_add_string(&text, text_string(&name));
    add_fact(page, "bytes", ", ", "", &text);
    double bytes;
    if (fact_number(page, "bytes", &bytes)) {
        text_add_string(&text, text_plural((uint64_t)bytes, " byte", " bytes"));
    }
    add_fact(page, "address", " at ", "", &text);
    add_fact(page, "number", " (", ")", &text);
    card_add(card, "type", STYLE_TYPE, -1, text_string(&next), text_string(&text));
    text_fini(&text);
    text_fini(&next);
    text_fini(&name);
}

// "3 references, 2 found: one is held by C code".
static void tell_holders(struct view_object_page *page, struct table *card, const char *next)
{
    double count, found = 0;
    fact_number(page, "explained", &found);
    struct text text = TEXT_INIT;
    enum style style = STYLE_PLAIN;
    if (fact_is(page, "immortal") || !fact_number(page, "refcount", &count)) {
        text_add_format(&text, "immortal: its refcount says nothing; %.0f %s found", found,
                        text_plural((uint64_t)found, "reference", "references"));
    } else {
        text_add_format(&text, "%.0f %s, ", count,
                        text_plural((uint64_t)count, "reference", "references"));
        if (found == count) {
            text_add_string(&text, text_plural((uint64_t)count, "and it is found", "all found"));
        } else if (found < count) {
            style = STYLE_WARN;
            text_add_format(&text,
                            "%.0f found: %.0f held by C code, a running frame or the interpreter",
                            found, count - found);
        } else {
            style = STYLE_BAD;
            text_add_format(&text, "but %.0f found: something was misread, or the heap is damaged",
                            found);
        }
    }
    card_add(card, "refcount", style, -1, next, text_string(&text));
    text_fini(&text);
}

// Tells of holders that are not objects: modules, frames, C code.
static void tell_roots(struct view_object_page *page, struct table *card, const char *next)
{
    const struct report *report = &page->facts.report;
    struct text text = TEXT_INIT;
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cells = report->cells + row * report->column_count;
        if (cells[0].kind == CELL_TEXT && !strcmp(cells[0].s, "root")) {
            text_add_string(&text, text.size ? "; " : "");
            report_cell_text(report, &cells[1], NULL, 200, &text);
        }
    }
    if (text.size) {
        card_add(card, "root", STYLE_PLAIN, -1, next, text_string(&text));
    }
    text_fini(&text);
}

// Shows the whole path on one line, if it is known.
static void tell_path(struct view_object_page *page, struct table *card, const char *next)
{
    const struct report *report = &page->panes[PANE_PATH].report;
    const struct cell *name = report_summary_cell(report, "name");
    if (!page->panes[PANE_PATH].filled) {
        return;
    }
    if (name && name->kind == CELL_TEXT) {
        card_add(card, "held as", STYLE_PLAIN, -1, next, name->s);
    } else if (!report->row_count) {
        card_add(card, "held as", STYLE_WARN, -1, next, "no path leads here from a root");
    }
}

static void view_object_tell_collector(struct view_object_page *page, struct table *card)
{
    struct text text = TEXT_INIT, gen = TEXT_INIT, next = TEXT_INIT;
    add_fact(page, "gen", "", "", &gen);
    if (fact_is(page, "tracked")) {
        text_add_format(&text, "%s%s", gen.size && text_string(&gen)[0] != 'p' ? "generation " : "",
                        gen.size ? text_string(&gen) : "tracked");
        text_add_format(&next, "objects -g %s", gen.size ? text_string(&gen) : "0");
    } else {
        text_add_string(&text, "not tracked by the collector");
    }
    if (fact_is(page, "finalized")) {
        text_add_string(&text, ", its finalizer has run");
    }
    add_fact(page, "gc_refs", ", gc_refs ", "", &text);
    bool garbage = fact_is(page, "collectable");
    add_fact(page, "reason", garbage ? "; garbage: " : "; ", "", &text);
    card_add(card, "collector", garbage ? STYLE_BAD : STYLE_PLAIN, -1,
             garbage     ? "cycles --garbage"
             : next.size ? text_string(&next)
                         : "types",
             text_string(&text));
    text_fini(&text);
    text_fini(&gen);
    text_fini(&next);
}

// Shows the retained size only if it is known already, since it is computed for all objects at
// once.
static void tell_retained(struct tui *tui, struct view *view, struct table *card)
{
    const struct command *command = command_find("retained");
    struct text text = TEXT_INIT, line = TEXT_INIT;
    struct err err = ERR_INIT;
    struct table answer;
    if (!command || strcmp(command->name, "retained")) {
        return;
    }
    text_add_format(&line, "retained #%lu", (unsigned long)view->subject);
    table_init(&answer, tui->session);
    if (!tui->session->has_dominators) {
        text_add_string(&text, "not worked out yet; Enter does it");
    } else if (view_fill(tui, &answer, text_string(&line), &err)
               && table_cell(&answer, COL_retained)) {
        static const struct column human = { COL(retained), 0, COLUMN_HUMAN, NULL };
        report_cell_text(&answer.report, table_cell(&answer, COL_retained), &human, 0, &text);
        const struct cell *owner = table_cell(&answer, COL_owner);
        if (owner && owner->kind != CELL_NULL) {
            text_add_string(&text, "; the nearest owner is ");
            report_cell_text(&answer.report, owner, NULL, 80, &text);
        }
    }
    card_add(card, "retained", STYLE_PLAIN, -1, text_string(&line), text_string(&text));
    table_fini(&answer);
    text_fini(&text);
    text_fini(&line);
}

static void build_card(struct tui *tui, struct view *view)
{
    struct view_object_page *page = view->state;
    struct table *card = &view->table;
    struct text text = TEXT_INIT, referrers = TEXT_INIT, referents = TEXT_INIT, paths = TEXT_INIT,
                trace = TEXT_INIT, value = TEXT_INIT;
    text_add_string(&value, "value ");
    line_add_address(tui, &value, view->subject);
    text_add_string(&trace, "trace ");
    line_add_address(tui, &trace, view->subject);
    text_add_string(&paths, "path ");
    line_add_address(tui, &paths, view->subject);
    text_add_string(&referrers, "tree referrers ");
    line_add_address(tui, &referrers, view->subject);
    text_add_string(&referents, "tree referents ");
    line_add_address(tui, &referents, view->subject);
    card_begin(card, tui->session);
    view_object_tell_type(page, card);
    add_fact(page, "preview", "", "", &text);
    card_add(card, "value", STYLE_TEXT, -1, text_string(&value), text_string(&text));
    tell_holders(page, card, text_string(&referrers));
    tell_roots(page, card, text_string(&paths));
    tell_path(page, card, text_string(&paths));
    view_object_tell_collector(page, card);
    tell_retained(tui, view, card);
    text_clear(&text);
    add_fact(page, "evidence", "references ", "", &text);
    add_fact(page, "found_by", ", object found through the ", "", &text);
    add_fact(page, "interpreter", ", interpreter ", "", &text);
    const struct cell *evidence = fact(page, "evidence");
    bool doubtful = evidence && evidence->kind == CELL_TEXT && strcmp(evidence->s, "decoded")
                    && strcmp(evidence->s, "traversed");
    card_add(card, "evidence", doubtful ? STYLE_WARN : STYLE_DIM, -1, text_string(&referents),
             text_string(&text));
    text_clear(&text);
    add_fact(page, "source", "", "", &text);
    if (text.size) {
        card_add(card, "source", STYLE_DIM, -1, "row", text_string(&text));
    }
    text_clear(&text);
    add_fact(page, "allocated", "", "", &text);
    if (text.size) {
        card_add(card, "allocated", STYLE_PLAIN, -1, text_string(&trace), text_string(&text));
    }
    card_end(card);
    text_fini(&trace);
    text_fini(&value);
    text_fini(&paths);
    text_fini(&text);
    text_fini(&referrers);
    text_fini(&referents);
}

// --- filling ------------------------------------------------------------------------------------

static bool view_object_fill(struct tui *tui, struct view *view, enum pane pane,
                             const char *command, long most, struct err *err)
{
    struct text line = TEXT_INIT;
    text_add_format(&line, "%s ", command);
    line_add_address(tui, &line, view->subject);
    text_add_format(&line, " -n %ld", most);
    struct table *table = pane_table(view, pane);
    bool ok = view_fill(tui, table, text_string(&line), err);
    table->no_heading = true;
    text_fini(&line);
    return ok;
}

static bool open_object(struct tui *tui, struct view *view, struct err *err)
{
    static const enum column_id of_path[] = { COL_path, COL_name, COL_preview, COL_object,
                                              COL_NONE },
                                of_references[] = { COL_visited, COL_evidence, COL_NONE };
    struct view_object_page *page = view->state;
    table_init(&page->facts, tui->session);
    for (int i = 0; i < PANES; i++) {
        table_init(&page->panes[i], tui->session);
        page->panes[i].no_heading = true;
        page->panes[i].spare = i == PANE_PATH ? of_path : of_references;
    }
    if (!view_fill(tui, &page->facts, view->line, err)) {
        return false;
    }
    const struct cell *address = fact(page, "address");
    if (!address || address->kind != CELL_OBJECT) {
        return err_set(err, ERR_NOT_FOUND, "%s: no object", view->line);
    }
    view->subject = address->n;
    tui->session->selected = view->subject;
    page->has_path = command_find("path") && !strcmp(command_find("path")->name, "path");
    build_card(tui, view);
    if (!view_object_fill(tui, view, PANE_REFERENTS, "referents", MOST_REFERENCES, err)
        || !view_object_fill(tui, view, PANE_REFERRERS, "referrers", MOST_REFERENCES, err)) {
        return false;
    }
    page->focus = page->panes[PANE_REFERRERS].shown ? PANE_REFERRERS : PANE_REFERENTS;
    return true;
}

static bool later_object(struct tui *tui, struct view *view)
{
    struct view_object_page *page = view->state;
    struct err err = ERR_INIT;
    if (page->step++ || !page->has_path) {
        return false;
    }
    if (!view_object_fill(tui, view, PANE_PATH, "path", 1, &err)) {
        bool again = busy_yielded(tui, &err);
        page->step -= again;
        page->has_path = again;
    }
    size_t cursor = view->table.cursor;
    build_card(tui, view);
    table_to(&view->table, cursor);
    return false;
}

// The object of a step of the path, counted from its end: -1 is the holder of this object.
bool view_object_step(struct tui *tui, struct view *view, long step, struct text *line,
                      struct err *err)
{
    struct view_object_page *page = view->state;
    const struct report *report = &page->panes[PANE_PATH].report;
    if (!page->panes[PANE_PATH].filled && !view_object_fill(tui, view, PANE_PATH, "path", 1, err)) {
        return false;
    }
    long count = (long)report->row_count, row = step < 0 ? count - 1 + step : step;
    size_t object = report_column(report, COL_object);
    if (row < 0 || row >= count || object >= report->column_count) {
        return count ? err_set(err, ERR_NOT_FOUND, "the path from a root has no such step")
                     : err_set(err, ERR_NOT_FOUND, "no path leads here from a root");
    }
    const struct cell *cell = &report->cells[(size_t)row * report->column_count + object];
    if (cell->kind != CELL_OBJECT) {
        return err_set(err, ERR_NOT_FOUND, "this step is not an object");
    }
    text_add_string(line, "object ");
    line_add_address(tui, line, cell->n);
    return true;
}

// --- drawing ------------------------------------------------------------------------------------

static void put_rule(UNUSED struct tui *tui, struct view *view, enum pane pane, struct area area,
                     const char *title)
{
    const struct view_object_page *page = view->state;
    const struct table *table = pane_table(view, pane);
    bool focused = page->focus == pane;
    term_line(area.row, area.column, area.columns, GLYPH_ACROSS, STYLE_DIM);
    struct text text = TEXT_INIT;
    text_add_format(&text, " %s ", title);
    if (pane != PANE_CARD) {
        text_add_count(&text, table->report.rows);
        text_add_char(&text, ' ');
        if (table->report.truncated) {
            text_add_string(&text, "(the first ");
            text_add_count(&text, table->report.row_count);
            text_add_string(&text, " here) ");
        }
    }
    term_put(area.row, area.column + 2, area.columns - 2, focused ? STYLE_HEADING : STYLE_DIM,
             text_string(&text));
    text_fini(&text);
}

static void put_pane(struct tui *tui, struct view *view, enum pane pane, struct area area,
                     const char *title)
{
    struct view_object_page *page = view->state;
    if (area.rows < 1) {
        return;
    }
    put_rule(tui, view, pane, (struct area){ area.row, area.column, 1, area.columns }, title);
    area.row++;
    area.rows--;
    struct table_look look = tui_look(tui, page->focus == pane);
    table_draw(pane_table(view, pane), area, &look);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void draw_object(struct tui *tui, struct view *view, struct area area)
{
    struct view_object_page *page = view->state;
    if (page->panes[PANE_PATH].filled
        && area.columns >= BESIDE) { // otherwise the card shows the path
        struct area side = area;
        side.columns = area.columns / 3;
        side.column = area.columns - side.columns;
        area.columns -= side.columns + 1;
        term_line(area.row, area.columns, area.rows, GLYPH_DOWN, STYLE_DIM);
        put_pane(tui, view, PANE_PATH, side, "held from a root by");
    }
    const struct table *above = &page->panes[PANE_REFERRERS], *below = &page->panes[PANE_REFERENTS];
    int card = (int)view->table.shown + 1, room = area.rows - card;
    int up = (int)least((int)above->report.row_count, 10000) + 1 + (above->filter.line != NULL),
        down = (int)least((int)below->report.row_count, 10000) + 1;
    up = up < 2 ? 2 : up;
    down = down < 2 ? 2 : down;
    int half = room / 2;
    up = up + down <= room ? up : down < half ? room - down : least(up, half);
    struct area part = { area.row, area.column, up, area.columns };
    put_pane(tui, view, PANE_REFERRERS, part, "referred to by");
    part.row += up;
    part.rows = card;
    struct text title = TEXT_INIT;
    add_fact(page, "type", "", " ", &title);
    line_add_address(tui, &title, view->subject);
    put_pane(tui, view, PANE_CARD, part, text_string(&title));
    text_fini(&title);
    part.row += card;
    part.rows = area.row + area.rows - part.row;
    put_pane(tui, view, PANE_REFERENTS, part, "refers to");
}

// --- panes --------------------------------------------------------------------------------------

static struct table *focus_object(struct view *view)
{
    struct view_object_page *page = view->state;
    return pane_table(view, page->focus);
}

static void pane_object(struct view *view, int step)
{
    struct view_object_page *page = view->state;
    int count = page->panes[PANE_PATH].filled && term_columns() >= BESIDE ? PANES : PANES - 1;
    page->focus = (enum pane)(((int)page->focus + step + count) % count);
}

static bool pick_object(struct view *view, int row, int column)
{
    struct view_object_page *page = view->state;
    for (int i = 0; i < PANES; i++) {
        const struct table *table = pane_table(view, (enum pane)i);
        struct area area = table->area;
        bool titled = area.rows > 0; // the pane's title is above its lines
        if (row >= area.row - titled && row < area.row + area.rows && column >= area.column
            && column < area.column + area.columns) {
            page->focus = (enum pane)i;
            return true;
        }
    }
    return false;
}

static bool follow_object(struct tui *tui, struct view *view, struct text *line, struct err *err)
{
    struct view_object_page *page = view->state;
    if (page->focus != PANE_CARD) {
        return line_expand(tui, "object %o", line, err);
    }
    const char *next = card_next(&view->table);
    text_add_string(line, next ? next : "row");
    return true;
}

static void close_object(struct view *view)
{
    struct view_object_page *page = view->state;
    table_fini(&page->facts);
    for (int i = 0; i < PANES; i++) {
        table_fini(&page->panes[i]);
    }
}

const struct table *view_object_facts(struct view *view)
{
    const struct view_object_page *page = view->state;
    return page->focus == PANE_CARD ? &page->facts : NULL;
}

const struct view_ops view_object = {
    .name = "object",
    .title = "object page",
    .state_size = sizeof(struct view_object_page),
    .open = open_object,
    .later = later_object,
    .draw = draw_object,
    .focus = focus_object,
    .pane = pane_object,
    .pick = pick_object,
    .follow = follow_object,
    .close = close_object,
};
