// SPDX-License-Identifier: GPL-3.0-or-later
// `objects`: one row per object, all or a selection.
#include "cmd/session/select.h"
#include "heap/analysis/doom.h"

#define PROGRESS_EVERY 65536

static const struct column columns[] = {
    { COL(object), 18, COLUMN_OBJECT, "its address" },
    { COL(type), 20, 0, "its type's name" },
    { COL(gen), 9, 0,
      "generation 0, 1, 2 or permanent; unknown when the collector does not track it" },
    { COL(refcount), 9, COLUMN_RIGHT, "as stored; unknown when it is immortal" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "as sys.getsizeof counts" },
    { COL(state), 16, COLUMN_JSON_ONLY,
      "what was happening to it: being destroyed, or part of a running collection; else unknown" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

// The state of one listing.
struct object_listing {
    const struct session *session;
    struct report *report;
    struct dooms dooms;
    uint64_t doomed; // objects about to be freed, among the rows shown
};

static bool cmd_objects_add_row(struct object_listing *listing, node n, struct err *err)
{
    const struct heap *heap = &listing->session->heap;
    struct report *report = listing->report;
    if (report_is_full(report)) { // only counted: nothing needs to be read
        report->rows++;
        return report->truncated = true;
    }
    const char *doom = doom_text(doom_of(&listing->dooms, n));
    listing->doomed += doom != NULL;
    const struct cell cells[] = {
        cell_object(n),
        cell_type_of(n),
        selection_gen_cell(heap, n),
        selection_refcount_cell(heap, n),
        cell_bytes(heap_size(heap, n)),
        doom ? cell_text(doom) : cell_null(),
        cell_preview(n),
    };
    return report_row(report, cells, err);
}

// Only a generation is selected, and the report is full: the rest can be counted without reading.
static bool is_done(const struct selection *selection, uint64_t left, struct report *report)
{
    if (!report_is_full(report) || selection->types || selection->garbage || selection->groups
        || selection->least || selection->owner >= 0)
        return false;
    report->rows += left;
    report->truncated |= left > 0;
    return true;
}

static bool cmd_objects_going(const struct session *session, uint64_t done, uint64_t total,
                              struct err *err)
{
    return done % PROGRESS_EVERY
           || progress_step(&session->options.progress, "listing objects", done, total)
           || err_set(err, ERR_CANCELLED, "listing objects was cancelled");
}

// Lists a generation in its list's own order, one interpreter after another: the order in which the
// collector would visit them.
static bool add_generation(struct object_listing *listing, const struct selection *selection,
                           struct err *err)
{
    const struct session *session = listing->session;
    for (size_t i = 0; i < session->py.interpreter_count; i++) {
        const struct heap_list *list = &session->heap.lists[i][selection->generation];
        for (uint32_t k = 0;
             k < list->count && !is_done(selection, list->count - k, listing->report); k++)
            if (!cmd_objects_going(session, k, list->count, err)
                || (selection_has(selection, list->order[k])
                    && !cmd_objects_add_row(listing, list->order[k], err)))
                return false;
    }
    return true;
}

static bool cmd_objects_add_all(struct object_listing *listing, const struct selection *selection,
                                struct err *err)
{
    const struct session *session = listing->session;
    node count = session->heap.node_count;
    for (node n = 0; n < count && !is_done(selection, count - n, listing->report); n++)
        if (!cmd_objects_going(session, n, session->heap.node_count, err)
            || (selection_has(selection, n) && !cmd_objects_add_row(listing, n, err)))
            return false;
    return true;
}

static bool cmd_objects_run(struct session *session, const struct args *args, struct report *report,
                            struct err *err)
{
    struct selection selection;
    if (args->word_count && !args_has(args, "new"))
        return err_set(err, ERR_USAGE, "objects: --new needs a core to compare with");
    if (!selection_read(&selection, session, args, err))
        return false;
    bool listed = selection.generation >= 0 && session->heap.lists;
    struct object_listing listing = { .session = session, .report = report };
    dooms_open(&listing.dooms, &session->heap);
    bool ok = listed ? add_generation(&listing, &selection, err)
                     : cmd_objects_add_all(&listing, &selection, err);
    if (listing.doomed)
        report->sentence = report_format(report,
                                         "%llu of these %s being destroyed, or part of a running "
                                         "collection: `object` says which",
                                         (unsigned long long)listing.doomed,
                                         text_plural(listing.doomed, "is", "are"));
    report->empty = "no object matches; fewer options show more";
    selection_fini(&selection);
    return ok;
}

static const struct option_row options[] = {
    OPTION_ROW_TYPE,  OPTION_ROW_GENERATION,  OPTION_ROW_GARBAGE, OPTION_ROW_MIN_SIZE,
    OPTION_ROW_GROUP, OPTION_ROW_INTERPRETER, OPTION_ROW_NEW,     OPTION_ROW_KEPT,
    OPTION_ROW_SORT,  OPTION_ROW_LIMIT,       OPTION_ROW_END,
};

const struct command cmd_objects = {
    .name = "objects",
    .usage = "[-t TYPE] [-g GEN] [--garbage] [--min-size B] [--group BY:NAME] "
             "[--new BASE [LATER... --kept]] [-n N]",
    .summary = "objects, one per row",
    .help = "All objects in the order of their addresses; with -g, those of one generation in the "
            "collector's own order, oldest first.\n"
            "\n"
            "TYPE is a full name (`shop.orders.Order`), its last part if that is unique (`Order`), "
            "or a pattern (`shop.*`).\n"
            "\n"
            "`--new BASE` selects those that `diff BASE` finds new; with later heaps and --kept, "
            "those that were created between BASE and the last of these and are still there.",
    .example = "objects -t dict --min-size 64K --sort bytes",
    .options = options,
    .words_most = ARGS_MAX,
    .word_kind = COMPLETE_FILE,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .run = cmd_objects_run,
};
