// SPDX-License-Identifier: GPL-3.0-or-later
// `types`: how many objects of each type, or other group, there are, how many bytes they take, and
// what they keep alive.
#include <stdlib.h>
#include <string.h>

#include "cmd/commands/types_native.h"
#include "heap/analysis/retain.h"
#include "cmd/session/select.h"
#include "heap/saved/saved_heap.h"

// One question: the objects of a selection, and each object's group.
struct cmd_types_sorting {
    struct session *session;
    struct selection selection;
    const struct groups *groups; // null: by type
    uint32_t count;              // of groups
    struct tally *tallies;
    uint64_t *retained; // null: not computed
};

static uint32_t cmd_types_group_of(const struct cmd_types_sorting *sorting, node n)
{
    return sorting->groups ? sorting->groups->of[n] : heap_type(&sorting->session->heap, n);
}

#define TALLY_COLUMNS                                                                              \
    { COL(count), 9, COLUMN_RIGHT, "its objects" },                                                \
        { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR,                                \
          "their bytes, as sys.getsizeof counts" },                                                \
        { COL(gen0), 8, COLUMN_RIGHT | COLUMN_GOES(5), "how many are in generation 0" },           \
        { COL(gen1), 8, COLUMN_RIGHT | COLUMN_GOES(4), "in generation 1" },                        \
        { COL(gen2), 8, COLUMN_RIGHT | COLUMN_GOES(6), "in generation 2" },                        \
        { COL(permanent), 9, COLUMN_RIGHT | COLUMN_GOES(3),                                        \
          "in the permanent generation, where gc.freeze() puts them" },                            \
        { COL(untracked), 9, COLUMN_RIGHT | COLUMN_GOES(2),                                        \
          "how many the collector does not track" },                                               \
        { COL(garbage), 8, COLUMN_RIGHT, "how many a full collection would find unreachable" },    \
        { COL(retained), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_WHOLE,                           \
          "the bytes that would be freed with all; unknown, but at least their own, until "        \
          "retained sizes have been worked out" },                                                 \
        { COL(object), 18, COLUMN_OBJECT | COLUMN_GOES(1), "one of them: the largest" },           \
        COLUMN_ROW_END

static const struct column columns[] = { { COL(type), 24, COLUMN_WIDE, "the type's name" },
                                         TALLY_COLUMNS };
static const struct column group_columns[] = { { COL(group), 24, COLUMN_WIDE, "the group's name" },
                                               TALLY_COLUMNS };

static struct cell name_cell(const struct cmd_types_sorting *sorting, struct report *report,
                             uint32_t group)
{
    if (!sorting->groups)
        return cell_type(group);
    const char *name = sorting->groups->names[group]; // freed, perhaps, before the rows are written
    return cell_text(report_text(report, name, strlen(name)));
}

static bool cmd_types_add_row(struct report *report, struct cell name, const struct tally *tally,
                              struct cell garbage, struct cell retained, struct cell object,
                              struct err *err)
{
    const struct cell cells[] = {
        name,
        cell_count(tally->count),
        cell_bytes(tally->bytes),
        cell_count(tally->gen[GEN_0]),
        cell_count(tally->gen[GEN_1]),
        cell_count(tally->gen[GEN_2]),
        cell_count(tally->gen[GEN_PERMANENT]),
        cell_count(tally->gen[GEN_NONE]),
        garbage,
        retained,
        object,
    };
    return report_row(report, cells, err);
}

static bool cmd_types_add_group(const struct cmd_types_sorting *sorting, struct report *report,
                                uint32_t group, struct err *err)
{
    const struct tally *tally = &sorting->tallies[group];
    struct cell retained =
        sorting->retained ? cell_bytes(sorting->retained[group]) : cell_least(tally->bytes);
    return cmd_types_add_row(report, name_cell(sorting, report, group), tally,
                             cell_count(tally->garbage), retained, cell_object(tally->largest_node),
                             err);
}

// Adds what the selected objects of each group retain.
static bool add_retained(struct cmd_types_sorting *sorting, struct err *err)
{
    size_t objects = sorting->session->heap.node_count;
    uint32_t *of = malloc((objects + 1) * sizeof *of);
    sorting->retained = calloc((size_t)sorting->count + 1, sizeof *sorting->retained);
    bool ok = (of && sorting->retained) || err_memory(err, "retained sizes");
    for (node n = 0; ok && n < objects; n++)
        of[n] = selection_has(&sorting->selection, n) ? cmd_types_group_of(sorting, n) : UINT32_MAX;
    const struct csr *children = ok ? session_dominated(sorting->session, err) : NULL;
    const struct retain_sources sources = {
        .heap = &sorting->session->heap,
        .dominate = &sorting->session->dominate,
        .children = children,
    };
    ok = children && retain_sum(&sources, of, sorting->count, sorting->retained, err);
    free(of);
    return ok;
}

static bool tally_all(struct cmd_types_sorting *sorting, struct err *err)
{
    const struct session *session = sorting->session;
    sorting->tallies = calloc((size_t)sorting->count + 1, sizeof *sorting->tallies);
    if (!sorting->tallies)
        return err_memory(err, "the table of types");
    for (node n = 0; n < session->heap.node_count; n++)
        if (selection_has(&sorting->selection, n))
            tally_node(&sorting->tallies[cmd_types_group_of(sorting, n)], &session->heap,
                       &session->garbage, n);
    return true;
}

static void add_sums(struct report *report, uint64_t objects, uint64_t bytes)
{
    report_summary(report, "objects", cell_count(objects));
    report_summary(report, "bytes", cell_bytes(bytes));
}

static bool cmd_types_add_rows(struct cmd_types_sorting *sorting, struct report *report,
                               struct err *err)
{
    uint64_t objects = 0, bytes = 0;
    for (uint32_t group = 0; group < sorting->count; group++) {
        const struct tally *tally = &sorting->tallies[group];
        objects += tally->count;
        bytes += tally->bytes;
        if (tally->count && !cmd_types_add_group(sorting, report, group, err))
            return false;
    }
    add_sums(report, objects, bytes);
    return true;
}

// The session keeps one grouping at a time: `--group` and `--by` must ask for the same one.
static bool read_grouping(struct cmd_types_sorting *sorting, const struct args *args,
                          struct err *err)
{
    const char *by = args_text(args, "by");
    const struct groups *narrowed = sorting->selection.groups;
    sorting->count = heap_type_count(&sorting->session->heap);
    if (!by || !strcmp(by, "type"))
        return true;
    if (narrowed && strcmp(by, group_word(narrowed->by)))
        return err_set(err, ERR_USAGE, "--by %s and --group %s: one grouping at a time", by,
                       args_text(args, "group"));
    sorting->groups = session_groups(sorting->session, by, err);
    sorting->count = sorting->groups ? sorting->groups->count : 0;
    return sorting->groups != NULL;
}

static bool run_selected(struct cmd_types_sorting *sorting, const struct args *args,
                         struct report *report, struct err *err)
{
    struct session *session = sorting->session;
    if (!read_grouping(sorting, args, err)
        || (args_has(args, "retained") && !session_need(session, NEEDS_DOMINATORS, err)))
        return false;
    if (sorting->groups)
        report_columns(report, "types", group_columns);
    return tally_all(sorting, err) && (!session->has_dominators || add_retained(sorting, err))
           && cmd_types_add_rows(sorting, report, err);
}

// --- before the references are known

static bool run_quick(struct session *session, struct report *report, struct err *err)
{
    const struct tallies *tallies = session_tallies(session);
    uint64_t objects = 0, bytes = 0;
    for (uint32_t type = 0; type < tallies->count; type++) {
        const struct tally *tally = &tallies->rows[type];
        objects += tally->count;
        bytes += tally->bytes;
        if (tally->count // whether they are garbage is known only with the references
            && !cmd_types_add_row(report, cell_type(type), tally,
                                  tallies->garbage_known ? cell_count(tally->garbage) : cell_null(),
                                  cell_least(tally->bytes), cell_addr(tally->largest), err))
            return false;
    }
    add_sums(report, objects, bytes);
    if (!tallies->garbage_known)
        report_summary(report, "quick", cell_bool(true));
    return true;
}

// ---

// The first option that leaves objects out, or groups other than by type; or null.
static const char *cmd_types_narrowed_by(const struct args *args)
{
    static const char *const others[] = { "by",       "type",  "generation",  "garbage",
                                          "min-size", "group", "interpreter", "retained" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (args_has(args, others[i]))
            return others[i];
    return NULL;
}

// Whether objects have been counted already: when they were found, or when the heap was saved.
static bool cmd_types_counted(struct session *session, const struct args *args, bool quick,
                              struct err *err)
{
    const char *narrowed = cmd_types_narrowed_by(args);
    if (quick && narrowed)
        return err_set(err, ERR_USAGE, "types: --quick counts all objects: without --%s", narrowed);
    bool ask = quick || (session->has_store && !narrowed && !args_has(args, "native"));
    return !ask || session_need(session, NEEDS_FOUND, err);
}

static bool cmd_types_run(struct session *session, const struct args *args, struct report *report,
                          struct err *err)
{
    bool quick = args_has(args, "quick");
    if (!cmd_types_counted(session, args, quick, err))
        return false;
    // Once the heap has been read, the full answer costs no more.
    if (!session->has_heap && (quick || (session->has_tallies && !cmd_types_narrowed_by(args))))
        return run_quick(session, report, err);
    if (args_has(args, "native"))
        return native_types_report(session, report, err);
    if (!session_need(session, NEEDS_GARBAGE, err))
        return false;
    struct cmd_types_sorting sorting = { .session = session };
    if (!selection_read(&sorting.selection, session, args, err))
        return false;
    bool ok = run_selected(&sorting, args, report, err);
    report->empty = "no object matches; fewer options show more";
    free(sorting.tallies);
    free(sorting.retained);
    selection_fini(&sorting.selection);
    return ok;
}

static const struct column *cmd_types_choose(const struct args *args)
{
    const char *by = args_text(args, "by");
    return args_has(args, "native")   ? native_types_columns
           : by && strcmp(by, "type") ? group_columns
                                      : columns;
}

static const struct option_row options[] = {
    { .name = "by",
      .value = "WHAT",
      .kind = OPTION_TEXT,
      .choices = "type module package generation owner referrer edge path line",
      .help = "groups: type, module, package, generation, owner, referrer, edge, path or line" },
    OPTION_ROW_TYPE,
    OPTION_ROW_GENERATION,
    OPTION_ROW_GARBAGE,
    OPTION_ROW_MIN_SIZE,
    OPTION_ROW_GROUP,
    OPTION_ROW_INTERPRETER,
    { .name = "quick",
      .kind = OPTION_FLAG,
      .help = "before the references are read, and without garbage: in half the time" },
    { .name = "retained",
      .kind = OPTION_FLAG,
      .help = "work out what each group keeps alive, if this was not done before" },
    { .name = "native",
      .kind = OPTION_FLAG,
      .help = "instead: the C memory that the objects of each type lead to" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_types = {
    .name = "types",
    .usage = "[--by WHAT] [-t TYPE] [-g GEN] [--garbage] [--retained] [--native] [--quick] [-n N]",
    .summary =
        "objects and bytes by type, module, package, generation, owner, referrer, edge or path",
    .help =
        "One row per type, the one with the most bytes first. Every object that the collector "
        "tracks is counted, and every one that can be reached from there; with pymalloc's own "
        "lists at hand, objects that only C code holds are, too.\n"
        "\n"
        "`types --garbage` counts only what a full collection would find unreachable, `types -g 2` "
        "only what is in the oldest generation.\n"
        "\n"
        "`--by` groups the same objects differently, each object into one group; the first column "
        "is then `group`. `module`: where the object's type was defined. `package`: the same up to "
        "the first dot. `generation`: 0, 1, 2, permanent, untracked. `owner`: the class whose "
        "instance has the object as an attribute (in its __dict__ or its slots), or in a plain "
        "container that is one. `edge`: the reference that does, `app.User.name`; [] stands for "
        "the items of a container. `referrer`: the types of all objects that refer to it. What "
        "several objects hold counts for the nearest owner (the first in address order); "
        "functions, frames and the like own only what nothing else does. `line`: the line of the "
        "program that allocated it, if tracemalloc was on. `path`: the variable of a module, the "
        "attribute of a class or the local that it is first reached from, as in `diff --by path`. "
        "`objects --group owner:app.User` lists the objects of a group.\n"
        "\n"
        "`retained` is what would be freed with all objects of the row. It takes dominators "
        "(`--retained`); until then it says \">=\" and their own bytes, and null in JSON.\n"
        "\n"
        "`--quick` counts the objects as soon as they are found, before their references are kept: "
        "the counts, bytes and generations are the same, `garbage` is unknown. Once a heap has "
        "been read it changes nothing.",
    .example = "types --garbage -n 10",
    .options = options,
    .columns = columns,
    .choose = cmd_types_choose,
    .sort = COL_bytes,
    .needs = NEEDS_PYTHON,
    .run = cmd_types_run,
};
