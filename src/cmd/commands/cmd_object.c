// SPDX-License-Identifier: GPL-3.0-or-later
// `object`: everything that is known of one object.
#include "base/unused.h"
#include "cmd/session/select.h"
#include "graph/marks.h"
#include "heap/analysis/damage.h"
#include "heap/analysis/doom.h"
#include "heap/names/source_line.h"
#include "py/extension/structs.h"
#include "py/objects/str.h"
#include "py/read.h"
#include "py/runtime/gc.h"

#define ROOTS_SHOWN 8
#define BASES_MAX 64

static const struct column columns[] = {
    { COL(name), 12, 0, "what is told" },
    { COL(value), 24, COLUMN_WIDE, "what it is" },
    COLUMN_ROW_END,
};

static bool cmd_object_add(struct report *report, const char *name, struct cell value,
                           struct err *err)
{
    return report_row(report, (const struct cell[]){ cell_text(name), value }, err);
}

static bool object_note_damage(void *context, UNUSED node n, UNUSED const struct damage *damage)
{
    *(bool *)context = true;
    return true;
}

// A damaged object is not called "all found", even if all its referrers were found.
static bool object_is_damaged(const struct heap *heap, node n)
{
    bool is = false;
    struct err ignored = ERR_INIT;
    return heap_damage(heap, n, NULL, object_note_damage, &is, &ignored) && is;
}

static const char *in_words(const struct heap *heap, node n, struct report *report,
                            int64_t refcount, uint64_t found, const struct heap_surplus *surplus)
{
    unsigned long long count = (unsigned long long)refcount, known = found;
    if (refcount < 0)
        return "immortal: its refcount says nothing";
    if (count < known)
        return report_format(
            report, "refcount %llu, but %llu found: something was misread, or the heap is damaged",
            count, known);
    if (count == known && object_is_damaged(heap, n))
        return report_format(report, "refcount %llu, %llu found; what it refers to is damaged",
                             count, known);
    if (count == known && !heap_is_whole(heap))
        return report_format(report, "refcount %llu, as many found in what there is of the target",
                             count);
    if (count == known)
        return report_format(report, "refcount %llu, all found", count);
    if (!surplus) // it lies in the program's data, or its refcount is deferred: there is no account
        return report_format(report, "refcount %llu, %llu found: it belongs to the program itself",
                             count, known);
    if (!heap_is_whole(heap))
        return report_format(
            report, "refcount %llu, %llu found: %llu held by C code, or by what is missing", count,
            known, count - known);
    if (!surplus->seen)
        return report_format(report, "refcount %llu, %llu found: %llu held by C code", count, known,
                             count - known);
    return report_format(
        report, "refcount %llu, %llu found: %llu held by C code, %lu of them seen in its memory",
        count, known, count - known, (unsigned long)surplus->seen);
}

static bool add_counts(const struct session *session, node n, uint64_t found, struct report *report,
                       struct err *err)
{
    const struct heap *heap = &session->heap;
    int64_t refcount = heap->flags[n] & NODE_IMMORTAL ? -1 : heap_refcount(heap, n);
    return cmd_object_add(report, "refcount", selection_refcount_cell(heap, n), err)
           && cmd_object_add(report, "explained",
                             heap_is_whole(heap) ? cell_count(found) : cell_null(), err)
           && cmd_object_add(report, "unexplained",
                             refcount < 0 || !heap_is_whole(heap)
                                 ? cell_null()
                                 : cell_int(refcount - (int64_t)found),
                             err)
           && cmd_object_add(report, "references",
                             cell_text(in_words(heap, n, report, refcount, found,
                                                heap_roots_surplus(&session->roots, n))),
                             err);
}

// Adds the roots that hold it, by name; a few at most.
static bool add_roots(const struct session *session, node n, struct report *report, struct err *err)
{
    const struct heap_roots *roots = &session->roots;
    struct text text = TEXT_INIT;
    bool ok = true;
    size_t first = heap_roots_first(roots, n);
    for (size_t i = first;
         ok && i < roots->count && roots->items[i].to == n && i < first + ROOTS_SHOWN; i++) {
        text_clear(&text);
        root_name(&session->py, &roots->items[i].root, &text);
        ok = cmd_object_add(report, "root",
                            cell_text(report_text(report, text_string(&text), text.size)), err);
    }
    text_fini(&text);
    return ok;
}

// A running collection has its candidates on a list of its own: they are tracked, but in no
// generation.
static bool cmd_object_add_flags(const struct heap *heap, node n, enum doom doom,
                                 struct report *report, struct err *err)
{
    unsigned flags = heap->flags[n];
    bool tracked = flags & NODE_TRACKED || doom == DOOM_UNREACHABLE || doom == DOOM_PENDING;
    return cmd_object_add(report, "tracked", cell_bool(tracked), err)
           && cmd_object_add(report, "finalized", cell_bool(flags & NODE_FINALIZED), err)
           && cmd_object_add(report, "immortal", cell_bool(flags & NODE_IMMORTAL), err)
           && cmd_object_add(report, "bytes", cell_bytes(heap_size(heap, n)), err)
           && cmd_object_add(report, "evidence", cell_text(evidence_name(heap_evidence(heap, n))),
                             err)
           && cmd_object_add(report, "found_by",
                             cell_text(flags & NODE_ALLOCATED ? "allocator"
                                       : flags & NODE_TRACKED ? "collector"
                                                              : "reference"),
                             err);
}

static bool add_fate(const struct session *session, node n, struct report *report, struct err *err)
{
    const struct collection *garbage = &session->garbage;
    enum collect_fate fate = collect_fate(garbage, n);
    int owner = heap_interpreter(&session->heap, n);
    return cmd_object_add(report, "collectable", cell_bool(collect_is_unreachable(garbage, n)), err)
           && cmd_object_add(
               report, "gc_refs",
               fate == FATE_NONE ? cell_null() : cell_int(collect_gc_refs(garbage, n)), err)
           && cmd_object_add(report, "reason", cell_text(collect_reason(fate)), err)
           && cmd_object_add(report, "interpreter",
                             owner < 0 ? cell_null() : cell_int(session->py.interpreters[owner].id),
                             err);
}

// Adds where it was allocated; no row without tracemalloc.
static bool add_allocated(struct session *session, node n, struct report *report, struct err *err)
{
    if (!session_has_values(session) || session_tracemalloc(session)->state != TRACEMALLOC_ON)
        return true;
    if (!session_traces(session, err))
        return false;
    const struct tracemalloc *tm = &session->tracemalloc;
    const struct trace *trace = allocated_trace(&session->heap, tm, n);
    struct text line = TEXT_INIT;
    if (trace)
        allocated_line(tm, trace, &line);
    bool ok = cmd_object_add(
        report, "allocated",
        cell_text(trace ? report_text(report, text_string(&line), line.size) : NULL), err);
    text_fini(&line);
    return ok;
}

// Adds the struct that names its members; no row where tp_members or a decoder names them, or
// nothing does.
static bool cmd_object_add_struct(const struct session *session, node n, struct report *report,
                                  struct err *err)
{
    const struct python *py = &session->py;
    const struct type *type = type_row(py->types, heap_type(&session->heap, n));
    struct text name = TEXT_INIT, file = TEXT_INIT;
    bool known = false;
    for (int i = 0; !type->kind && i < BASES_MAX && !known; i++) {
        known = structs_of(py, type, &name, &file);
        const struct type *base = type_base(py, type);
        if (!base)
            break;
        type = base;
    }
    bool ok =
        !known
        || cmd_object_add(report, "struct",
                          cell_text(report_format(report, "%s, says the debug information in %s",
                                                  text_string(&name), text_string(&file))),
                          err);
    text_fini(&name);
    text_fini(&file);
    return ok;
}

// Adds whether sys.intern() made a string immortal, and both words of a free-threaded refcount.
static bool add_count_words(const struct session *session, node n, struct report *report,
                            struct err *err)
{
    const struct heap *heap = &session->heap;
    const struct python *py = &session->py;
    const struct layout *l = &py->layout;
    addr at = heap_addr(heap, n);
    const struct type *type = type_row(py->types, heap_type(heap, n));
    if (!session_has_values(session))
        return true;
    if ((type->flags & TPFLAGS_UNICODE_SUBCLASS) && str_is_interned(py, at)
        && !cmd_object_add(
            report, "interned",
            cell_text(heap->flags[n] & NODE_IMMORTAL
                          ? "interned, and so immortal: it stays until the process ends"
                          : "interned: the table does not own it"),
            err))
        return false;
    if (!py->rules.free_threaded || l->PyObject_ob_ref_local < 0 || l->PyObject_ob_ref_shared < 0)
        return true;
    static const char *const states[] = { "owned by its thread", "may have weak references",
                                          "queued to be merged", "merged" };
    uint32_t local = READ(py, at, PyObject_ob_ref_local);
    uint64_t shared = READ(py, at, PyObject_ob_ref_shared);
    return cmd_object_add(report, "ob_ref_local", cell_count(local), err)
           && cmd_object_add(report, "ob_ref_shared", cell_int((int64_t)shared >> 2), err)
           && cmd_object_add(
               report, "ref_state",
               cell_text(report_format(
                   report, "%s%s", states[shared & 3],
                   gc_is_deferred(py, at) ? ", counted late: the shared part has a bias" : "")),
               err);
}

struct object_damage {
    struct report *report;
    struct err *err;
};

static bool object_add_damage(void *context, UNUSED node n, const struct damage *damage)
{
    struct object_damage *rows = context;
    const char *text = *damage->edge
                           ? report_format(rows->report, "%s leads to 0x%llx, %s", damage->edge,
                                           (unsigned long long)damage->at, damage->text)
                           : report_format(rows->report, "%s", damage->text);
    return cmd_object_add(rows->report, "damage", cell_text(text), rows->err);
}

// Adds what is wrong with it, and whether it is about to be freed; no row for an ordinary object.
static bool add_state(const struct session *session, node n, enum doom doom, struct report *report,
                      struct err *err)
{
    const struct heap *heap = &session->heap;
    struct object_damage rows = { report, err };
    const char *text = doom_text(doom);
    return (!text || cmd_object_add(report, "state", cell_text(text), err))
           && heap_damage(heap, n, NULL, object_add_damage, &rows, err);
}

// Adds where its source is; no row if it has none.
static bool add_source(const struct heap *heap, node n, struct report *report, struct err *err)
{
    struct text text = TEXT_INIT;
    bool ok = !source_of(heap, n, &text)
              || cmd_object_add(report, "source",
                                cell_text(report_text(report, text_string(&text), text.size)), err);
    text_fini(&text);
    return ok;
}

// Adds which of the incremental collector's two old spaces it is in; no row with any other
// collector.
static bool cmd_object_add_space(const struct session *session, node n, struct report *report,
                                 struct err *err)
{
    const struct heap *heap = &session->heap;
    size_t owner =
        heap->owner && heap->owner[n] < session->py.interpreter_count ? heap->owner[n] : 0;
    struct gc_state state;
    if (!session->py.rules.incremental || !session_has_values(session) || heap->gen[n] != GEN_2)
        return true;
    python_gc_state(&session->py, owner, &state);
    if (!state.spaces)
        return true;
    bool visited = gc_space_of(&session->py, heap_addr(heap, n)) == state.visited_space;
    return cmd_object_add(report, "space", cell_text(visited ? "visited" : "pending"), err);
}

static bool cmd_object_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    node n;
    if (!session_object(session, args->words[0], &n, err) || !session_need_account(session, err))
        return false;
    const struct heap *heap = &session->heap;
    struct dooms dooms;
    dooms_open(&dooms, heap);
    enum doom doom = doom_of(&dooms, n);
    uint64_t out = csr_end(&heap->forward, n) - csr_first(&heap->forward, n);
    uint64_t in, found = heap_roots_explained(heap, &session->roots, n, &in);
    return cmd_object_add(report, "address", cell_object(n), err)
           && cmd_object_add(report, "number",
                             cell_text(report_format(report, "#%lu", (unsigned long)n)), err)
           && cmd_object_add(report, "type", cell_type_of(n), err)
           && cmd_object_add(report, "preview", cell_preview(n), err)
           && cmd_object_add(report, "gen", selection_gen_cell(heap, n), err)
           && cmd_object_add_space(session, n, report, err)
           && add_counts(session, n, found, report, err) && add_roots(session, n, report, err)
           && cmd_object_add(report, "referents", cell_count(out), err)
           && cmd_object_add(report, "referrers", cell_count(in), err)
           && cmd_object_add_flags(heap, n, doom, report, err) && add_fate(session, n, report, err)
           && add_state(session, n, doom, report, err) && add_count_words(session, n, report, err)
           && cmd_object_add_struct(session, n, report, err) && add_source(heap, n, report, err)
           && add_allocated(session, n, report, err);
}

const struct command cmd_object = {
    .name = "object",
    .usage = "OBJ",
    .summary = "one object: type, generation, refcount, flags, value",
    .help = "OBJ is an address (`0x7f3a...`, also one inside of the object), `#N` (its number), "
            "`$` (the last one), or a dotted name as in the source: `sys.modules`, `app.CACHE`, "
            "`app.models.User`, `app.CACHE['k'][3].parent`.\n"
            "\n"
            "`explained` counts the references to it that were found, `unexplained` is what its "
            "refcount has beyond that: references of C code, of stacks, or of the interpreter "
            "itself. `struct` is what debug information calls the instances of a type in C, whose "
            "references are named after its members. `source` is the line of its code, for a class "
            "its first method. `allocated` is the line that created it, if tracemalloc was on.",
    .example = "object sys.modules",
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .run = cmd_object_run,
};
