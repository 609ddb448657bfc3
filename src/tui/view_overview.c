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
#include "tui/state.h"
#include "tui/view.h"

enum { BESIDE = 130, GENERATIONS = 4, FINDINGS_SHOWN = 3 };

enum view_overview_step {
    STEP_FOUND,
    STEP_HEAP,
    STEP_TYPES,
    STEP_COLLECT_2,
    STEP_COLLECT_1,
    STEP_COLLECT_0,
    STEP_FINDINGS,
    STEP_DONE
};

struct freed { // what a collection of a generation would find
    bool known;
    uint64_t objects, bytes, uncertain;
};

struct found { // a finding
    char what[240], next[240];
};

struct overview {
    struct table info, types;
    struct found findings[FINDINGS_SHOWN];
    size_t found;
    bool has_heap;
    struct freed freed[3];
    enum view_overview_step step;
    bool on_types; // the cursor is in the pane of types
};

static const char *const generation_names[GENERATIONS] = { "generation 0", "generation 1",
                                                           "generation 2", "generation permanent" };

// --- reading info -------------------------------------------------------------------------------

static const struct cell *info_cell(const struct overview *overview, const char *section,
                                    const char *name)
{
    const struct report *report = &overview->info.report;
    size_t value = report_column(report, COL_value);
    for (size_t row = 0; row < report->row_count && value < report->column_count; row++) {
        const struct cell *cells = report->cells + row * report->column_count;
        if (cells[0].kind == CELL_TEXT && cells[1].kind == CELL_TEXT && !strcmp(cells[0].s, section)
            && !strcmp(cells[1].s, name)) {
            return &cells[value];
        }
    }
    return NULL;
}

static bool info_number(const struct overview *overview, const char *section, const char *name,
                        double *out)
{
    const struct cell *cell = info_cell(overview, section, name);
    return cell && filter_number(cell, out);
}

// The sum over all interpreters: "generation 0", "generation 0 of interpreter 1" ... *whole, if not
// null: no value is unknown.
static double info_sum(const struct overview *overview, const char *section, const char *name,
                       bool *whole)
{
    const struct report *report = &overview->info.report;
    double sum = 0, number;
    bool all = true;
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cells = report->cells + row * report->column_count;
        bool here = cells[0].kind == CELL_TEXT && cells[1].kind == CELL_TEXT
                    && !strncmp(cells[0].s, section, strlen(section)) && !strcmp(cells[1].s, name);
        bool known = here && filter_number(&cells[2], &number);
        sum += known ? number : 0;
        all = all && known == here;
    }
    if (whole) {
        *whole = all;
    }
    return sum;
}

static void add_info(const struct overview *overview, const char *section, const char *name,
                     const char *before, struct text *out)
{
    const struct cell *cell = info_cell(overview, section, name);
    if (cell && cell->kind != CELL_NULL) {
        text_add_string(out, before);
        static const struct column human = { COL(value), 0, COLUMN_HUMAN, NULL };
        bool bytes = cell->kind == CELL_BYTES; // a process's number is none
        report_cell_text(&overview->info.report, cell, bytes ? &human : NULL, 120, out);
    }
}

static void view_overview_add_count(struct text *out, double count, const char *one,
                                    const char *many)
{
    text_add_count(out, (uint64_t)count);
    text_add_format(out, " %s", text_plural((uint64_t)count, one, many));
}

// --- lines --------------------------------------------------------------------------------------

static void view_overview_tell_target(struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    add_info(overview, "target", "kind", "", &text);
    bool held = !strcmp(text_string(&text), "process"); // not a copy of one
    add_info(overview, "target", "pid", held ? " " : " of process ", &text);
    text_add_string(&text, held ? ", held still" : "");
    add_info(overview, "target", "signal", ", signal ", &text);
    add_info(overview, "target", "command", ": ", &text);
    add_info(overview, "target", "path", "; ", &text);
    card_add(card, "target", STYLE_PLAIN, -1, "info", text_string(&text));
    text_clear(&text);
    add_info(overview, "python", "version", "", &text);
    double number;
    if (info_number(overview, "python", "free_threaded", &number) && number) {
        text_add_string(&text, ", free-threaded");
    }
    if (info_number(overview, "python", "debug", &number) && number) {
        text_add_string(&text, ", debug build");
    }
    if (info_number(overview, "heap", "interpreters", &number)) {
        text_add_string(&text, ", ");
        view_overview_add_count(&text, number, "interpreter", "interpreters");
    }
    if (info_number(overview, "heap", "threads", &number)) {
        text_add_string(&text, ", ");
        view_overview_add_count(&text, number, "thread", "threads");
    }
    add_info(overview, "python", "implementation_layout_source", ", layout from ", &text);
    card_add(card, "python", STYLE_PLAIN, -1, command_find("threads") ? "threads" : "info",
             text_string(&text));
    text_fini(&text);
}

static void view_overview_add_flags(unsigned flags, struct text *out)
{
    static const struct {
        unsigned bit;
        const char *name;
    } rows[] = {
        { 1, "DEBUG_STATS" },
        { 2, "DEBUG_COLLECTABLE" },
        { 4, "DEBUG_UNCOLLECTABLE" },
        { 32, "DEBUG_SAVEALL" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (flags & rows[i].bit) {
            text_add_format(out, "%s%s", out->size ? " " : "", rows[i].name);
        }
    }
}

static void view_overview_tell_collector(struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    double number;
    const char *label = "collector";
    if (info_number(overview, "gc", "enabled", &number) && !number) {
        card_add(card, label, STYLE_BAD, -1, "info",
                 "disabled: dead cycles stay until somebody calls gc.collect()");
        label = "";
    }
    if (info_number(overview, "gc", "collecting", &number) && number) {
        card_add(card, label, STYLE_WARN, -1, "info", "a collection was running at this moment");
        label = "";
    }
    if (info_number(overview, "gc", "debug", &number) && number) {
        view_overview_add_flags((unsigned)number, &text);
        card_format(card, label, STYLE_WARN, -1, "info", "debug flags are set: %s%s",
                    text_string(&text),
                    (unsigned)number & 32 ? " (all garbage is kept in gc.garbage)" : "");
        label = "";
    }
    if (info_number(overview, "gc", "garbage", &number) && number) {
        text_clear(&text);
        view_overview_add_count(&text, number, "object", "objects");
        card_format(card, label, STYLE_WARN, -1, "object gc.garbage",
                    "gc.garbage holds %s: found dead, and kept", text_string(&text));
        label = "";
    }
    number = info_sum(overview, "gc", "frozen", NULL);
    if (number > 0) {
        text_clear(&text);
        view_overview_add_count(&text, number, "object is", "objects are");
        card_format(card, label, STYLE_WARN, -1, "objects -g permanent",
                    "%s frozen (gc.freeze): never collected", text_string(&text));
        label = "";
    }
    text_clear(&text);
    add_info(overview, "gc", "thresholds", *label ? "enabled, thresholds " : "thresholds ", &text);
    add_info(overview, "gc", "counts", ", counts ", &text);
    if (info_number(overview, "gc", "callbacks", &number) && number) {
        add_info(overview, "gc", "callbacks", ", callbacks ", &text);
    }
    if (text.size) {
        card_add(card, label, STYLE_DIM, -1, "info", text_string(&text));
    }
    text_fini(&text);
}

// Number i of "700,10,10".
static bool info_triple(const struct overview *overview, const char *name, int i, long *out)
{
    long values[3];
    const struct cell *cell = info_cell(overview, "gc", name);
    bool ok = cell && cell->kind == CELL_TEXT
              && sscanf(cell->s, "%ld,%ld,%ld", &values[0], &values[1], &values[2]) == 3;
    *out = ok ? values[i] : 0;
    return ok;
}

// "; next in 628 allocations", "; next in 11 collections"
static void add_next(const struct overview *overview, int generation, struct text *out)
{
    double number;
    const char *section = generation ? generation_names[generation] : "gc";
    if (!info_number(overview, section, "next", &number) || number <= 0) {
        return;
    }
    text_add_string(out, "; next in ");
    view_overview_add_count(out, number, generation ? "collection" : "allocation",
                            generation ? "collections" : "allocations");
}

// "; counts 798 of 700; would free 569, 33.6 KiB; 34 runs freed 215"
static void add_collections(const struct overview *overview, int generation, struct text *out)
{
    const struct freed *freed = &overview->freed[generation];
    long count, threshold;
    if (freed->known) {
        text_add_string(out, freed->objects ? "; would free " : "; would free nothing");
    }
    if (freed->known && freed->objects) {
        text_add_count(out, freed->objects);
        text_add_string(out, ", ");
        text_add_size(out, freed->bytes);
    }
    if (info_triple(overview, "counts", generation, &count)
        && info_triple(overview, "thresholds", generation, &threshold) && threshold > 0) {
        text_add_format(out, "; count %ld of %ld", count, threshold);
        const struct cell *brake =
            generation == 2 && count > threshold ? info_cell(overview, "gc", "brake") : NULL;
        if (brake && brake->kind == CELL_TEXT)
            text_add_format(out, " (%.*s)", (int)strcspn(brake->s, ":"), brake->s);
    }
    add_next(overview, generation, out);
    double runs = info_sum(overview, generation_names[generation], "collections", NULL);
    if (runs > 0) {
        text_add_string(out, "; ");
        view_overview_add_count(out, runs, "run", "runs");
        text_add_string(out, " freed ");
        text_add_count(
            out, (uint64_t)info_sum(overview, generation_names[generation], "collected", NULL));
    }
}

static void view_overview_tell_generations(struct overview *overview, struct table *card)
{
    static const char *const lines[GENERATIONS] = { "objects -g 0", "objects -g 1", "objects -g 2",
                                                    "objects -g permanent" };
    static const char *const labels[GENERATIONS] = { "gen 0", "gen 1", "gen 2", "permanent" };
    double most = 0, objects[GENERATIONS];
    for (int i = 0; i < GENERATIONS; i++) {
        bool whole;
        objects[i] = info_sum(overview, generation_names[i], "objects", &whole);
        objects[i] = whole ? objects[i] : -1;
        most = objects[i] > most ? objects[i] : most;
    }
    struct text text = TEXT_INIT;
    for (int i = 0; i < GENERATIONS; i++) {
        text_clear(&text);
        if (objects[i] < 0) {
            text_add_string(&text, "not counted yet");
        } else {
            view_overview_add_count(&text, objects[i], "object", "objects");
        }
        if (overview->has_heap) {
            text_add_string(&text, ", ");
            text_add_size(&text, (uint64_t)info_sum(overview, generation_names[i], "bytes", NULL));
        }
        if (i < 3) {
            add_collections(overview, i, &text);
        }
        card_add(card, labels[i], STYLE_PLAIN, most > 0 && objects[i] > 0 ? objects[i] / most : 0,
                 lines[i], text_string(&text));
    }
    text_fini(&text);
}

static void tell_garbage(struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    const struct freed *full = &overview->freed[2];
    if (!full->known) {
        return;
    }
    bool some = full->objects > 0;
    if (some) {
        view_overview_add_count(&text, (double)full->objects, "object", "objects");
        text_add_string(&text, ", ");
        text_add_size(&text, full->bytes);
        text_add_string(&text, " for the next full collection");
        if (full->uncertain) {
            text_add_format(&text, "; %llu depend on finalizers",
                            (unsigned long long)full->uncertain);
        }
    }
    card_add(card, "garbage", some ? STYLE_BAD : STYLE_GOOD, -1, "types --garbage",
             some ? text_string(&text) : "none for the next full collection");
    text_fini(&text);
}

// --- memory -------------------------------------------------------------------------------------

struct share { // of the memory that is known
    const char *label, *next, *what;
    double objects, bytes;
};

static void tell_shares(struct table *card, const struct share *shares, size_t count)
{
    struct text text = TEXT_INIT;
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        most = shares[i].bytes > most ? shares[i].bytes : most;
    }
    for (size_t i = 0; i < count; i++) {
        text_clear(&text);
        text_add_size(&text, (uint64_t)shares[i].bytes);
        text_add_string(&text, shares[i].what);
        if (shares[i].objects >= 0) {
            text_add_string(&text, ": ");
            view_overview_add_count(&text, shares[i].objects, "object", "objects");
        }
        card_add(card, shares[i].label, STYLE_PLAIN, most > 0 ? shares[i].bytes / most : 0,
                 shares[i].next, text_string(&text));
    }
    text_fini(&text);
}

// Shows memory by owner: objects with and without the collector, and the rest of pymalloc.
static void tell_memory(struct overview *overview, struct table *card)
{
    double tracked = 0, all_bytes = 0, all_objects = 0, tracked_objects = 0, share;
    for (int i = 0; i < GENERATIONS; i++) {
        tracked += info_sum(overview, generation_names[i], "bytes", NULL);
        tracked_objects += info_sum(overview, generation_names[i], "objects", NULL);
    }
    info_number(overview, "heap", "bytes", &all_bytes);
    info_number(overview, "heap", "objects", &all_objects);
    double used = info_sum(overview, "coverage", "bytes_used", NULL),
           known = info_sum(overview, "coverage", "bytes_known", NULL);
    const struct share shares[] = {
        { "tracked", "types --by generation", ", objects that the collector tracks",
          tracked_objects, tracked },
        { "untracked", "objects --group generation:untracked", ", objects that it does not",
          all_objects - tracked_objects, all_bytes > tracked ? all_bytes - tracked : 0 },
        { "unknown", "info", " of pymalloc's used blocks are no known object", -1,
          used > known ? used - known : 0 },
        { "free", "info", " in pymalloc's free blocks", -1,
          info_sum(overview, "coverage", "bytes_free", NULL) },
    };
    tell_shares(card, shares, info_number(overview, "coverage", "share", &share) ? 4 : 2);
}

// Shows the process's total memory: the first line of `memory`.
static void tell_process(struct overview *overview, struct table *card)
{
    const struct report *report = &overview->info.report;
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cells = report->cells + row * report->column_count;
        if (cells[0].kind == CELL_TEXT && !strcmp(cells[0].s, "memory")
            && cells[2].kind == CELL_TEXT && cells[1].kind == CELL_TEXT
            && !strcmp(cells[1].s, "verdict"))
            card_add(card, "memory", STYLE_PLAIN, -1, "memory", cells[2].s);
    }
}

static void tell_evidence(struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    double number, guessed = 0;
    info_number(overview, "evidence", "guessed", &guessed);
    add_info(overview, "heap", "references", "", &text);
    add_info(overview, "heap", "types", " references, ", &text);
    add_info(overview, "evidence", "decoded", " types; decoded ", &text);
    add_info(overview, "evidence", "traversed", ", traversed ", &text);
    add_info(overview, "evidence", "guessed", ", guessed ", &text);
    add_info(overview, "evidence", "disputed", ", disputed ", &text);
    card_add(card, "evidence", guessed > 0 ? STYLE_WARN : STYLE_PLAIN, -1, "types",
             text_string(&text));
    if (info_number(overview, "coverage", "share", &number)) {
        card_format(card, "coverage", number < 0.9 ? STYLE_WARN : STYLE_PLAIN, number, "info",
                    "%.1f %% of pymalloc's used blocks are known objects", number * 100);
    }
    number = info_sum(overview, "target", "faults", NULL);
    if (number > 0) {
        text_clear(&text);
        view_overview_add_count(&text, number, "read", "reads");
        card_format(card, "faults", STYLE_WARN, -1, "info",
                    "%s failed: that memory is not in the target", text_string(&text));
    }
    text_fini(&text);
}

// missing: only the warning that the target is incomplete, which comes first; else only the others.
static void view_overview_tell_warnings(struct overview *overview, struct table *card, bool missing)
{
    const struct report *report = &overview->info.report;
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cells = report->cells + row * report->column_count;
        if (cells[0].kind == CELL_TEXT && !strcmp(cells[0].s, "warnings")
            && cells[2].kind == CELL_TEXT
            && (cells[1].kind == CELL_TEXT && !strcmp(cells[1].s, "incomplete")) == missing) {
            card_add(card, "warning", STYLE_WARN, -1, "info", cells[2].s);
        }
    }
}

static void tell_findings(struct overview *overview, struct table *card)
{
    for (size_t i = 0; i < overview->found; i++) {
        const struct found *found = &overview->findings[i];
        card_add(card, i ? "" : "findings", STYLE_WARN, -1, found->next, found->what);
    }
    if (overview->found == FINDINGS_SHOWN) {
        card_add(card, "", STYLE_DIM, -1, "findings", "F: all findings");
    }
}

static void rebuild(struct tui *tui, struct view *view)
{
    struct overview *overview = view->state;
    struct table *card = &view->table;
    card_begin(card, tui->session);
    view_overview_tell_warnings(overview, card, true);
    view_overview_tell_target(overview, card);
    view_overview_tell_collector(overview, card);
    view_overview_tell_generations(overview, card);
    if (overview->has_heap) {
        tell_garbage(overview, card);
        tell_findings(overview, card);
        tell_process(overview, card);
        tell_memory(overview, card);
        tell_evidence(overview, card);
    } else {
        card_add(card, "heap", STYLE_DIM, -1, "reload",
                 overview->step <= STEP_HEAP ? "its objects are being read; Esc stops"
                                             : "not read; Enter reads its objects");
    }
    view_overview_tell_warnings(overview, card, false);
    card_end(card);
}

// --- the view -----------------------------------------------------------------------------------

static void name_target(struct tui *tui, const struct overview *overview)
{
    const struct cell *path = info_cell(overview, "target", "path"),
                      *version = info_cell(overview, "python", "version");
    if (path && path->kind == CELL_TEXT) {
        const char *slash = strrchr(path->s, '/');
        snprintf(tui->target, sizeof tui->target, "%s", slash && slash[1] ? slash + 1 : path->s);
    } else {
        struct text text = TEXT_INIT;
        add_info(overview, "target", "pid", "process ", &text);
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
    overview->has_heap = info_cell(overview, "heap", "objects") != NULL;
    overview->step = overview->has_heap ? STEP_TYPES : STEP_FOUND;
    borrow(tui, overview);
    rebuild(tui, view);
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
    rebuild(tui, view);
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
