// SPDX-License-Identifier: GPL-3.0-or-later
// `collect`: what gc.collect() would find unreachable, without running it.
#include <stdlib.h>
#include <string.h>

#include "cmd/commands/collect_stages.h"
#include "cmd/session/select.h"
#include "graph/marks.h"
#include "heap/analysis/explain.h"

static const struct column explain_columns[] = {
    { COL(step), 9, 0,
      "refcount, subtract, apart, gc_refs, outside, rescue, hangs, ring, finalizer, weakref, "
      "fate" },
    { COL(count), 6, COLUMN_RIGHT, "how the step changes the count, or what it comes to" },
    { COL(what), 40, COLUMN_WIDE, "the reference by its name, or the step in words" },
    { COL(object), 18, 0, "the object at the other end" },
    COLUMN_ROW_END,
};

static const struct column columns[] = {
    { COL(object), 18, COLUMN_OBJECT, "its address" },
    { COL(type), 20, 0, "its type's name" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "as sys.getsizeof counts" },
    { COL(gc_refs), 7, COLUMN_RIGHT | COLUMN_GOES(1),
      "its refcount less the references from other candidates" },
    { COL(reason), 30, 0, "what will become of it" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

// stage: marks of the objects asked for; null: all unreachable ones.
static bool cmd_collect_add_rows(const struct session *session, const struct collection *collection,
                                 const uint64_t *stage, struct report *report, struct err *err)
{
    for (node n = 0; n < session->heap.node_count; n++) {
        if (stage ? !marks_has(stage, n) : !collect_is_unreachable(collection, n))
            continue;
        const struct cell cells[] = {
            cell_object(n),
            cell_type_of(n),
            cell_bytes(heap_size(&session->heap, n)),
            cell_int(collect_gc_refs(collection, n)),
            cell_text(collect_reason(collect_fate(collection, n))),
            cell_preview(n),
        };
        if (!report_row(report, cells, err))
            return false;
    }
    return true;
}

static const char *collect_sentence(const struct collection *collection, struct report *report)
{
    int generation = collection->generation;
    if (!collection->runs)
        return report_format(report, "gc.collect(%d) would do nothing: a collection is running",
                             generation);
    if (!collection->returns_known)
        return report_format(report,
                             "what gc.collect(%d) would return is unknown: %llu of the objects %s "
                             "on finalizers or weak references' callbacks",
                             generation, (unsigned long long)collection->uncertain,
                             text_plural(collection->uncertain, "depends", "depend"));
    return report_format(report, "gc.collect(%d) would return %llu", generation,
                         (unsigned long long)collection->returns);
}

static void cmd_collect_summarize(const struct collection *collection, struct report *report)
{
    report_summary(report, "generation", cell_int(collection->generation));
    report_summary(report, "candidates", cell_count(collection->candidates));
    report_summary(report, "unreachable", cell_count(collection->unreachable));
    report_summary(report, "bytes", cell_bytes(collection->bytes));
    report_summary(report, "returns",
                   collection->returns_known && collection->runs ? cell_count(collection->returns)
                                                                 : cell_null());
    report_summary(report, "uncertain", cell_count(collection->uncertain));
    report_summary(report, "uncollectable", cell_count(collection->uncollectable));
    report_summary(report, "runs", cell_bool(collection->runs));
    report->sentence = collect_sentence(collection, report);
    report->empty = "a collection of this generation would find nothing to free";
}

static bool cmd_collect_explain(struct session *session, const struct collection *collection,
                                node n, struct report *report, struct err *err)
{
    const struct explain_sources sources = { &session->heap, &session->roots, collection,
                                             &session->options.progress };
    enum collect_fate fate = collect_fate(collection, n);
    struct explanation explanation = { 0 };
    bool ok = explain_object(&explanation, &sources, n, err);
    for (size_t i = 0; ok && i < explanation.count; i++) {
        const struct explain_step *step = &explanation.items[i];
        const struct cell cells[] = {
            cell_text(step->step),
            step->count == EXPLAIN_NO_COUNT ? cell_null()
            : step->is_rest                 ? cell_count((uint64_t)step->count)
                                            : cell_int(step->count),
            cell_text(report_text(report, step->what, strlen(step->what))),
            cell_object(step->object),
        };
        ok = report_row(report, cells, err);
    }
    explanation_fini(&explanation);
    report_summary(report, "generation", cell_int(collection->generation));
    report_summary(report, "candidate", cell_bool(fate != FATE_NONE));
    report_summary(report, "unreachable", cell_bool(fate >= FATE_FREED));
    report_summary(report, "uncertain", cell_bool(fate == FATE_UNCERTAIN));
    report_summary(report, "runs", cell_bool(collection->runs));
    return ok;
}

static bool cmd_collect_answer(struct session *session, const struct collection *collection,
                               const struct args *args, struct report *report, struct err *err)
{
    node n;
    if (args_has(args, "explain"))
        return session_object(session, args_text(args, "explain"), &n, err)
               && cmd_collect_explain(session, collection, n, report, err);
    cmd_collect_summarize(collection, report);
    if (args_has(args, "stages"))
        return stages_tell(session, collection, report, err);
    if (!args_has(args, "stage"))
        return cmd_collect_add_rows(session, collection, NULL, report, err);
    uint64_t *stage = stages_marks(session, collection, args_text(args, "stage"), err);
    report->empty = "no object is at this stage";
    bool ok = stage && cmd_collect_add_rows(session, collection, stage, report, err);
    free(stage);
    return ok;
}

static bool cmd_collect_run(struct session *session, const struct args *args, struct report *report,
                            struct err *err)
{
    int generation = (int)args_number(args, "generation", GEN_2);
    if (generation > GEN_2)
        return err_set(err, ERR_USAGE,
                       "collect: the permanent generation is never collected; use 0, 1 or 2");
    if (args_has(args, "explain") && !session_need(session, NEEDS_ROOTS, err))
        return false;
    int interpreter = -1;
    if (args_has(args, "interpreter")) {
        size_t index;
        if (!session_interpreter(session, args_number(args, "interpreter", 0), &index, err))
            return false;
        interpreter = (int)index;
    }
    if (generation == GEN_2 && interpreter < 0)
        return session_need(session, NEEDS_GARBAGE, err)
               && cmd_collect_answer(session, &session->garbage, args, report, err);
    struct collection collection = { 0 };
    bool ok = collect_run(&session->heap, generation, interpreter, &collection,
                          &session->options.progress, err)
              && cmd_collect_answer(session, &collection, args, report, err);
    collect_fini(&collection);
    return ok;
}

static const struct option_row options[] = {
    { .letter = 'g',
      .name = "generation",
      .value = "GEN",
      .kind = OPTION_GENERATION,
      .complete = COMPLETE_GENERATION,
      .help = "this generation and the younger ones: 0, 1 or 2 (all; unless given)" },
    { .name = "explain",
      .value = "OBJ",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_OBJECT,
      .help = "what happens to this object, step by step" },
    { .name = "stages",
      .kind = OPTION_FLAG,
      .help = "the whole run in stages: how many objects are at each, and what it would cost" },
    { .name = "stage",
      .value = "STAGE",
      .kind = OPTION_TEXT,
      .choices = STAGES_NAMES,
      .help = "the objects of one stage instead of the unreachable ones" },
    OPTION_ROW_INTERPRETER,
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

static const struct column *cmd_collect_choose(const struct args *args)
{
    return args_has(args, "explain")  ? explain_columns
           : args_has(args, "stages") ? stages_columns
                                      : columns;
}

const struct command cmd_collect = {
    .name = "collect",
    .usage = "[--stages | --stage STAGE | --explain OBJ] [-g GEN] [-n N]",
    .summary = "what gc.collect(GEN) would find unreachable",
    .help =
        "The collector's own algorithm of that version of Python, as a dry run: copy the refcounts "
        "of the generation and the younger ones, subtract the references between them, and see "
        "which objects nothing from outside holds. Nothing is executed, nothing is changed.\n"
        "\n"
        "The rows are what is unreachable before any finalizer runs. An object whose fate may "
        "still be changed by a finalizer (`__del__`) or a weak reference's callback is called "
        "uncertain; a `__del__` is followed if its instructions do nothing or only drop attributes "
        "of its own. The summary's `returns` is what gc.collect(GEN) would return, if that can be "
        "told; while a collection is running (`runs` is no) another one does nothing.\n"
        "\n"
        "With `--explain OBJ` the rows are the steps for one object: its `refcount`; minus one for "
        "each reference from a candidate (`subtract`); what is left (`gc_refs`), and which "
        "references these are (`outside`); for an object that others reach, the chain from one "
        "that is held (`rescue`); for garbage, the path from the `ring` that keeps it (`hangs`), "
        "the finalizers that run first, and the weak references that are cleared; and its `fate`.\n"
        "\n"
        "With `--stages` the rows are the steps for all objects: how many are candidates, how many "
        "references are subtracted, how many objects are held from outside, reached from those, or "
        "unreachable; whose finalizers run and which weak references are cleared; and `cost`, an "
        "estimate by rates measured elsewhere. For a full collection, `advice` says whether "
        "gc.freeze() or other thresholds would help, by how many collections there have been. "
        "`--stage NAME` lists the objects of one.\n"
        "\n"
        "Python 3.14.0 to 3.14.4 collect old objects incrementally: generation 1 is the old space "
        "that was visited, 2 the one that is waiting. There, `collect -g 1` is empty when the next "
        "step only marks; otherwise its rows are what will certainly be found, and the step may "
        "find more.",
    .example = "collect -g 0",
    .options = options,
    .columns = columns,
    .choose = cmd_collect_choose,
    .needs = NEEDS_HEAP,
    .run = cmd_collect_run,
};
