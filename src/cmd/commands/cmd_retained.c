// SPDX-License-Identifier: GPL-3.0-or-later
// `retained`: how much memory is freed with an object, and who really owns it.
#include <stdlib.h>
#include <string.h>

#include "heap/analysis/retain.h"
#include "cmd/commands/retained_without.h"
#include "cmd/session/select.h"
#include "graph/marks.h"

static const struct column columns[] = {
    { COL(object), 18, COLUMN_OBJECT, "the object, or the largest of its group" },
    { COL(type), 18, 0, "its type's name" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its own bytes, or the group's" },
    { COL(retained), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR | COLUMN_WHOLE,
      "the bytes that are freed with it" },
    { COL(share), 7, COLUMN_RIGHT | COLUMN_PERCENT | COLUMN_WHOLE,
      "their share of the bytes of all objects: 1 is all of them" },
    { COL(native), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_WHOLE | COLUMN_GOES(7),
      "with --native: C memory that is freed with it, beyond what objects count; guessed from "
      "words" },
    { COL(objects), 8, COLUMN_RIGHT | COLUMN_GOES(6), "how many the group has" },
    { COL(dominator), 18, COLUMN_GOES(1),
      "the nearest object without which nothing would hold it; unknown if several paths lead to "
      "it" },
    { COL(owner), 18, COLUMN_OBJECT | COLUMN_GOES(5),
      "the nearest such object that is not a plain container" },
    { COL(state), 8, COLUMN_GOES(2), "living, or garbage: no root reaches it" },
    { COL(group), 16, 0, "what --by groups by" },
    { COL(children), 9, COLUMN_RIGHT | COLUMN_GOES(3),
      "with --drops: how many objects it immediately dominates" },
    { COL(greatest), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_WHOLE | COLUMN_GOES(4),
      "with --drops: what the largest of them retains" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

static struct cell retained_share(const struct dominate *dominate, uint64_t bytes)
{
    double all = (double)(dominate->living_bytes + dominate->dead_bytes);
    return all > 0 ? cell_real((double)bytes / all) : cell_null();
}

static bool cmd_retained_add_row(struct session *session, struct report *report, node n,
                                 struct cell children, struct cell greatest, struct err *err)
{
    const struct dominate *dominate = &session->dominate;
    const struct cell cells[] = {
        cell_object(n),
        cell_type_of(n),
        cell_bytes(heap_size(&session->heap, n)),
        cell_bytes(dominate->retained[n]),
        retained_share(dominate, dominate->retained[n]),
        session->has_native ? cell_bytes(session->native.bytes[n]) : cell_null(),
        cell_null(),
        cell_object(retain_parent(dominate, n)),
        cell_object(retain_owner(&session->heap, dominate, n)),
        cell_text(marks_has(dominate->dead, n) ? "garbage" : "living"),
        cell_null(),
        children,
        greatest,
        cell_preview(n),
    };
    return report_row(report, cells, err);
}

static bool cmd_retained_add_rows(struct session *session, struct report *report,
                                  const struct retain_top *top, struct err *err)
{
    for (size_t i = 0; i < top->count; i++)
        if (!cmd_retained_add_row(session, report, top->items[i], cell_null(), cell_null(), err))
            return false;
    if (top->met > top->count)
        report->truncated = true;
    return true;
}

// Adds the object, then what it immediately dominates, largest first.
static bool run_object(struct session *session, const char *word, size_t most,
                       struct report *report, struct err *err)
{
    node n;
    struct retain_top top;
    const struct csr *children;
    if (!session_object(session, word, &n, err) || !(children = session_dominated(session, err))
        || !cmd_retained_add_row(session, report, n, cell_null(), cell_null(), err)
        || !retain_top_init(&top, &session->dominate, most, err))
        return false;
    for (uint64_t e = csr_first(children, n); e < csr_end(children, n); e++)
        retain_top_add(&top, children->to[e]);
    retain_top_sort(&top);
    bool ok = cmd_retained_add_rows(session, report, &top, err);
    report_summary(report, "dominates", cell_count(top.met));
    report_summary(report, "accumulates_at",
                   cell_object(retain_accumulates(&session->dominate, children, n)));
    retain_top_fini(&top);
    return ok;
}

static bool cmd_retained_run_top(struct session *session, size_t most, bool garbage,
                                 const struct selection *selection, struct report *report,
                                 struct err *err)
{
    struct retain_top top;
    if (!retain_top_init(&top, &session->dominate, most, err))
        return false;
    const struct dominate *dominate = &session->dominate;
    for (node i = 0; i < session->heap.node_count; i++)
        if (dominate->parent[i] != DOM_NONE && (!garbage || marks_has(dominate->dead, i))
            && selection_has(selection, i))
            retain_top_add(&top, i);
    retain_top_sort(&top);
    bool ok = cmd_retained_add_rows(session, report, &top, err);
    retain_top_fini(&top);
    return ok;
}

// --- with --native -------------------------------------------------------------------------------

struct native_top {
    node n;
    uint64_t bytes;
};

static int native_top_compare(const void *a, const void *b)
{
    const struct native_top *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

static bool cmd_retained_run_native(struct session *session, size_t most,
                                    const struct selection *selection, struct report *report,
                                    struct err *err)
{
    size_t count = 0, kept = 0;
    const uint64_t *bytes = session->native.bytes;
    for (node n = 0; n < session->heap.node_count; n++)
        count += bytes[n] > 0 && selection_has(selection, n);
    struct native_top *top = malloc((count + 1) * sizeof *top);
    if (!top)
        return err_memory(err, "the objects that keep C memory");
    for (node n = 0; n < session->heap.node_count; n++)
        if (bytes[n] > 0 && selection_has(selection, n))
            top[kept++] = (struct native_top){ n, bytes[n] };
    qsort(top, kept, sizeof *top, native_top_compare);
    bool ok = true;
    for (size_t i = 0; ok && i < kept && i < most; i++)
        ok = cmd_retained_add_row(session, report, top[i].n, cell_null(), cell_null(), err);
    report->truncated = report->truncated || kept > most;
    free(top);
    return ok;
}

static bool run_drops(struct session *session, size_t most, bool garbage,
                      const struct selection *selection, struct report *report, struct err *err)
{
    const struct dominate *dominate = &session->dominate;
    const struct csr *children = session_dominated(session, err);
    struct retain_top top;
    if (!children || !retain_top_init(&top, &session->dominate, most, err))
        return false;
    for (node i = 0; i < session->heap.node_count; i++)
        if (retain_drops_at(dominate, children, i) && (!garbage || marks_has(dominate->dead, i))
            && selection_has(selection, i))
            retain_top_add(&top, i);
    retain_top_sort(&top);
    bool ok = true;
    for (size_t i = 0; ok && i < top.count; i++) {
        node n = top.items[i];
        node greatest = retain_greatest_child(dominate, children, n);
        ok = cmd_retained_add_row(session, report, n,
                                  cell_count(csr_end(children, n) - csr_first(children, n)),
                                  cell_bytes(dominate->retained[greatest]), err);
    }
    report->truncated = report->truncated || top.met > top.count;
    retain_top_fini(&top);
    return ok;
}

static bool cmd_retained_add_group(const struct dominate *dominate, struct report *report,
                                   const struct retain_group *group, struct err *err)
{
    const struct cell cells[] = {
        cell_object(group->largest),
        group->largest == NODE_NONE ? cell_null() : cell_type_of(group->largest),
        cell_bytes(group->bytes),
        cell_bytes(group->retained),
        retained_share(dominate, group->retained),
        cell_null(),
        cell_count(group->objects),
        cell_null(),
        cell_null(),
        cell_null(),
        cell_text(report_format(report, "%s", group->name)),
        cell_null(),
        cell_null(),
        group->largest == NODE_NONE ? cell_null() : cell_preview(group->largest),
    };
    return report_row(report, cells, err);
}

static bool run_groups(struct session *session, const char *by, size_t most, struct report *report,
                       struct err *err)
{
    struct retain_groups groups = { 0 };
    const struct retain_sources sources = {
        .heap = &session->heap,
        .roots = &session->roots,
        .dominate = &session->dominate,
        .children = strcmp(by, "module") ? session_dominated(session, err) : NULL,
        .progress = &session->options.progress,
    };
    bool ok =
        (sources.children || !strcmp(by, "module")) && retain_group_by(&groups, &sources, by, err);
    for (size_t i = 0; ok && i < groups.count && i < most; i++)
        ok = cmd_retained_add_group(&session->dominate, report, &groups.items[i], err);
    if (ok && groups.count > most)
        report->truncated = true;
    retain_groups_fini(&groups);
    return ok;
}

// All --without.
static bool cmd_retained_run_without(struct session *session, const struct args *args,
                                     struct report *report, struct err *err)
{
    const char *words[ARGS_MAX + 1];
    size_t count = 0;
    if (args->word_count)
        return err_set(err, ERR_USAGE,
                       "retained: --without applies to the whole heap, not to one object");
    for (size_t i = 0; i < args->option_count; i++)
        if (!strcmp(args->options[i].row->name, "without"))
            words[count++] = args->options[i].text;
    words[count] = NULL;
    return what_if_add(session, words, report, err);
}

static const struct column *cmd_retained_choose(const struct args *args)
{
    return args_has(args, "without") ? what_if_columns : columns;
}

#define MOST 100 // rows, unless -n says otherwise

static bool cmd_retained_run(struct session *session, const struct args *args,
                             struct report *report, struct err *err)
{
    size_t most = (size_t)args_number(args, "limit", report->limit ? report->limit : MOST);
    const char *by = args_text(args, "by");
    static const char *const apart[] = { "type", "generation", "garbage", "min-size", "group" };
    for (size_t i = 0; by && i < sizeof apart / sizeof *apart; i++)
        if (args_has(args, apart[i]))
            return err_set(err, ERR_USAGE,
                           "retained --by groups all objects: --%s cannot be used with it",
                           apart[i]);
    struct selection selection;
    if (args_has(args, "without"))
        return cmd_retained_run_without(session, args, report, err);
    if (!selection_read(&selection, session, args, err))
        return false;
    bool garbage = args_has(args, "garbage");
    selection.garbage = NULL; // here: whatever no root reaches, frozen objects included
    bool native = args_has(args, "native");
    if (native && !session_native(session, err)) {
        selection_fini(&selection);
        return false;
    }
    bool ok = by                 ? run_groups(session, by, most, report, err)
              : args->word_count ? run_object(session, args->words[0], most, report, err)
              : native           ? cmd_retained_run_native(session, most, &selection, report, err)
              : args_has(args, "drops")
                  ? run_drops(session, most, garbage, &selection, report, err)
                  : cmd_retained_run_top(session, most, garbage, &selection, report, err);
    report_summary(report, "living_bytes", cell_bytes(session->dominate.living_bytes));
    report_summary(report, "garbage_bytes", cell_bytes(session->dominate.dead_bytes));
    report_summary(report, "garbage_objects", cell_count(session->dominate.dead_count));
    if (native) {
        report_summary_whole(report, "native_bytes", cell_bytes(session->native.held));
        report_summary_whole(report, "native_shared_bytes", cell_bytes(session->native.free));
    }
    report->empty = "no object matches";
    selection_fini(&selection);
    return ok;
}

static const struct option_row options[] = {
    { .name = "by",
      .value = "WHAT",
      .kind = OPTION_TEXT,
      .choices = "type owner module thread",
      .help = "groups: type, owner, module or thread" },
    { .name = "drops",
      .kind = OPTION_FLAG,
      .help = "only objects that retain much through many, none of which retains half of it" },
    { .name = "native",
      .kind = OPTION_FLAG,
      .help = "include C memory: blocks of malloc that are freed with the object" },
    { .name = "without",
      .value = "REF",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_OBJECT,
      .help = "what would be freed without this reference, or if it were weak: app.CACHE, "
              "app.Order.invoice for that of every Order, 0x... for all references to an object; "
              "may be repeated" },
    OPTION_ROW_TYPE,
    OPTION_ROW_GENERATION,
    OPTION_ROW_MIN_SIZE,
    { .name = "garbage", .kind = OPTION_FLAG, .help = "only what no root reaches" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_retained = {
    .name = "retained",
    .usage =
        "[OBJ] [--by WHAT] [--without REF]... [--drops] [--native] [-t TYPE] [--garbage] [-n N]",
    .summary = "how much memory an object keeps alive, and what owns it",
    .help =
        "An object retains what nothing would hold any more without it: its own bytes and those of "
        "every object to which all paths from the roots lead through it. With OBJ: the object, and "
        "what it immediately dominates. Without: the objects that retain most. A structure that "
        "several objects share is retained by none of them, but by what dominates them all; "
        "`dominator` is unknown if that is no single object.\n"
        "\n"
        "`owner` skips plain containers (dict, list, tuple, set, cell, deque). `--by type` adds up "
        "what the objects of a type retain, each byte once; `owner` groups by the class of the "
        "nearest owner, `module` by the module that keeps it, as if no code were running: frames "
        "hold what they work on, and a module's data would not be the module's while its code "
        "runs; one row is for what several share, and one for what only running frames hold. "
        "`thread` groups by the thread without whose frames nothing would hold it.\n"
        "\n"
        "`--drops` shows where memory piles up: objects that retain far more than each of their "
        "children, because the children are many. A module that only leads to a cache is not among "
        "them; the cache is.\n"
        "\n"
        "`--native` tells what C memory is freed with an object: blocks of malloc that are reached "
        "only through it, by words that may be their addresses (see blocks). What objects count in "
        "their own bytes is not included. Such figures are conservative, and never mixed with the "
        "others.\n"
        "\n"
        "`--without app.CACHE --without app.Order.invoice` tells what would happen if these "
        "references were removed, or made weak: what refcounts would free at once, what is left in "
        "cycles for the collector, by type, and what would still be held, and by which path, of "
        "everything that the freed objects and the references led to (instances and containers; "
        "classes are left out). A name that ends in .attr or [key] is one reference; after a class "
        "it is the attribute of all its instances, and of the class itself if no instance has one. "
        "`finalizers` in the summary counts freed objects whose finalizers may resurrect them.\n"
        "\n"
        "What no root reaches is garbage, and retains among itself. If a part of the target is "
        "missing, so may be what else holds an object: retained sizes are then unknown. 100 rows "
        "unless -n says otherwise.",
    .example = "retained app.CACHE",
    .options = options,
    .words_least = 0,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .choose = cmd_retained_choose,
    .needs = NEEDS_DOMINATORS,
    .run = cmd_retained_run,
};
