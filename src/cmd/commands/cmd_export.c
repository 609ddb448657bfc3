// SPDX-License-Identifier: GPL-3.0-or-later
// `export`: every object with its exact references, for other programs.
#include "cmd/session/select.h"

static const struct column columns[] = {
    { "addr", 18, 0, "its address" },
    { "type", 20, 0, "its type's name" },
    { "gen", 9, 0, "0, 1, 2 or permanent; unknown when the collector does not track it" },
    { "refcount", 9, COLUMN_RIGHT, "as stored; unknown when it is immortal" },
    { "size", 9, COLUMN_RIGHT, "bytes, as sys.getsizeof counts" },
    { "refs", 5, COLUMN_RIGHT,
      "the addresses that tp_traverse visits, in its order, repeated ones kept; in text how many "
      "they are" },
    { "collectable", 11, 0, "whether a full collection would find it unreachable" },
    { "evidence", 9, 0, "how its references are known: decoded, traversed, guessed or disputed" },
    COLUMN_ROW_END,
};

static bool cmd_export_add_row(const struct session *session, struct report *report, node n,
                               struct err *err)
{
    const struct heap *heap = &session->heap;
    const struct cell cells[] = {
        cell_object(n),
        cell_type_of(n),
        selection_gen_cell(heap, n),
        selection_refcount_cell(heap, n),
        cell_count(heap_size(heap, n)),
        cell_refs(n),
        cell_bool(collect_is_unreachable(&session->garbage, n)),
        cell_text(evidence_name(heap_evidence(heap, n))),
    };
    return report_row(report, cells, err);
}

static bool cmd_export_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    struct selection selection;
    if (!selection_read(&selection, session, args, err))
        return false;
    bool ok = true;
    for (node n = 0; ok && n < session->heap.node_count; n++)
        if (session->heap.flags[n] & NODE_VISITED && selection_has(&selection, n))
            ok = cmd_export_add_row(session, report, n, err);
    selection_fini(&selection);
    return ok;
}

static const struct option_row options[] = {
    OPTION_ROW_TYPE,        OPTION_ROW_GENERATION, OPTION_ROW_GARBAGE, OPTION_ROW_MIN_SIZE,
    OPTION_ROW_INTERPRETER, OPTION_ROW_LIMIT,      OPTION_ROW_END,
};

const struct command cmd_export = {
    .name = "export",
    .usage = "[-t TYPE] [-g GEN] [--garbage] [-n N]",
    .summary = "every object with its references, for other programs",
    .help =
        "One row for every object that the collector tracks and for every one that can be reached "
        "from there, in the order of addresses. "
        "Made for --json: `refs` is the list of addresses that the type's own tp_traverse visits.",
    .example = "export",
    .options = options,
    .columns = columns,
    .needs = NEEDS_GARBAGE,
    .run = cmd_export_run,
};
