// SPDX-License-Identifier: GPL-3.0-or-later
// The first view: target, Python, collector, generations as bars, memory by kind, and the largest
// types beside or below.
//
// The generations are counted at once (`info --quick`). The rest follows while nobody presses a
// key: finding the objects, which gives the types (`types --quick`), reading the heap, what each
// collection would free, and findings. Any key interrupts this, except for reading the heap, which
// every other view needs; it is resumed later.
#include <stdio.h>
#include <string.h>

#include "base/unused.h"
#include "tui/card.h"
#include "tui/overview_card.h"
#include "tui/state.h"
#include "tui/view.h"

enum { BESIDE = 130 }; // columns from which the types are beside the card

static void view_overview_rebuild(struct tui *tui, struct view *view)
{
    card_begin(&view->table, tui->session);
    overview_card_fill(view->state, &view->table);
    card_end(&view->table);
}

static void name_target(struct tui *tui, const struct overview *overview)
{
    const struct cell *path = overview_card_cell(overview, "target", "path"),
                      *version = overview_card_cell(overview, "python", "version");
    if (path && path->kind == CELL_TEXT) {
        const char *slash = strrchr(path->s, '/');
        snprintf(tui->target, sizeof tui->target, "%s", slash && slash[1] ? slash + 1 : path->s);
    } else {
        struct text text = TEXT_INIT;
        overview_card_add_info(overview, "target", "pid", "process ", &text);
        snprintf(tui->target, sizeof tui->target, "%s", text_string(&text));
        text_fini(&text);
    }
    if (version && version->kind == CELL_TEXT) {
        snprintf(tui->python, sizeof tui->python, "Python %.*s", (int)strcspn(version->s, " "),
                 version->s);
    }
}

// Copies results that another overview already has.
static void borrow(const struct tui *tui, struct overview *overview)
{
    for (size_t i = tui->view_count; i-- > 0;) {
        const struct overview *other = tui->views[i]->state;
        if (view_is(tui->views[i], &view_overview) && !tui->views[i]->stale && other != overview
            && other->step == STEP_DONE && other->freed[0].known) {
            memcpy(overview->findings, other->findings, sizeof overview->findings);
            memcpy(overview->freed, other->freed, sizeof overview->freed);
            overview->found = other->found;
            return;
        }
    }
}

static bool open_overview(struct tui *tui, struct view *view, struct err *err)
{
    static const enum column_id spare[] = { COL_retained, COL_object, COL_untracked, COL_permanent,
                                            COL_gen1,     COL_gen0,   COL_NONE };
    struct overview *overview = view->state;
    table_init(&overview->info, tui->session);
    table_init(&overview->types, tui->session);
    overview->types.spare = spare;
    if (!view_fill(tui, &overview->info, "info --quick", err)) {
        return false;
    }
    name_target(tui, overview);
    overview->has_heap = overview_card_cell(overview, "heap", "objects") != NULL;
    overview->step = overview->has_heap ? STEP_TYPES : STEP_FOUND;
    borrow(tui, overview);
    view_overview_rebuild(tui, view);
    return true;
}

static void read_freed(const struct report *report, struct freed *freed)
{
    double number;
    freed->known = true;
    for (size_t i = 0; i < report->summary_count; i++) {
        const struct summary_item *item = &report->summary[i];
        if (filter_number(&item->cell, &number)) {
            uint64_t value = (uint64_t)number;
            freed->objects = strcmp(item->key, "unreachable") ? freed->objects : value;
            freed->bytes = strcmp(item->key, "bytes") ? freed->bytes : value;
            freed->uncertain = strcmp(item->key, "uncertain") ? freed->uncertain : value;
        }
    }
}

static bool view_overview_collect(struct tui *tui, struct freed *freed, int generation,
                                  struct err *err)
{
    char line[32];
    struct table collected;
    snprintf(line, sizeof line, "collect -g %d -n 1", generation);
    table_init(&collected, tui->session);
    bool ok = freed->known || view_fill(tui, &collected, line, err);
    if (ok && !freed->known) {
        read_freed(&collected.report, freed);
    }
    table_fini(&collected);
    return ok;
}

static void read_findings(const struct report *report, struct overview *overview)
{
    size_t what = report_column(report, COL_what), next = report_column(report, COL_next);
    for (size_t row = 0; row < report->row_count && overview->found < FINDINGS_SHOWN; row++) {
        const struct cell *cells = report->cells + row * report->column_count;
        if (what < report->column_count && cells[what].kind == CELL_TEXT) {
            struct found *found = &overview->findings[overview->found++];
            bool leads = next < report->column_count && cells[next].kind == CELL_TEXT
                         && strlen(cells[next].s) < sizeof found->next;
            snprintf(found->what, sizeof found->what, "%s", cells[what].s);
            snprintf(found->next, sizeof found->next, "%s", leads ? cells[next].s : "findings");
        }
    }
}

static bool view_overview_find(struct tui *tui, struct overview *overview, struct err *err)
{
    struct table findings;
    if (overview->found || !command_find("findings")) {
        return true;
    }
    table_init(&findings, tui->session);
    bool ok = view_fill(tui, &findings, "findings -n 3", err);
    if (ok) {
        read_findings(&findings.report, overview);
    }
    table_fini(&findings);
    return ok;
}

static bool take_step(struct tui *tui, struct overview *overview, enum view_overview_step step,
                      struct err *err)
{
    switch (step) {
    case STEP_FOUND:
        tui->yields = false;
        return view_fill(tui, &overview->types, "types --quick", err);
    case STEP_HEAP:
        tui->yields = false; // every view needs the heap: keys wait
        overview->has_heap = view_fill(tui, &overview->info, "info", err);
        return overview->has_heap;
    case STEP_TYPES:
        return view_fill(tui, &overview->types, "types", err);
    case STEP_COLLECT_0:
    case STEP_COLLECT_1:
    case STEP_COLLECT_2: {
        int generation = (int)(STEP_COLLECT_0 - step);
        return view_overview_collect(tui, &overview->freed[generation], generation, err);
    }
    case STEP_FINDINGS:
        return view_overview_find(tui, overview, err);
    case STEP_DONE:
        break;
    }
    return true;
}

static bool later_overview(struct tui *tui, struct view *view)
{
    struct overview *overview = view->state;
    struct err err = ERR_INIT;
    enum view_overview_step step = overview->step;
    if (step == STEP_DONE) {
        return false;
    }
    bool ok = take_step(tui, overview, step, &err);
    if (ok) {
        overview->step = step + 1;
    } else if (!busy_yielded(tui, &err)) {
        bool stops = err.kind == ERR_CANCELLED || step <= STEP_HEAP;
        tui_say(tui, STYLE_WARN, "%s; C-r continues", err.text);
        overview->step = stops ? STEP_DONE : step + 1;
    }
    view_overview_rebuild(tui, view);
    return overview->step != STEP_DONE;
}

static void draw_overview(struct tui *tui, struct view *view, struct area area)
{
    struct overview *overview = view->state;
    bool beside = area.columns >= BESIDE;
    int lines = (int)view->table.shown + 1, room = area.rows - 8;
    struct area card = area, types = area;
    if (beside) {
        types.columns = area.columns * 2 / 5;
        card.columns = area.columns - types.columns - 1;
        types.column = card.columns + 1;
        term_line(area.row, card.columns, area.rows, GLYPH_DOWN, STYLE_DIM);
    } else {
        card.rows = lines < room ? lines : room > 4 ? room : area.rows;
        types.row += card.rows;
        types.rows -= card.rows;
        if (types.rows > 0) {
            term_line(types.row - 1 + (lines > room), 0, lines > room ? 0 : area.columns,
                      GLYPH_ACROSS, STYLE_DIM);
        }
    }
    struct table_look card_look = tui_look(tui, !overview->on_types),
                      types_look = tui_look(tui, overview->on_types);
    table_draw(&view->table, card, &card_look);
    if (overview->types.filled || overview->step != STEP_DONE) {
        table_draw(&overview->types, types, &types_look);
    }
}

static struct table *focus_overview(struct view *view)
{
    struct overview *overview = view->state;
    return overview->on_types ? &overview->types : &view->table;
}

static void pane_overview(struct view *view, UNUSED int step)
{
    struct overview *overview = view->state;
    overview->on_types = !overview->on_types && overview->types.filled;
}

static bool pick_overview(struct view *view, int row, int column)
{
    struct overview *overview = view->state;
    size_t position;
    int heading;
    if (table_hit(&overview->types, row, column, &position, &heading)) {
        overview->on_types = true;
    } else if (table_hit(&view->table, row, column, &position, &heading)) {
        overview->on_types = false;
    }
    return true;
}

static bool follow_overview(struct tui *tui, struct view *view, struct text *line, struct err *err)
{
    struct overview *overview = view->state;
    if (overview->on_types) {
        return line_expand(tui, "objects -t %t", line, err);
    }
    const char *next = card_next(&view->table);
    text_add_string(line, next ? next : "info");
    return true;
}

static void close_overview(struct view *view)
{
    struct overview *overview = view->state;
    table_fini(&overview->info);
    table_fini(&overview->types);
}

const struct view_ops view_overview = {
    .name = "overview",
    .title = "overview",
    .state_size = sizeof(struct overview),
    .open = open_overview,
    .later = later_overview,
    .draw = draw_overview,
    .focus = focus_overview,
    .pane = pane_overview,
    .pick = pick_overview,
    .follow = follow_overview,
    .close = close_overview,
};
