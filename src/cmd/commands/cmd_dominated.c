// SPDX-License-Identifier: GPL-3.0-or-later
// `dominated`: the dominator tree, one level at a time: what an object alone keeps alive, largest
// first.
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cmd/session/select.h"
#include "heap/analysis/retain.h"
#include "heap/names/edge.h"

#define MOST 100         // rows, unless -n says otherwise
#define STEPS_NAMED 8    // references on a path through containers that are named
#define NAMED_MAX 200000 // a holder with more references is not read again for one name

static const struct column columns[] = {
    { COL(edge), 20, 0,
      "how the object above refers to it; at the top the module's name; unknown if only others do, "
      "which it dominates" },
    { COL(retained), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR | COLUMN_WHOLE,
      "the bytes that are freed with it" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its own size" },
    { COL(dominates), 9, COLUMN_RIGHT, "how many objects it immediately dominates" },
    { COL(object), 18, COLUMN_OBJECT, "its address" },
    { COL(type), 18, 0, "its type's name" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

struct cmd_dominated_level {
    struct session *session;
    const struct csr *children;
    struct retain_top top;
    bool past;     // skip plain containers and show what they dominate
    node *waiting; // containers whose children are still to be read
    size_t waiting_count, capacity;
    uint64_t passed, passed_bytes; // containers skipped, and their own bytes
    struct heap_edges edges;       // out of the object above
    struct text name;
};

static bool take_children(struct cmd_dominated_level *level, node parent, struct err *err)
{
    for (uint64_t e = csr_first(level->children, parent); e < csr_end(level->children, parent);
         e++) {
        node child = level->children->to[e];
        if (!level->past || !retain_is_container(&level->session->heap, child)) {
            retain_top_add(&level->top, child);
            continue;
        }
        level->passed++;
        level->passed_bytes += heap_own(&level->session->heap, child);
        if (!vec_grow(&level->waiting, &level->capacity, level->waiting_count + 1,
                      sizeof *level->waiting, err))
            return false;
        level->waiting[level->waiting_count++] = child;
    }
    return true;
}

static bool cmd_dominated_take_all(struct cmd_dominated_level *level, node parent, struct err *err)
{
    bool ok = take_children(level, parent, err);
    while (ok && level->waiting_count)
        ok = take_children(level, level->waiting[--level->waiting_count], err);
    retain_top_sort(&level->top);
    return ok;
}

// --- the references' names ----------------------------------------------------------------------

static uint64_t cmd_dominated_degree(const struct heap *heap, node n)
{
    return csr_end(&heap->forward, n) - csr_first(&heap->forward, n);
}

static const char *find_name(const struct heap_edges *edges, node to)
{
    for (size_t i = 0; i < edges->count; i++)
        if (edges->items[i].to == to)
            return heap_edge_name(edges, i);
    return NULL;
}

// Adds one step of the path down; "..." where no reference is found, or the object has too many to
// read.
static bool cmd_dominated_add_step(struct cmd_dominated_level *level, node from, node to,
                                   struct err *err)
{
    struct heap_edges edges = { 0 };
    const struct heap *heap = &level->session->heap;
    bool ok = cmd_dominated_degree(heap, from) > NAMED_MAX
              || heap_edges_between(heap, from, to, &edges, err);
    const char *name = ok ? find_name(&edges, to) : NULL;
    text_add_string(&level->name, name ? name : "...");
    heap_edges_fini(&edges);
    return ok;
}

// Names the path from the top through the containers between: ".__dict__['users'][3]".
static bool cmd_dominated_name_path(struct cmd_dominated_level *level, node above, node n,
                                    struct err *err)
{
    node path[STEPS_NAMED];
    size_t count = 0;
    node at = n;
    for (; at != above && at != NODE_NONE && count < STEPS_NAMED;
         at = retain_parent(&level->session->dominate, at))
        path[count++] = at;
    if (at != above)
        text_add_string(&level->name, "...");
    node from = at;
    while (count--) {
        if (!cmd_dominated_add_step(level, from, path[count], err))
            return false;
        from = path[count];
    }
    return true;
}

// What a module, or the namespace of one, is called.
static const char *cmd_dominated_module(const struct session *session, node n,
                                        struct report *report)
{
    const struct heap *heap = &session->heap;
    node name = retain_module_name(heap, n);
    struct cell cell = name == NODE_NONE
                           ? cell_null()
                           : selection_str_cell(session, report, heap_addr(heap, name), 100);
    return cell.kind == CELL_TEXT ? cell.s : NULL;
}

static bool name_edge(struct cmd_dominated_level *level, node above, node n, struct report *report,
                      const char **name, struct err *err)
{
    *name = NULL;
    if (above == NODE_NONE) {
        *name = cmd_dominated_module(level->session, n, report);
        return true;
    }
    if (retain_parent(&level->session->dominate, n) == above) {
        const char *found = find_name(&level->edges, n);
        *name = found ? report_text(report, found, strlen(found)) : NULL;
        return true;
    }
    text_clear(&level->name);
    if (!cmd_dominated_name_path(level, above, n, err) || !text_ok(&level->name, err))
        return false;
    *name = report_text(report, text_string(&level->name), level->name.size);
    return true;
}

// --- rows ---------------------------------------------------------------------------------------

static bool cmd_dominated_add_rows(struct cmd_dominated_level *level, node above,
                                   struct report *report, struct err *err)
{
    const struct session *session = level->session;
    if (above != NODE_NONE && cmd_dominated_degree(&session->heap, above) <= NAMED_MAX
        && !heap_referents(&session->heap, above, SIZE_MAX, &level->edges, err))
        return false;
    for (size_t i = 0; i < level->top.count; i++) {
        node n = level->top.items[i];
        const char *edge;
        if (!name_edge(level, above, n, report, &edge, err))
            return false;
        const struct cell cells[] = {
            cell_text(edge),
            cell_bytes(session->dominate.retained[n]),
            cell_bytes(heap_size(&session->heap, n)),
            cell_count(csr_end(level->children, n) - csr_first(level->children, n)),
            cell_object(n),
            cell_type_of(n),
            cell_preview(n),
        };
        if (!report_row(report, cells, err))
            return false;
    }
    return true;
}

// Summarizes the rows beyond those that were shown.
static void cmd_dominated_summarize(const struct cmd_dominated_level *level, node above,
                                    struct report *report)
{
    const struct session *session = level->session;
    uint64_t rest = 0;
    if (above == NODE_NONE)
        rest = session->dominate.living_bytes + session->dominate.dead_bytes;
    else
        rest = session->dominate.retained[above] - heap_own(&session->heap, above);
    for (size_t i = 0; i < level->top.count; i++)
        rest -= session->dominate.retained[level->top.items[i]];
    report->rows = level->top.met;
    report->truncated = level->top.met > level->top.count;
    report_summary(report, "dominates", cell_count(level->top.met));
    report_summary_whole(report, "rest", cell_bytes(rest - level->passed_bytes));
    if (level->past) {
        report_summary(report, "passed", cell_count(level->passed));
        report_summary(report, "passed_bytes", cell_bytes(level->passed_bytes));
    }
}

static bool cmd_dominated_run(struct session *session, const struct args *args,
                              struct report *report, struct err *err)
{
    struct cmd_dominated_level level = { .session = session, .past = args_has(args, "past") };
    node above = NODE_NONE;
    level.children = session_dominated(session, err);
    if (!level.children
        || (args->word_count && !session_object(session, args->words[0], &above, err))
        || !retain_top_init(
            &level.top, &session->dominate,
            (size_t)args_number(args, "limit", report->limit ? report->limit : MOST), err))
        return false;
    bool ok =
        cmd_dominated_take_all(&level, above == NODE_NONE ? session->heap.node_count : above, err)
        && cmd_dominated_add_rows(&level, above, report, err);
    if (ok)
        cmd_dominated_summarize(&level, above, report);
    report->empty = "it alone keeps nothing else alive";
    retain_top_fini(&level.top);
    heap_edges_fini(&level.edges);
    text_fini(&level.name);
    free(level.waiting);
    return ok;
}

static const struct option_row options[] = {
    { .name = "past",
      .kind = OPTION_FLAG,
      .help = "go through plain containers (dict, list, tuple, set, cell, deque)" },
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_dominated = {
    .name = "dominated",
    .usage = "[OBJ] [--past] [-n N]",
    .summary = "the objects that an object alone keeps alive, one level of the dominator tree",
    .help =
        "The objects that OBJ immediately dominates: without it, nothing would hold them, and what "
        "each of them retains would be freed with it. Their retained bytes and OBJ's own add up to "
        "what OBJ retains. Without OBJ: the top level, which no single object keeps alive.\n"
        "\n"
        "`--past` goes through plain containers to the objects that they hold; `edge` is then the "
        "whole path, and the summary tells how many containers were passed and what their own "
        "bytes are. `rest` is what the rows beyond -n retain. 100 rows unless -n says otherwise.",
    .example = "dominated app.CACHE --past",
    .options = options,
    .words_least = 0,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .needs = NEEDS_DOMINATORS,
    .run = cmd_dominated_run,
};
