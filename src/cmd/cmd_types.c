// SPDX-License-Identifier: GPL-3.0-or-later
// `types`: how many objects of each type there are, and how many bytes they take.
#include <stdlib.h>

#include "cmd/select.h"

struct tally {
    uint64_t count, bytes, garbage;
    uint64_t gen[GEN_NONE + 1];
    uint64_t largest_size;
    node largest;
};

static void tally_object(struct tally *tally, const struct session *session, node n)
{
    uint64_t size = heap_size(&session->heap, n);
    unsigned gen = session->heap.gen[n];
    tally->bytes += size;
    tally->gen[gen < GEN_NONE ? gen : GEN_NONE]++;
    tally->garbage += collect_is_unreachable(&session->garbage, n);
    if (!tally->count++ || size > tally->largest_size) {
        tally->largest_size = size;
        tally->largest = n;
    }
}

static const struct column columns[] = {
    { "type", 24, COLUMN_WIDE, "the type's name" },
    { "count", 9, COLUMN_RIGHT, "its objects" },
    { "bytes", 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR,
      "their bytes, as sys.getsizeof counts" },
    { "gen0", 8, COLUMN_RIGHT, "how many are in generation 0" },
    { "gen1", 8, COLUMN_RIGHT, "in generation 1" },
    { "gen2", 8, COLUMN_RIGHT, "in generation 2" },
    { "permanent", 9, COLUMN_RIGHT, "in the permanent generation, where gc.freeze() puts them" },
    { "untracked", 9, COLUMN_RIGHT, "how many the collector does not track" },
    { "garbage", 8, COLUMN_RIGHT, "how many a full collection would find unreachable" },
    { "object", 18, 0, "one of them: the largest" },
    COLUMN_ROW_END,
};

static bool add_row(struct report *report, uint32_t type, const struct tally *tally,
                    struct err *err)
{
    const struct cell cells[] = {
        cell_type(type),
        cell_count(tally->count),
        cell_bytes(tally->bytes),
        cell_count(tally->gen[GEN_0]),
        cell_count(tally->gen[GEN_1]),
        cell_count(tally->gen[GEN_2]),
        cell_count(tally->gen[GEN_PERMANENT]),
        cell_count(tally->gen[GEN_NONE]),
        cell_count(tally->garbage),
        cell_object(tally->largest),
    };
    return report_row(report, cells, err);
}

static bool run(struct session *session, const struct args *args, struct report *report,
                struct err *err)
{
    const struct heap *heap = &session->heap;
    struct selection selection;
    if (!selection_read(&selection, session, args, err))
        return false;
    uint32_t type_count = heap_type_count(heap);
    struct tally *tallies = calloc((size_t)type_count + 1, sizeof *tallies);
    if (!tallies) {
        selection_fini(&selection);
        return err_memory(err, "the table of types");
    }
    uint64_t objects = 0, bytes = 0;
    for (node n = 0; n < heap->node_count; n++)
        if (selection_has(&selection, n))
            tally_object(&tallies[heap_type(heap, n)], session, n);
    bool ok = true;
    for (uint32_t type = 0; ok && type < type_count; type++) {
        objects += tallies[type].count;
        bytes += tallies[type].bytes;
        if (tallies[type].count)
            ok = add_row(report, type, &tallies[type], err);
    }
    report_summary(report, "objects", cell_count(objects));
    report_summary(report, "bytes", cell_bytes(bytes));
    report->empty = "no object fits; fewer options show more";
    free(tallies);
    selection_fini(&selection);
    return ok;
}

static const struct option_row options[] = {
    OPTION_ROW_TYPE,        OPTION_ROW_GENERATION, OPTION_ROW_GARBAGE, OPTION_ROW_MIN_SIZE,
    OPTION_ROW_INTERPRETER, OPTION_ROW_SORT,       OPTION_ROW_LIMIT,   OPTION_ROW_END,
};

const struct command cmd_types = {
    .name = "types",
    .usage = "[-t TYPE] [-g GEN] [--garbage] [-n N]",
    .summary = "objects and bytes by type",
    .help = "One row a type, the one with the most bytes first. Every object that the collector "
            "tracks is counted, and every one "
            "that can be reached from there; with pymalloc's own lists at hand, objects that only "
            "C code holds are, too.\n"
            "\n"
            "`types --garbage` counts only what a full collection would find unreachable, `types "
            "-g 2` only what is in the oldest "
            "generation.",
    .example = "types --garbage -n 10",
    .options = options,
    .columns = columns,
    .sort = "bytes",
    .needs = NEEDS_GARBAGE,
    .run = run,
};
