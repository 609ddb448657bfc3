// SPDX-License-Identifier: GPL-3.0-or-later
// `cycles`: rings of references, alike ones together, and where to break them.
#include <stdlib.h>

#include "cmd/session/select.h"
#include "heap/analysis/rings.h"
#include "heap/names/source_line.h"

static const struct column columns[] = {
    { COL(cycle), 5, COLUMN_RIGHT, "its number in this answer" },
    { COL(objects), 7, COLUMN_RIGHT, "objects on the rings of one copy" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_GOES(6), "their bytes" },
    { COL(copies), 6, COLUMN_RIGHT, "how many of this shape there are" },
    { COL(total), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR, "bytes of all copies" },
    { COL(finalizers), 10, COLUMN_RIGHT | COLUMN_GOES(5),
      "objects, in all copies, that a finalizer or a weak reference's callback may still "
      "resurrect" },
    { COL(object), 18, COLUMN_OBJECT | COLUMN_GOES(3), "one of its objects, on the ring" },
    { COL(ring), 30, 0, "a shortest cycle, as the names of its references" },
    { COL(steps), 30, COLUMN_JSON_ONLY,
      "the ring step by step: object, its type, edge, the slot that holds the reference, the next "
      "object, and whether the reference is one to cut" },
    { COL(cut), 16, 0, "the references to break; unknown if a program can remove none" },
    { COL(why), 16, COLUMN_GOES(1), "why these, and what would be freed at once without them" },
    { COL(source), 16, COLUMN_GOES(4),
      "where the code of the cut's holder is: a function's line, or a class by its first method" },
    { COL(shape), 16, COLUMN_WIDE | COLUMN_OURS | COLUMN_GOES(2),
      "its types; cycles of one shape have the same types and the same names of references" },
    COLUMN_ROW_END,
};

struct cycle {
    uint32_t component;
    uint64_t copies, total, finalizers;
};

static uint64_t uncertain(const struct session *session, const struct rings *rings,
                          uint32_t component)
{
    if (!session->has_garbage)
        return 0;
    const uint32_t *members = rings_members(rings, component);
    uint64_t count = 0;
    for (uint32_t i = 0; i < rings_size(rings, component); i++)
        count += collect_fate(&session->garbage, members[i]) > FATE_FREED;
    return count;
}

static const char *kept(struct report *report, struct text *text)
{
    return report_text(report, text_string(text), text->size);
}

// For garbage it is known what else can hold it: only other garbage.
static const char *cycles_why(const struct rings_cut *about, bool garbage)
{
    if (!garbage || !about->opens || !about->objects)
        return about->why;
    if (rings_cut_frees(about))
        return about->is_many ? "without them no cycle is left: refcounts free everything at once"
                              : "without it no cycle is left: refcounts free everything at once";
    return about->is_many
               ? "without them no cycle is left, but other garbage holds some of the objects"
               : "without it no cycle is left, but other garbage holds some of the objects";
}

static bool cmd_cycles_add_row(const struct session *session, bool live, struct rings *rings,
                               const struct cycle *cycle, struct report *report, struct err *err)
{
    struct text cut = TEXT_INIT, types = TEXT_INIT, source = TEXT_INIT;
    struct rings_cut about;
    struct ring_steps *ring = arena_alloc(&report->arena, sizeof *ring);
    bool ok = (ring || err_memory(err, "a ring"))
              && rings_draw(rings, cycle->component, &report->arena, ring, &cut, &about, err)
              && rings_types(rings, cycle->component, &types, err);
    if (ok) {
        bool known = about.from != NODE_NONE && source_of(rings->heap, about.from, &source);
        const struct cell cells[] = {
            cell_count(report->rows + 1),
            cell_count(rings_size(rings, cycle->component)),
            cell_bytes(rings_bytes(rings, cycle->component)),
            cell_count(cycle->copies),
            cell_bytes(cycle->total),
            cell_count(cycle->finalizers),
            cell_object(about.on_ring),
            cell_ring(ring),
            cell_steps(ring),
            cut.size ? cell_text(kept(report, &cut)) : cell_null(),
            cell_text(cycles_why(&about, session->has_garbage && !live)),
            known ? cell_text(kept(report, &source)) : cell_null(),
            cell_text(kept(report, &types)),
        };
        ok = report_row(report, cells, err);
    }
    text_fini(&cut);
    text_fini(&types);
    text_fini(&source);
    return ok;
}

static int by_total(const void *a, const void *b)
{
    const struct cycle *x = a, *y = b;
    if (x->total != y->total)
        return x->total < y->total ? 1 : -1;
    return (x->component > y->component) - (x->component < y->component);
}

// Lists one entry per shape, or per component.
static struct cycle *cmd_cycles_list(const struct session *session, const struct rings *rings,
                                     bool all, size_t *count)
{
    *count = all ? rings->found.count : rings->group_count;
    struct cycle *cycles = calloc(*count + 1, sizeof *cycles);
    for (uint32_t i = 0; cycles && i < rings->found.count; i++) {
        struct cycle *cycle = &cycles[all ? i : rings->group_of[i]];
        if (!cycle->copies++)
            cycle->component = i;
        cycle->total += rings_bytes(rings, i);
        cycle->finalizers += uncertain(session, rings, i);
    }
    if (cycles)
        qsort(cycles, *count, sizeof *cycles, by_total);
    return cycles;
}

static bool cmd_cycles_add_rows(const struct session *session, bool live, struct rings *rings,
                                bool all, struct report *report, struct err *err)
{
    size_t count;
    struct cycle *cycles = cmd_cycles_list(session, rings, all, &count);
    if (!cycles)
        return err_memory(err, "the list of cycles");
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        if (report_is_full(report)) { // another drawing would not be shown
            report->truncated = true;
            break;
        }
        ok = cmd_cycles_add_row(session, live, rings, &cycles[i], report, err);
    }
    free(cycles);
    return ok;
}

struct cmd_cycles_filter {
    const struct heap *heap;
    const struct collection *garbage; // null: all that is tracked
};

static bool takes(const void *context, node n)
{
    const struct cmd_cycles_filter *filter = context;
    return filter->garbage ? collect_is_unreachable(filter->garbage, n)
                           : filter->heap->flags[n] & NODE_TRACKED;
}

static bool cmd_cycles_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    bool live = args_has(args, "live");
    if (!live && !session_need(session, NEEDS_GARBAGE, err))
        return false;
    struct cmd_cycles_filter filter = { &session->heap, live ? NULL : &session->garbage };
    struct rings rings;
    if (!rings_find(&rings, &session->heap, takes, &filter, &session->options.progress, err))
        return false;
    report_summary(report, "components", cell_count(rings.found.count));
    report_summary(report, "shapes", cell_count(rings.group_count));
    report->empty = live ? "no reference cycles"
                         : "no reference cycles among garbage; --live looks at all tracked objects";
    bool ok = cmd_cycles_add_rows(session, live, &rings, args_has(args, "all"), report, err);
    rings_free(&rings);
    return ok;
}

static const struct option_row options[] = {
    { .name = "garbage",
      .kind = OPTION_FLAG,
      .help = "only what a full collection would find unreachable (the default)" },
    { .name = "live", .kind = OPTION_FLAG, .help = "look at all tracked objects" },
    { .name = "all", .kind = OPTION_FLAG, .help = "one row for every copy" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_cycles = {
    .name = "cycles",
    .usage = "[--garbage | --live] [--all] [-n N]",
    .summary = "reference cycles, by shape, and where to break them",
    .help = "Objects in reference cycles, among what a full collection would find unreachable. "
            "Those of one shape (the same types, held by references of the same names) share one "
            "row, the one with the most bytes in total first.\n"
            "\n"
            "`ring` is a shortest cycle through them, `cut` the references to break (by a weak "
            "reference, or by setting them to None when done): only ones that a program can "
            "remove, and just enough of them that no cycle is left. `why` says whether refcounts "
            "would then free everything at once: this was simulated on the counts.",
    .example = "cycles -n 5",
    .options = options,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .run = cmd_cycles_run,
};
