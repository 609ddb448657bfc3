// SPDX-License-Identifier: GPL-3.0-or-later
// `diff`: what has come and gone since another core of the same process, or how two runs differ.
#include <stdlib.h>
#include <string.h>

#include "cmd/session/compare.h"
#include "cmd/commands/diff_lines.h"
#include "cmd/commands/memory_base.h"
#include "cmd/commands/diff_trend.h"
#include "cmd/commands/diff_moments.h"
#include "cmd/session/select.h"
#include "graph/marks.h"
#include "heap/analysis/paths.h"

#define TYPE_COLUMNS(first, help)                                                                  \
    { COL(first), 24, COLUMN_WIDE, help },                                                         \
        { COL(before), 9, COLUMN_RIGHT, "objects in the earlier heap" },                           \
        { COL(after), 9, COLUMN_RIGHT, "objects that are there now" },                             \
        { COL(delta), 9, COLUMN_RIGHT | COLUMN_WHOLE, "the difference" },                          \
        { COL(bytes_delta), 11, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_WHOLE,                        \
          "the difference of their bytes" },                                                       \
    {                                                                                              \
        COL(new), 8, COLUMN_RIGHT | COLUMN_WHOLE,                                                  \
            "objects that were not there; unknown between two runs"                                \
    }
#define GONE_COLUMN                                                                                \
    {                                                                                              \
        COL(gone), 8, COLUMN_RIGHT | COLUMN_WHOLE | COLUMN_GOES(2),                                \
            "objects that are no longer there; likewise"                                           \
    }
#define OBJECT_COLUMN                                                                              \
    {                                                                                              \
        COL(object), 18, COLUMN_GOES(1), "a new one, or else the largest"                          \
    }

static const struct column type_columns[] = {
    TYPE_COLUMNS(type, "the type's name"),
    GONE_COLUMN,
    OBJECT_COLUMN,
    COLUMN_ROW_END,
};
static const struct column kept_columns[] = {
    TYPE_COLUMNS(type, "the type's name"),
    GONE_COLUMN,
    { COL(kept), 8, COLUMN_RIGHT, "created between BASE and the last LATER, and still there" },
    { COL(born), 16, 0,
      "of the objects that are there now: how many were there at BASE, were created between each "
      "moment and the next, and since the last" },
    OBJECT_COLUMN,
    COLUMN_ROW_END,
};
static const struct column module_columns[] = {
    TYPE_COLUMNS(module, "the types' module"),
    GONE_COLUMN,
    OBJECT_COLUMN,
    COLUMN_ROW_END,
};
static const struct column path_columns[] = {
    TYPE_COLUMNS(path, "the variable that holds them"),
    { COL(new_bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "of the new ones" },
    { COL(holder), 32, 0,
      "the object, present in the earlier heap, that holds most of the new ones" },
    { COL(held), 8, COLUMN_RIGHT, "how many of the new ones it holds" },
    { COL(object), 18, COLUMN_OBJECT | COLUMN_GOES(1),
      "that object; or else the first one held by the variable" },
    COLUMN_ROW_END,
};
static const struct column object_columns[] = {
    { COL(object), 18, COLUMN_OBJECT | COLUMN_GOES(1), "its address" },
    { COL(type), 20, 0, "its type's name" },
    { COL(gen), 9, 0, "its generation; unknown when the collector does not track it" },
    { COL(refcount), 9, COLUMN_RIGHT, "as stored; unknown when it is immortal" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "as sys.getsizeof counts" },
    { COL(reused), 6, 0, "whether another object was at its address before" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

enum cmd_diff_shape { BY_TYPE, BY_MODULE, BY_PATH, BY_LINE, BY_MEMORY, BY_OBJECT, BY_NOTHING };

// The form of the answer that --by and the options that select objects ask for.
static enum cmd_diff_shape shape_of(const struct args *args)
{
    static const char *const choosing[] = { "objects", "type", "generation", "garbage",
                                            "min-size" };
    const char *by = args_text(args, "by");
    if (by)
        return !strcmp(by, "type")     ? BY_TYPE
               : !strcmp(by, "module") ? BY_MODULE
               : !strcmp(by, "path")   ? BY_PATH
               : !strcmp(by, "line")   ? BY_LINE
               : !strcmp(by, "memory") ? BY_MEMORY
                                       : BY_NOTHING;
    for (size_t i = 0; i < sizeof choosing / sizeof *choosing; i++)
        if (args_has(args, choosing[i]))
            return BY_OBJECT;
    return BY_TYPE;
}

static enum trend_by trend_by_of(const struct args *args)
{
    if (args_has(args, "suspects"))
        return TREND_BY_SUSPECT;
    switch (shape_of(args)) {
    case BY_MODULE:
        return TREND_BY_MODULE;
    case BY_PATH:
        return TREND_BY_PATH;
    case BY_LINE:
        return TREND_BY_LINE;
    case BY_MEMORY:
        return TREND_BY_MEMORY;
    default:
        return TREND_BY_TYPE;
    }
}

static const struct column *choose(const struct args *args)
{
    if (args_has(args, "trend"))
        return trend_columns(trend_by_of(args));
    if (args_has(args, "suspects"))
        return moments_suspect_columns;
    if (args_has(args, "class"))
        return moments_path_columns;
    switch (shape_of(args)) {
    case BY_MODULE:
        return module_columns;
    case BY_PATH:
        return path_columns;
    case BY_LINE:
        return diff_line_columns;
    case BY_MEMORY:
        return memory_base_columns;
    case BY_OBJECT:
        return object_columns;
    default:
        return args->word_count > 1 ? kept_columns : type_columns;
    }
}

// --- by type and by module ----------------------------------------------------------------------

static struct cell cell_delta(uint64_t before, uint64_t after)
{
    return cell_int((int64_t)(after - before));
}

static bool is_changed(const struct diff_row *row)
{
    return row->fresh || row->gone || row->before != row->after
           || row->bytes_before != row->bytes_after;
}

// How many of each row's objects were created at which moment, when there are more than two.
struct cmd_diff_births {
    size_t moments;
    uint64_t *counts; // one per row and moment
};

static uint64_t cmd_diff_kept(const struct cmd_diff_births *births, size_t row)
{
    uint64_t kept = 0;
    for (size_t i = 1; i + 1 < births->moments; i++)
        kept += births->counts[row * births->moments + i];
    return kept;
}

static bool cmd_diff_add_group(const struct comparison *c, struct report *report,
                               const struct diff_row *row, struct cell name,
                               const struct cmd_diff_births *births, struct err *err)
{
    bool by_object = c->diff.same_process;
    struct cell cells[11] = {
        name,
        cell_count(row->before),
        cell_count(row->after),
        cell_delta(row->before, row->after),
        cell_delta(row->bytes_before, row->bytes_after),
        by_object ? cell_count(row->fresh) : cell_null(),
        by_object ? cell_count(row->gone) : cell_null(),
    };
    size_t count = 7;
    if (births) {
        size_t i = (size_t)(row - c->diff.rows);
        cells[count++] = cell_count(cmd_diff_kept(births, i));
        cells[count++] = cell_text(
            report_numbers(report, &births->counts[i * births->moments], births->moments));
    }
    cells[count] = cell_object(row->object);
    return report_row(report, cells, err);
}

// Counts births per row, and picks a representative object that is counted itself.
static bool cmd_diff_count_births(struct comparison *c, bool only_kept,
                                  struct cmd_diff_births *births, struct err *err)
{
    struct diff *diff = &c->diff;
    births->moments = c->moments;
    births->counts = calloc(diff->row_count * c->moments + 1, sizeof *births->counts);
    if (!births->counts)
        return err_memory(err, "what was kept");
    for (node n = 0; c->births && n < diff->after->count; n++) {
        struct diff_row *row = &diff->rows[diff->row_of[diff->after->type[n]]];
        births->counts[(size_t)(row - diff->rows) * c->moments + c->births[n]]++;
        if (only_kept && comparison_is_kept(c, n))
            row->object = n;
    }
    return true;
}

static bool add_types(struct comparison *c, const struct args *args, struct report *report,
                      struct err *err)
{
    struct cmd_diff_births births = { 0 };
    bool only_kept = args_has(args, "kept");
    bool ok = cmd_diff_count_births(c, only_kept, &births, err);
    for (size_t i = 0; ok && i < c->diff.row_count; i++) {
        struct diff_row *row = &c->diff.rows[i];
        if (only_kept)
            row->fresh = cmd_diff_kept(&births, i);
        const char *name = report_text(report, row->name, strlen(row->name));
        if (only_kept ? row->fresh > 0 : is_changed(row))
            ok = cmd_diff_add_group(c, report, row, cell_text(name), c->births ? &births : NULL,
                                    err);
    }
    free(births.counts);
    return ok;
}

static void cmd_diff_join(struct diff_row *sum, const struct diff_row *row)
{
    bool better = sum->object == NODE_NONE || (row->fresh && !sum->fresh);
    sum->object = better ? row->object : sum->object;
    sum->before += row->before;
    sum->after += row->after;
    sum->fresh += row->fresh;
    sum->gone += row->gone;
    sum->bytes_before += row->bytes_before;
    sum->bytes_after += row->bytes_after;
}

static bool join_modules(const struct comparison *c, struct names *names, struct diff_row *sums,
                         struct err *err)
{
    for (size_t i = 0; i < c->diff.row_count; i++) {
        const struct diff_row *row = &c->diff.rows[i];
        uint32_t index;
        const char *name;
        if (!names_intern(names, row->module ? row->name : "builtins",
                          row->module ? row->module : 8, &index, &name, err))
            return false;
        if (!sums[index].name)
            sums[index] = (struct diff_row){ .name = name, .object = NODE_NONE };
        cmd_diff_join(&sums[index], row);
    }
    return true;
}

static bool add_modules(const struct comparison *c, struct report *report, struct err *err)
{
    struct names names;
    names_init(&names);
    struct diff_row *sums = calloc(c->diff.row_count + 1, sizeof *sums);
    bool ok = (sums || err_memory(err, "the modules")) && join_modules(c, &names, sums, err);
    for (size_t i = 0; ok && i < names.count; i++)
        if (is_changed(&sums[i]))
            ok = cmd_diff_add_group(
                c, report, &sums[i],
                cell_text(report_text(report, sums[i].name, strlen(sums[i].name))), NULL, err);
    free(sums);
    names_fini(&names);
    return ok;
}

// --- objects ------------------------------------------------------------------------------------

static bool cmd_diff_add_objects(const struct session *session, const struct comparison *c,
                                 const struct selection *selection, struct report *report,
                                 struct err *err)
{
    const struct heap *heap = &session->heap;
    uint64_t bytes = 0;
    for (node n = 0; n < heap->node_count; n++) {
        if (!marks_has(c->fresh, n) || !selection_has(selection, n))
            continue;
        const struct cell cells[] = {
            cell_object(n),
            cell_type_of(n),
            selection_gen_cell(heap, n),
            selection_refcount_cell(heap, n),
            cell_bytes(heap_size(heap, n)),
            cell_bool(c->diff.verdict[n] == DIFF_REUSED),
            cell_preview(n),
        };
        bytes += heap_own(heap, n);
        if (!report_row(report, cells, err))
            return false;
    }
    report_summary(report, "bytes", cell_bytes(bytes));
    return true;
}

// --- by path ------------------------------------------------------------------------------------

struct growth { // of a named place
    uint64_t fresh, bytes, held;
    node holder;
};

struct growing {
    struct session *session;
    const struct comparison *comparison;
    const struct selection *selection;
    const struct forest *places;
    struct growth *growths; // by place
    node *holder;           // per object: the nearest old object above it that is no namespace
    uint32_t *held;         // per object: how many new objects have it as that holder
};

static bool counts_as_new(const struct growing *g, node n)
{
    const uint64_t *fresh = g->comparison->fresh;
    return fresh && marks_has(fresh, n) && selection_has(g->selection, n);
}

// In the order of the walk, so that a parent comes before its children.
static void find_holders(struct growing *g)
{
    const struct forest *places = g->places;
    for (uint32_t i = 0; g->comparison->fresh && i < places->reached; i++) {
        node n = places->order[i], parent = places->parent[n];
        bool is_old = parent != NODE_NONE && !marks_has(g->comparison->fresh, parent);
        bool is_space = parent == NODE_NONE || marks_has(places->spaces, parent);
        g->holder[n] = is_space ? NODE_NONE : is_old ? parent : g->holder[parent];
    }
}

static void cmd_diff_tally(struct growing *g)
{
    const struct heap *heap = &g->session->heap;
    for (node n = 0; n < heap->node_count; n++) {
        if (g->places->of[n] == NAMES_NONE || !counts_as_new(g, n))
            continue;
        struct growth *growth = &g->growths[g->places->of[n]];
        growth->fresh++;
        growth->bytes += heap_own(heap, n);
        if (g->holder[n] != NODE_NONE)
            g->held[g->holder[n]]++;
    }
    for (node n = 0; n < heap->node_count; n++) {
        struct growth *growth = g->held[n] ? &g->growths[g->places->of[n]] : NULL;
        if (!growth || g->held[n] <= growth->held)
            continue;
        growth->held = g->held[n];
        growth->holder = n;
    }
}

#define STEPS_MAX 200 // a longer path is not named

// The path to a holder, as Python source where that is possible.
static const char *cmd_diff_name_holder(const struct growing *g, node holder, struct report *report)
{
    struct heap_path path = { 0 };
    arena_init(&path.arena);
    for (node n = holder; n != NODE_NONE && path.count <= STEPS_MAX; n = g->places->parent[n])
        path.count++;
    path.steps = path.count <= STEPS_MAX ? calloc(path.count, sizeof *path.steps) : NULL;
    if (!path.steps) {
        heap_path_fini(&path);
        return NULL;
    }
    node at = holder;
    for (size_t i = path.count; i-- > 0; at = g->places->parent[at])
        path.steps[i].object = at;
    const char *name = NULL;
    if (heap_path_name(&path, &g->session->heap, &g->session->roots, NULL)
        && path.steps[path.count - 1].name)
        name = report_format(report, "%s", path.steps[path.count - 1].name);
    heap_path_fini(&path);
    return name;
}

static const struct named_place *former_place(const struct comparison *c, const char *name)
{
    const struct forest *before = c->before;
    uint32_t index = before ? names_get(&before->names, name, strlen(name)) : NAMES_NONE;
    return index == NAMES_NONE ? NULL : &before->items[index];
}

static bool cmd_diff_add_place(const struct growing *g, struct report *report, uint32_t i,
                               struct err *err)
{
    static const struct named_place none = { 0 };
    const struct comparison *c = g->comparison;
    const struct named_place *now = &g->places->items[i], *was = former_place(c, now->name);
    const struct growth *growth = &g->growths[i];
    bool by_object = c->diff.same_process, known = c->before != NULL;
    if (!was)
        was = &none;
    if (!growth->fresh && (!known || (was->objects == now->objects && was->bytes == now->bytes)))
        return true;
    const struct cell cells[] = {
        cell_text(now->name),
        known ? cell_count(was->objects) : cell_null(),
        cell_count(now->objects),
        known ? cell_delta(was->objects, now->objects) : cell_null(),
        known ? cell_delta(was->bytes, now->bytes) : cell_null(),
        by_object ? cell_count(growth->fresh) : cell_null(),
        by_object ? cell_bytes(growth->bytes) : cell_null(),
        growth->held ? cell_text(cmd_diff_name_holder(g, growth->holder, report)) : cell_null(),
        growth->held ? cell_count(growth->held) : cell_null(),
        cell_object(growth->held ? growth->holder : now->object),
    };
    return report_row(report, cells, err);
}

// Adds the places that are gone.
static bool add_lost(const struct growing *g, struct report *report, struct err *err)
{
    const struct forest *before = g->comparison->before;
    for (uint32_t i = 0; before && i < before->count; i++) {
        const struct named_place *was = &before->items[i];
        if (names_get(&g->places->names, was->name, strlen(was->name)) != NAMES_NONE)
            continue;
        bool by_object = g->comparison->diff.same_process;
        const struct cell cells[] = {
            cell_text(report_text(report, was->name, strlen(was->name))),
            cell_count(was->objects),
            cell_count(0),
            cell_delta(was->objects, 0),
            cell_delta(was->bytes, 0),
            by_object ? cell_count(0) : cell_null(),
            by_object ? cell_bytes(0) : cell_null(),
            cell_null(),
            cell_null(),
            cell_null(),
        };
        if (!report_row(report, cells, err))
            return false;
    }
    return true;
}

static bool cmd_diff_add_paths(struct session *session, const struct comparison *c,
                               const struct selection *selection, struct report *report,
                               struct err *err)
{
    struct growing g = { .session = session, .comparison = c, .selection = selection };
    if (!session_need(session, NEEDS_ROOTS, err) || !session_places(session, &g.places, err))
        return false;
    size_t count = (size_t)session->heap.node_count + 1;
    g.growths = calloc((size_t)g.places->count + 1, sizeof *g.growths);
    g.holder = malloc(count * sizeof *g.holder);
    g.held = calloc(count, sizeof *g.held);
    bool ok = (g.growths && g.holder && g.held) || err_memory(err, "where the new objects hang");
    if (ok) {
        memset(g.holder, 0xff, count * sizeof *g.holder);
        find_holders(&g);
        cmd_diff_tally(&g);
    }
    for (uint32_t i = 0; ok && i < g.places->count; i++)
        ok = cmd_diff_add_place(&g, report, i, err);
    ok = ok && add_lost(&g, report, err);
    free(g.growths);
    free(g.holder);
    free(g.held);
    return ok;
}

// --- all of it ----------------------------------------------------------------------------------

// Summarizes how much more memory the process has, C memory included; `--by memory` has the rows.
static void cmd_diff_summarize_memory(struct session *session, const struct comparison *c,
                                      struct report *report)
{
    struct err none = ERR_INIT;
    bool known = c->has_memory && session_knows_memory(session) && session_memory(session, &none)
                 && session->memory.residence.known;
    uint64_t now = known ? session->memory.total.resident : 0;
    report_summary(report, "resident_before", known ? cell_bytes(c->memory_before) : cell_null());
    report_summary(report, "resident_after", known ? cell_bytes(now) : cell_null());
    report_summary(report, "resident_delta",
                   known ? cell_int((int64_t)(now - c->memory_before)) : cell_null());
}

static void cmd_diff_summarize(const struct comparison *c, bool three, struct report *report)
{
    const struct diff *diff = &c->diff;
    bool by_object = diff->same_process;
    report_summary(report, "same_process", cell_bool(by_object));
    report_summary(report, "why",
                   cell_text(report_format(report, "%s%s", diff->why,
                                           diff->is_reversed ? "; BASE is the later one" : "")));
    report_summary(report, "before", cell_count(diff->before->count));
    report_summary(report, "after", cell_count(diff->after->count));
    report_summary_whole(report, "new", by_object ? cell_count(diff->fresh) : cell_null());
    report_summary_whole(report, "gone", by_object ? cell_count(diff->gone) : cell_null());
    report_summary(report, "reused", by_object ? cell_count(diff->reused) : cell_null());
    report_summary(report, "maybe", by_object ? cell_count(diff->maybe) : cell_null());
    report->sentence =
        report_format(report,
                      by_object ? "both are of one process (%s): objects are compared one by one"
                                : "not the same process (%s): types are compared by name",
                      diff->why);
    if (three)
        report_summary(report, "kept", cell_count(c->kept_count));
    report->empty = "nothing has changed";
}

static bool cmd_diff_add_rows(struct session *session, struct comparison *c,
                              const struct args *args, const struct selection *selection,
                              struct report *report, struct err *err)
{
    switch (shape_of(args)) {
    case BY_MODULE:
        return add_modules(c, report, err);
    case BY_PATH:
        return cmd_diff_add_paths(session, c, selection, report, err);
    case BY_LINE:
    case BY_OBJECT:
        if (!c->fresh)
            return err_set(err, ERR_UNSUPPORTED,
                           "objects can be told apart only within one process (%s)", c->diff.why);
        return shape_of(args) == BY_LINE ? diff_add_lines(session, c->fresh, report, err)
                                         : cmd_diff_add_objects(session, c, selection, report, err);
    default:
        return add_types(c, args, report, err);
    }
}

// Compares two heaps that may be of different runs, so that no object is compared.
static bool cmd_diff_run_moments(struct session *session, const struct args *args,
                                 struct report *report, struct err *err)
{
    static const char *const others[] = { "objects", "kept", "by", "runs" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (args_has(args, others[i]))
            return err_set(err, ERR_USAGE, "diff: --suspects and --class cannot be used with --%s",
                           others[i]);
    if (args->word_count != 1 || !strcmp(args->words[0], "-"))
        return err_set(err, ERR_USAGE,
                       "diff: --suspects and --class need one core to compare with");
    if (args_has(args, "class"))
        return moments_add_paths(session, args->words[0], args, report, err);
    return moments_add_suspects(session, args->words[0], report, err);
}

// Compares all memory of both processes, row by row.
static bool cmd_diff_run_memory(struct session *session, const struct args *args,
                                struct report *report, struct err *err)
{
    static const char *const others[] = { "objects", "kept",       "runs",    "type",
                                          "garbage", "generation", "min-size" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (args_has(args, others[i]))
            return err_set(err, ERR_USAGE, "diff: --by memory cannot be used with --%s", others[i]);
    if (args->word_count != 1 || !strcmp(args->words[0], "-"))
        return err_set(err, ERR_USAGE, "diff: --by memory needs one core to compare with");
    return memory_base_report(session, args->words[0], report, err);
}

static bool cmd_diff_run_trend(struct session *session, const struct args *args,
                               struct report *report, struct err *err)
{
    if (shape_of(args) == BY_NOTHING)
        return err_set(err, ERR_USAGE, "--by %s: it may be type, module, path, line or memory",
                       args_text(args, "by"));
    if (args_has(args, "suspects") && args_has(args, "by"))
        return err_set(err, ERR_USAGE, "diff: --suspects cannot be used with --by");
    return trend_run(session, args, trend_by_of(args), report, err);
}

static bool cmd_diff_run(struct session *session, const struct args *args, struct report *report,
                         struct err *err)
{
    if (args_has(args, "trend"))
        return cmd_diff_run_trend(session, args, report, err);
    if (args_has(args, "ceiling"))
        return err_set(err, ERR_USAGE, "diff: --ceiling needs --trend");
    const struct comparing how = {
        .base = args->word_count ? args->words[0] : NULL,
        .later = args->words + 1,
        .later_count = args->word_count ? args->word_count - 1 : 0,
        .only_kept = args_has(args, "kept"),
        .as_runs = args_has(args, "runs"),
        .with_places = shape_of(args) == BY_PATH,
    };
    if (args_has(args, "suspects") || args_has(args, "class"))
        return cmd_diff_run_moments(session, args, report, err);
    if (shape_of(args) == BY_NOTHING)
        return err_set(err, ERR_USAGE, "--by %s: it may be type, module, path, line or memory",
                       args_text(args, "by"));
    if (shape_of(args) == BY_MEMORY)
        return cmd_diff_run_memory(session, args, report, err);
    if (how.only_kept && shape_of(args) == BY_MODULE)
        return err_set(err, ERR_USAGE, "--kept works with types, objects and --by path");
    struct selection selection;
    struct comparison comparison;
    if (!selection_read(&selection, session, args, err))
        return false;
    bool ok = comparison_open(&comparison, session, &how, err);
    if (ok) {
        report->partial_base = comparison.diff.before->is_partial;
        ok = cmd_diff_add_rows(session, &comparison, args, &selection, report, err);
        cmd_diff_summarize(&comparison, how.later_count > 0, report);
        cmd_diff_summarize_memory(session, &comparison, report);
        comparison_close(&comparison);
    }
    selection_fini(&selection);
    return ok;
}

static const struct option_row options[] = {
    { .name = "objects", .kind = OPTION_FLAG, .help = "the new objects, one per row" },
    OPTION_ROW_KEPT,
    { .name = "trend",
      .kind = OPTION_FLAG,
      .help = "types (or rows by --by, or --suspects) over any number of moments, the earlier "
              "heaps in the order of time" },
    { .name = "ceiling",
      .value = "SIZE",
      .kind = OPTION_BYTES,
      .help = "--trend: when the process's memory will have grown to this size" },
    { .name = "by",
      .value = "WHAT",
      .kind = OPTION_TEXT,
      .choices = "type module path line memory",
      .help = "rows by type, module, path (the variable that holds the objects), line that "
              "allocated what is new, or memory: the rows of `memory`, C memory included" },
    { .name = "suspects",
      .kind = OPTION_FLAG,
      .help = "which suspects of `findings` are gone, new, or still there: whether a fix works" },
    { .name = "class",
      .value = "TYPE",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_TYPE,
      .help = "what held the objects of a type then, and what holds them now: paths by shape, as "
              "in `path --class`" },
    OPTION_ROW_TYPE,
    OPTION_ROW_GENERATION,
    OPTION_ROW_GARBAGE,
    OPTION_ROW_MIN_SIZE,
    { .name = "runs",
      .kind = OPTION_FLAG,
      .help = "compare as two runs, by names, even if it is one process" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_diff = {
    .name = "diff",
    .usage = "BASE [LATER...] [--trend] [--objects] [--kept] [--by WHAT] [-n N]",
    .summary = "what was added and removed since another core",
    .help =
        "The open heap is the newest, BASE an earlier core of the same process (or a heap that "
        "`save` wrote): `ouro NOW.core diff BASE.core`. In gdb, without BASE or with `-`: since "
        "the stop before the last `ouro rescan`. Rows are types that changed; `--objects` lists "
        "the new objects, and so do -t, -g, --garbage and --min-size, which select among them. "
        "`objects --new BASE` is the same for `objects`.\n"
        "\n"
        "Objects do not move: if both heaps are of one process, they are compared one by one, by "
        "address and type. `same_process` and `why` in the summary say whether they are. An "
        "address that was freed and reused counts as new and gone if that is certain (`reused`): "
        "its type has another name, an immutable value differs, or it is in a younger generation "
        "than anything that old could be. `maybe` counts the objects of which this is unknown: "
        "they are taken for the same. An object whose __class__ was assigned counts as another.\n"
        "\n"
        "With LATER there are three heaps or more, oldest first: BASE, LATER ..., the open one. "
        "`ouro THIRD.core diff FIRST.core SECOND.core --kept` shows what was created between FIRST "
        "and SECOND and is still there in THIRD: leaks rather than what just happened to be in "
        "use. `born` tells the ages of what is there: a leak keeps objects of every age.\n"
        "\n"
        "`--by path` adds up by the variable of a module, the attribute of a class or the local of "
        "a frame that objects are first reached from; `holder` is the object that was there before "
        "and holds most of the new ones. `retained` says how much it alone keeps alive.\n"
        "\n"
        "`--by memory` compares all of the process's memory, as `memory BASE` does: which row "
        "grew, and by how much, even if no object did.\n"
        "\n"
        "`--by line` needs tracemalloc to have been on: the lines that allocated what is new.\n"
        "\n"
        "`--suspects` compares what keeps much of either heap, by name, so that a core from before "
        "a fix and one from after it show whether the leak is gone. A suspect keeps 5 % of the "
        "heap or more: a `gone` one may still be there and keep less. `--class TYPE` compares the "
        "paths to all objects of a type, grouped by shape.\n"
        "\n"
        "`--trend` takes any number of earlier heaps, oldest first: `ouro LAST.heap diff A.heap "
        "B.heap C.heap --trend`. Each type has a verdict (grows at every step, saw-tooth, grew "
        "once ...), its objects at each moment as a line, and a rate by the times of the moments, "
        "which "
        "saved heaps and cores written by ouro record. "
        "`--by module`, `path`, `line` or `memory` and `--suspects` select other rows; the summary "
        "has the rate of the whole process, and with `--ceiling 2G` the seconds that are left.\n"
        "\n"
        "Two runs are compared by the names of types, modules and paths.",
    .example = "diff yesterday.core --by path -n 5",
    .options = options,
    .words_least = 0,
    .words_most = ARGS_MAX,
    .word_kind = COMPLETE_FILE,
    .columns = type_columns,
    .choose = choose,
    .sort = COL_bytes_delta,
    .needs = NEEDS_HEAP,
    .run = cmd_diff_run,
};
