// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of the first view: see overview_card.h.
#include "tui/overview_card.h"

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "tui/card.h"

enum { GENERATIONS = 4 };

static const char *const generation_names[GENERATIONS] = { "generation 0", "generation 1",
                                                           "generation 2", "generation permanent" };

// --- reading info -------------------------------------------------------------------------------

const struct cell *overview_card_cell(const struct overview *overview, const char *section,
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

static bool overview_card_info_number(const struct overview *overview, const char *section,
                                      const char *name, double *out)
{
    const struct cell *cell = overview_card_cell(overview, section, name);
    return cell && filter_number(cell, out);
}

// The sum over all interpreters: "generation 0", "generation 0 of interpreter 1" ... *whole, if not
// null: no value is unknown.
static double overview_card_info_sum(const struct overview *overview, const char *section,
                                     const char *name, bool *whole)
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

void overview_card_add_info(const struct overview *overview, const char *section, const char *name,
                            const char *before, struct text *out)
{
    const struct cell *cell = overview_card_cell(overview, section, name);
    if (cell && cell->kind != CELL_NULL) {
        text_add_string(out, before);
        static const struct column human = { COL(value), 0, COLUMN_HUMAN, NULL };
        bool bytes = cell->kind == CELL_BYTES; // a process's number is none
        report_cell_text(&overview->info.report, cell, bytes ? &human : NULL, 120, out);
    }
}

static void overview_card_add_count(struct text *out, double count, const char *one,
                                    const char *many)
{
    text_add_count(out, (uint64_t)count);
    text_add_format(out, " %s", text_plural((uint64_t)count, one, many));
}

// --- lines --------------------------------------------------------------------------------------

static void overview_card_tell_target(const struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    overview_card_add_info(overview, "target", "kind", "", &text);
    bool held = !strcmp(text_string(&text), "process"); // not a copy of one
    overview_card_add_info(overview, "target", "pid", held ? " " : " of process ", &text);
    text_add_string(&text, held ? ", held still" : "");
    overview_card_add_info(overview, "target", "signal", ", signal ", &text);
    overview_card_add_info(overview, "target", "command", ": ", &text);
    overview_card_add_info(overview, "target", "path", "; ", &text);
    card_add(card, "target", STYLE_PLAIN, -1, "info", text_string(&text));
    text_clear(&text);
    overview_card_add_info(overview, "python", "version", "", &text);
    double number;
    if (overview_card_info_number(overview, "python", "free_threaded", &number) && number) {
        text_add_string(&text, ", free-threaded");
    }
    if (overview_card_info_number(overview, "python", "debug", &number) && number) {
        text_add_string(&text, ", debug build");
    }
    if (overview_card_info_number(overview, "heap", "interpreters", &number)) {
        text_add_string(&text, ", ");
        overview_card_add_count(&text, number, "interpreter", "interpreters");
    }
    if (overview_card_info_number(overview, "heap", "threads", &number)) {
        text_add_string(&text, ", ");
        overview_card_add_count(&text, number, "thread", "threads");
    }
    overview_card_add_info(overview, "python", "implementation_layout_source", ", layout from ",
                           &text);
    card_add(card, "python", STYLE_PLAIN, -1, command_find("threads") ? "threads" : "info",
             text_string(&text));
    text_fini(&text);
}

static void overview_card_add_flags(unsigned flags, struct text *out)
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

static void overview_card_tell_collector(const struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    double number;
    const char *label = "collector";
    if (overview_card_info_number(overview, "gc", "enabled", &number) && !number) {
        card_add(card, label, STYLE_BAD, -1, "info",
                 "disabled: dead cycles stay until somebody calls gc.collect()");
        label = "";
    }
    if (overview_card_info_number(overview, "gc", "collecting", &number) && number) {
        card_add(card, label, STYLE_WARN, -1, "info", "a collection was running at this moment");
        label = "";
    }
    if (overview_card_info_number(overview, "gc", "debug", &number) && number) {
        overview_card_add_flags((unsigned)number, &text);
        card_format(card, label, STYLE_WARN, -1, "info", "debug flags are set: %s%s",
                    text_string(&text),
                    (unsigned)number & 32 ? " (all garbage is kept in gc.garbage)" : "");
        label = "";
    }
    if (overview_card_info_number(overview, "gc", "garbage", &number) && number) {
        text_clear(&text);
        overview_card_add_count(&text, number, "object", "objects");
        card_format(card, label, STYLE_WARN, -1, "object gc.garbage",
                    "gc.garbage holds %s: found dead, and kept", text_string(&text));
        label = "";
    }
    number = overview_card_info_sum(overview, "gc", "frozen", NULL);
    if (number > 0) {
        text_clear(&text);
        overview_card_add_count(&text, number, "object is", "objects are");
        card_format(card, label, STYLE_WARN, -1, "objects -g permanent",
                    "%s frozen (gc.freeze): never collected", text_string(&text));
        label = "";
    }
    text_clear(&text);
    overview_card_add_info(overview, "gc", "thresholds",
                           *label ? "enabled, thresholds " : "thresholds ", &text);
    overview_card_add_info(overview, "gc", "counts", ", counts ", &text);
    if (overview_card_info_number(overview, "gc", "callbacks", &number) && number) {
        overview_card_add_info(overview, "gc", "callbacks", ", callbacks ", &text);
    }
    if (text.size) {
        card_add(card, label, STYLE_DIM, -1, "info", text_string(&text));
    }
    text_fini(&text);
}

// Number i of "700,10,10".
static bool overview_card_info_triple(const struct overview *overview, const char *name, int i,
                                      long *out)
{
    long values[3];
    const struct cell *cell = overview_card_cell(overview, "gc", name);
    bool ok = cell && cell->kind == CELL_TEXT
              && sscanf(cell->s, "%ld,%ld,%ld", &values[0], &values[1], &values[2]) == 3;
    *out = ok ? values[i] : 0;
    return ok;
}

// "; next in 628 allocations", "; next in 11 collections"
static void overview_card_add_next(const struct overview *overview, int generation,
                                   struct text *out)
{
    double number;
    const char *section = generation ? generation_names[generation] : "gc";
    if (!overview_card_info_number(overview, section, "next", &number) || number <= 0) {
        return;
    }
    text_add_string(out, "; next in ");
    overview_card_add_count(out, number, generation ? "collection" : "allocation",
                            generation ? "collections" : "allocations");
}

// "; counts 798 of 700; would free 569, 33.6 KiB; 34 runs freed 215"
static void overview_card_add_collections(const struct overview *overview, int generation,
                                          struct text *out)
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
    if (overview_card_info_triple(overview, "counts", generation, &count)
        && overview_card_info_triple(overview, "thresholds", generation, &threshold)
        && threshold > 0) {
        text_add_format(out, "; count %ld of %ld", count, threshold);
        const struct cell *brake = generation == 2 && count > threshold
                                       ? overview_card_cell(overview, "gc", "brake")
                                       : NULL;
        if (brake && brake->kind == CELL_TEXT)
            text_add_format(out, " (%.*s)", (int)strcspn(brake->s, ":"), brake->s);
    }
    overview_card_add_next(overview, generation, out);
    double runs =
        overview_card_info_sum(overview, generation_names[generation], "collections", NULL);
    if (runs > 0) {
        text_add_string(out, "; ");
        overview_card_add_count(out, runs, "run", "runs");
        text_add_string(out, " freed ");
        text_add_count(out, (uint64_t)overview_card_info_sum(overview, generation_names[generation],
                                                             "collected", NULL));
    }
}

static void overview_card_tell_generations(const struct overview *overview, struct table *card)
{
    static const char *const lines[GENERATIONS] = { "objects -g 0", "objects -g 1", "objects -g 2",
                                                    "objects -g permanent" };
    static const char *const labels[GENERATIONS] = { "gen 0", "gen 1", "gen 2", "permanent" };
    double most = 0, objects[GENERATIONS];
    for (int i = 0; i < GENERATIONS; i++) {
        bool whole;
        objects[i] = overview_card_info_sum(overview, generation_names[i], "objects", &whole);
        objects[i] = whole ? objects[i] : -1;
        most = objects[i] > most ? objects[i] : most;
    }
    struct text text = TEXT_INIT;
    for (int i = 0; i < GENERATIONS; i++) {
        text_clear(&text);
        if (objects[i] < 0) {
            text_add_string(&text, "not counted yet");
        } else {
            overview_card_add_count(&text, objects[i], "object", "objects");
        }
        if (overview->has_heap) {
            text_add_string(&text, ", ");
            text_add_size(&text, (uint64_t)overview_card_info_sum(overview, generation_names[i],
                                                                  "bytes", NULL));
        }
        if (i < 3) {
            overview_card_add_collections(overview, i, &text);
        }
        card_add(card, labels[i], STYLE_PLAIN, most > 0 && objects[i] > 0 ? objects[i] / most : 0,
                 lines[i], text_string(&text));
    }
    text_fini(&text);
}

static void overview_card_tell_garbage(const struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    const struct freed *full = &overview->freed[2];
    if (!full->known) {
        return;
    }
    bool some = full->objects > 0;
    if (some) {
        overview_card_add_count(&text, (double)full->objects, "object", "objects");
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

static void overview_card_tell_shares(struct table *card, const struct share *shares, size_t count)
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
            overview_card_add_count(&text, shares[i].objects, "object", "objects");
        }
        card_add(card, shares[i].label, STYLE_PLAIN, most > 0 ? shares[i].bytes / most : 0,
                 shares[i].next, text_string(&text));
    }
    text_fini(&text);
}

// Shows memory by owner: objects with and without the collector, and the rest of pymalloc.
static void overview_card_tell_memory(const struct overview *overview, struct table *card)
{
    double tracked = 0, all_bytes = 0, all_objects = 0, tracked_objects = 0, share;
    for (int i = 0; i < GENERATIONS; i++) {
        tracked += overview_card_info_sum(overview, generation_names[i], "bytes", NULL);
        tracked_objects += overview_card_info_sum(overview, generation_names[i], "objects", NULL);
    }
    overview_card_info_number(overview, "heap", "bytes", &all_bytes);
    overview_card_info_number(overview, "heap", "objects", &all_objects);
    double used = overview_card_info_sum(overview, "coverage", "bytes_used", NULL),
           known = overview_card_info_sum(overview, "coverage", "bytes_known", NULL);
    const struct share shares[] = {
        { "tracked", "types --by generation", ", objects that the collector tracks",
          tracked_objects, tracked },
        { "untracked", "objects --group generation:untracked", ", objects that it does not",
          all_objects - tracked_objects, all_bytes > tracked ? all_bytes - tracked : 0 },
        { "unknown", "info", " of pymalloc's used blocks are no known object", -1,
          used > known ? used - known : 0 },
        { "free", "info", " in pymalloc's free blocks", -1,
          overview_card_info_sum(overview, "coverage", "bytes_free", NULL) },
    };
    overview_card_tell_shares(
        card, shares, overview_card_info_number(overview, "coverage", "share", &share) ? 4 : 2);
}

// Shows the process's total memory: the first line of `memory`.
static void overview_card_tell_process(const struct overview *overview, struct table *card)
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

static void overview_card_tell_evidence(const struct overview *overview, struct table *card)
{
    struct text text = TEXT_INIT;
    double number, guessed = 0;
    overview_card_info_number(overview, "evidence", "guessed", &guessed);
    overview_card_add_info(overview, "heap", "references", "", &text);
    overview_card_add_info(overview, "heap", "types", " references, ", &text);
    overview_card_add_info(overview, "evidence", "decoded", " types; decoded ", &text);
    overview_card_add_info(overview, "evidence", "traversed", ", traversed ", &text);
    overview_card_add_info(overview, "evidence", "guessed", ", guessed ", &text);
    overview_card_add_info(overview, "evidence", "disputed", ", disputed ", &text);
    card_add(card, "evidence", guessed > 0 ? STYLE_WARN : STYLE_PLAIN, -1, "types",
             text_string(&text));
    if (overview_card_info_number(overview, "coverage", "share", &number)) {
        card_format(card, "coverage", number < 0.9 ? STYLE_WARN : STYLE_PLAIN, number, "info",
                    "%.1f %% of pymalloc's used blocks are known objects", number * 100);
    }
    number = overview_card_info_sum(overview, "target", "faults", NULL);
    if (number > 0) {
        text_clear(&text);
        overview_card_add_count(&text, number, "read", "reads");
        card_format(card, "faults", STYLE_WARN, -1, "info",
                    "%s failed: that memory is not in the target", text_string(&text));
    }
    text_fini(&text);
}

// missing: only the warning that the target is incomplete, which comes first; else only the others.
static void overview_card_tell_warnings(const struct overview *overview, struct table *card,
                                        bool missing)
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

static void overview_card_tell_findings(const struct overview *overview, struct table *card)
{
    for (size_t i = 0; i < overview->found; i++) {
        const struct found *found = &overview->findings[i];
        card_add(card, i ? "" : "findings", STYLE_WARN, -1, found->next, found->what);
    }
    if (overview->found == FINDINGS_SHOWN) {
        card_add(card, "", STYLE_DIM, -1, "findings", "F: all findings");
    }
}

void overview_card_fill(const struct overview *overview, struct table *card)
{
    overview_card_tell_warnings(overview, card, true);
    overview_card_tell_target(overview, card);
    overview_card_tell_collector(overview, card);
    overview_card_tell_generations(overview, card);
    if (overview->has_heap) {
        overview_card_tell_garbage(overview, card);
        overview_card_tell_findings(overview, card);
        overview_card_tell_process(overview, card);
        overview_card_tell_memory(overview, card);
        overview_card_tell_evidence(overview, card);
    } else {
        card_add(card, "heap", STYLE_DIM, -1, "reload",
                 overview->step <= STEP_HEAP ? "its objects are being read; Esc stops"
                                             : "not read; Enter reads its objects");
    }
    overview_card_tell_warnings(overview, card, false);
}
