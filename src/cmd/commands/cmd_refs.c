// SPDX-License-Identifier: GPL-3.0-or-later
// `referents` and `referrers`: the references out of an object and into it, one per row, with
// names.
#include <inttypes.h>

#include "base/unused.h"
#include "cmd/session/select.h"
#include "graph/marks.h"
#include "heap/analysis/damage.h"
#include "heap/names/edge.h"
#include "py/objects/type.h"

static const struct column columns[] = {
    { COL(edge), 20, 0, "the reference's name in its holder" },
    { COL(object), 18, COLUMN_OBJECT, "the object at the other end" },
    { COL(type), 16, 0, "its type's name" },
    { COL(evidence), 9, COLUMN_GOES(3),
      "how the reference is known: decoded, traversed, guessed or disputed" },
    { COL(visited), 7, COLUMN_GOES(1),
      "whether tp_traverse visits it; references that it does not visit hold their object all the "
      "same" },
    { COL(counted), 7, COLUMN_GOES(2),
      "whether it is part of the refcount: the interpreter's table of strings and what a running "
      "frame borrows are not" },
    { COL(count), 5, COLUMN_RIGHT, "how many references the row stands for" },
    { COL(slot), 18, COLUMN_JSON_ONLY,
      "the address of the word that holds the reference: a list's item, a dict's value, a member, "
      "a frame's local; null if it is computed, or lies in no single place" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

// Whether the holder owns its references: the dict of interned strings does not. Known once roots
// are.
static bool is_owner(const struct session *session, const struct heap_edges *edges, size_t i)
{
    return !session->has_roots || marks_has(session->roots.only, edges->items[i].from);
}

static struct cell cell_slot(addr slot)
{
    return slot ? cell_addr(slot) : cell_null();
}

static bool cmd_refs_add_row(const struct session *session, struct report *report,
                             const struct heap_edges *edges, size_t i, node other, struct err *err)
{
    const char *name = heap_edge_name(edges, i);
    const struct cell cells[] = {
        cell_text(report_format(report, "%s", name)),
        cell_object(other),
        cell_type_of(other),
        cell_text(evidence_name(heap_evidence(&session->heap, edges->items[i].from))),
        cell_bool(!(edges->items[i].flags & EDGE_HOLDS)),
        cell_bool(!(edges->items[i].flags & EDGE_BORROWED) && is_owner(session, edges, i)),
        cell_count(1),
        cell_slot(edges->items[i].slot),
        cell_preview(other),
    };
    return report_row(report, cells, err);
}

// How many references to fetch: one more than is shown, to know whether there are more.
static size_t wanted(const struct report *report)
{
    return report->limit && report->limit < SIZE_MAX - 1 ? (size_t)report->limit + 1 : SIZE_MAX;
}

static bool cmd_refs_add_rows(const struct session *session, struct report *report,
                              const struct heap_edges *edges, bool out, struct err *err)
{
    for (size_t i = 0; i < edges->count; i++)
        if (!cmd_refs_add_row(session, report, edges, i,
                              out ? edges->items[i].to : edges->items[i].from, err))
            return false;
    return true;
}

struct damage_rows_of_refs {
    struct report *report;
    struct err *err;
};

// A reference that leads to no object has a row, too.
static bool cmd_refs_add_damage(void *context, UNUSED node n, const struct damage *damage)
{
    struct damage_rows_of_refs *rows = context;
    const struct cell cells[] = {
        cell_text(report_format(rows->report, "%s", *damage->edge ? damage->edge : "(damage)")),
        cell_null(),
        cell_null(),
        cell_text("decoded"),
        cell_null(),
        cell_null(),
        cell_count(*damage->edge ? 1 : 0),
        cell_null(),
        cell_text(*damage->edge ? report_format(rows->report, "0x%llx: %s",
                                                (unsigned long long)damage->at, damage->text)
                                : report_format(rows->report, "%s", damage->text)),
    };
    return report_row(rows->report, cells, rows->err);
}

// CPython visits the items of a list or tuple last to first; they are listed first to last.
static bool refs_has_items(const struct session *session, node n)
{
    const struct type *type = type_row(session->py.types, heap_type(&session->heap, n));
    return type_is(type, TRAIT_LIST | TRAIT_TUPLE);
}

static void refs_turn_items(struct heap_edges *edges)
{
    size_t first = 0, end = edges->count;
    while (first < end && heap_edge_name(edges, first)[0] != '[')
        first++;
    while (end > first && heap_edge_name(edges, end - 1)[0] != '[')
        end--;
    for (; first + 1 < end; first++, end--) {
        struct heap_edge edge = edges->items[first];
        edges->items[first] = edges->items[end - 1];
        edges->items[end - 1] = edge;
    }
}

static bool run_referents(struct session *session, const struct args *args, struct report *report,
                          struct err *err)
{
    node n;
    struct heap_edges edges = { 0 };
    bool ok = session_object(session, args->words[0], &n, err);
    bool items = ok && refs_has_items(session, n);
    ok = ok && heap_referents(&session->heap, n, items ? SIZE_MAX : wanted(report), &edges, err);
    if (ok && items)
        refs_turn_items(&edges);
    ok = ok && cmd_refs_add_rows(session, report, &edges, true, err);
    struct damage_rows_of_refs rows = { report, err };
    ok = ok && heap_damage(&session->heap, n, NULL, cmd_refs_add_damage, &rows, err);
    report->empty = "it refers to no object";
    heap_edges_fini(&edges);
    return ok;
}

// Adds holders that are not objects: frames, interpreter fields, words of C memory. A root that is
// also an object's reference already has a row.
static bool add_root_rows(const struct session *session, struct report *report, node n,
                          struct err *err)
{
    const struct heap_roots *roots = &session->roots;
    struct text name = TEXT_INIT;
    bool ok = true;
    for (size_t i = heap_roots_first(roots, n); ok && i < roots->count && roots->items[i].to == n;
         i++) {
        const struct root *root = &roots->items[i].root;
        bool native = root->kind == ROOT_NATIVE;
        if (!heap_root_is_holder(root))
            continue;
        text_clear(&name);
        root_name(&session->py, root, &name);
        if (native)
            text_add_format(&name, ": %" PRIu32, root->index);
        const struct cell cells[] = {
            cell_text(report_text(report, text_string(&name), name.size)),
            cell_null(),
            cell_text(root_kind_name((enum root_kind)root->kind)),
            cell_text(native                     ? "refcount"
                      : root->hold == ROOT_MAYBE ? "seen"
                                                 : "decoded"),
            cell_bool(false),
            cell_bool(true),
            cell_count(native ? root->index : 1),
            cell_slot(root_slot(&session->py, root)),
            cell_null(),
        };
        ok = report_row(report, cells, err);
    }
    text_fini(&name);
    return ok;
}

// Accounts for the references that an object in the program's own data was created with: without
// this row the refcount would not add up.
static bool add_own_row(const struct session *session, struct report *report, node n,
                        uint64_t found, struct err *err)
{
    const struct heap *heap = &session->heap;
    int64_t refcount = heap->flags[n] & NODE_IMMORTAL ? -1 : heap_refcount(heap, n);
    if (refcount < 0 || (uint64_t)refcount <= found || !heap_is_whole(heap)
        || heap_roots_surplus(&session->roots, n))
        return true;
    uint64_t rest = (uint64_t)refcount - found;
    const struct cell cells[] = {
        cell_text(report_format(report, "belongs to the program itself: %" PRIu64, rest)),
        cell_null(),
        cell_text("program"),
        cell_text("refcount"),
        cell_bool(false),
        cell_bool(true),
        cell_count(rest),
        cell_null(),
        cell_null(),
    };
    return report_row(report, cells, err);
}

static bool run_referrers(struct session *session, const struct args *args, struct report *report,
                          struct err *err)
{
    node n;
    uint64_t count;
    struct heap_edges edges = { 0 };
    bool ok = session_object(session, args->words[0], &n, err)
              && heap_referrers(&session->heap, n, wanted(report), &edges, err)
              && add_root_rows(session, report, n, err)
              && add_own_row(session, report, n,
                             heap_roots_explained(&session->heap, &session->roots, n, &count), err)
              && cmd_refs_add_rows(session, report, &edges, false, err);
    report->empty = "nothing refers to it; `object` tells what its refcount says";
    heap_edges_fini(&edges);
    return ok;
}

static const struct option_row options[] = { OPTION_ROW_SORT, OPTION_ROW_LIMIT, OPTION_ROW_END };

const struct command cmd_referents = {
    .name = "referents",
    .usage = "OBJ [-n N]",
    .summary = "what an object refers to",
    .help = "One row per reference, in the order in which the type's own tp_traverse visits them, "
            "except that the items of lists and tuples come first to last; an object that is "
            "referred to twice has two rows. References that hold without being visited (keys of "
            "dicts, constants of code) are included.",
    .example = "referents app.CACHE -n 20",
    .options = options,
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .run = run_referents,
};

const struct command cmd_referrers = {
    .name = "referrers",
    .usage = "OBJ [-n N]",
    .summary = "what refers to an object",
    .help = "One row per reference, with its name in the object that holds it; holders that are "
            "not objects come first: a frame's local, a field of the interpreter, a word of C "
            "memory (`seen`). References that nobody can name are one row, `held by C code: N`, "
            "counted by the refcount; those that an object of the program's own data was "
            "initialised with are another. The rows that are `counted` add up to the refcount. "
            "Weak references are not included.",
    .example = "referrers $",
    .options = options,
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .needs = NEEDS_ROOTS,
    .run = run_referrers,
};
