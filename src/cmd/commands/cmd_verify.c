// SPDX-License-Identifier: GPL-3.0-or-later
// `verify`: what does not add up in this heap, or in how ouro reads it.
#include <stdio.h>
#include <string.h>

#include "cmd/session/select.h"
#include "graph/marks.h"
#include "heap/analysis/audit.h"
#include "heap/analysis/damage.h"
#include "heap/build/address_map.h"
#include "heap/names/edge.h"
#include "heap/analysis/ranges.h"
#include "heap/analysis/untraversed_members.h"
#include "py/runtime/gc.h"
#include "py/kinds/kind.h"
#include "py/objects/member.h"
#include "py/extension/structs.h"
#include "py/objects/type.h"

static const struct column columns[] = {
    { COL(object), 18, COLUMN_OBJECT,
      "the object or address; unknown when the problem has no single one" },
    { COL(type), 20, 0, "its type's name" },
    { COL(problem), 30, COLUMN_WIDE, "what does not add up" },
    COLUMN_ROW_END,
};

static bool cmd_verify_add(struct report *report, struct cell object, struct cell type,
                           const char *problem, struct err *err)
{
    return report_row(report, (const struct cell[]){ object, type, cell_text(problem) }, err);
}

static bool add_general(struct report *report, const char *problem, struct err *err)
{
    return cmd_verify_add(report, cell_null(), cell_null(), problem, err);
}

static bool check_lists(const struct session *session, struct report *report, struct err *err)
{
    for (size_t i = 0; session->heap.lists && i < session->py.interpreter_count; i++) {
        for (int g = 0; g < GEN_COUNT; g++) {
            const struct heap_list *list = &session->heap.lists[i][g];
            if (!list->broken)
                continue;
            const char *problem = report_format(
                report, "the list of generation %s is broken here: %lu %s found from its ends",
                g == GEN_PERMANENT ? "permanent" : (const char[]){ (char)('0' + g), 0 },
                (unsigned long)list->count, text_plural(list->count, "object was", "objects were"));
            if (!cmd_verify_add(report, cell_addr(list->broken_at), cell_null(), problem, err))
                return false;
        }
    }
    return true;
}

static bool check_reading(const struct session *session, struct report *report, struct err *err)
{
    const struct target *target = &session->target;
    const struct heap *heap = &session->heap;
    if (target->faults
        && !add_general(report,
                        report_format(report, "%llu %s met memory that is not there",
                                      (unsigned long long)target->faults,
                                      text_plural(target->faults, "read", "reads")),
                        err))
        return false;
    if (heap->dropped
        && !add_general(
            report,
            report_format(report, "%llu %s to no object", (unsigned long long)heap->dropped,
                          text_plural(heap->dropped, "reference leads", "references lead")),
            err))
        return false;
    if (target->pending.kind != ERR_NONE
        && !add_general(report, report_format(report, "%s", target->pending.text), err))
        return false;
    for (size_t i = 0; i < target->module_count; i++)
        if (target->modules[i].refused
            && !add_general(report,
                            report_format(report, "%s: the file on disk is another build",
                                          report_foreign(report, target->modules[i].path)),
                            err))
            return false;
    return true;
}

// A refcount too large to have been counted up to: such objects are set up by hand in the
// interpreter's own data, and what they refer to was not counted either.
#define REFCOUNT_MADE_UP (1 << 28)

static void cmd_verify_forget(struct refs *refs) // the references themselves are not needed
{
    refs->count = 0;
}

static bool counts(const struct session *session, uint32_t word)
{
    const struct heap *heap = &session->heap;
    node holder = word & EDGE_NODE;
    if (!marks_has(session->roots.only, holder)) // the dict of interned strings
        return false;
    return !(word & EDGE_BORROWED) && heap_evidence(heap, holder) != EVIDENCE_GUESSED
           && !(heap->flags[holder] & NODE_IMMORTAL)
           && heap_refcount(heap, holder) < REFCOUNT_MADE_UP;
}

// Counts references to n from holders that were decoded or traversed (a guess may find one that
// does not exist). They are looked at one by one only if there are enough to matter.
static int64_t sure_references(const struct session *session, node n, int64_t refcount)
{
    const struct heap *heap = &session->heap;
    uint64_t first = csr_first(&heap->reverse, n), end = csr_end(&heap->reverse, n);
    if (end - first <= (uint64_t)refcount)
        return 0;
    int64_t count = 0;
    for (uint64_t i = first; i < end; i++)
        count += counts(session, heap->reverse.to[i]);
    return count;
}

// Whether n was caught in the middle of a resize, a sort or an update: tp_traverse would see it
// half-done, too. left: words that all objects together may read, as when the heap was built.
static bool is_unfinished(const struct session *session, node n, uint64_t *left)
{
    const struct heap *heap = &session->heap;
    uint64_t words[64];
    struct refs refs = { .to = words, .capacity = 64, .left = left, .full = cmd_verify_forget };
    kind_refs(&session->py, type_row(session->py.types, heap_type(heap, n)), heap_addr(heap, n),
              &refs);
    return refs.unfinished;
}

static const char *problem_of(const struct session *session, struct report *report, node n,
                              uint64_t *left)
{
    const struct heap *heap = &session->heap;
    if (heap_evidence(heap, n) == EVIDENCE_DISPUTED)
        return "its decoder and its type's own tp_traverse tell different references";
    if (heap->unfinished && is_unfinished(session, n, left))
        return "it was being changed when the process stopped, or is damaged: its number of items "
               "differs from what it says";
    if (heap->flags[n] & NODE_IMMORTAL)
        return NULL;
    int64_t refcount = heap_refcount(heap, n);
    if (refcount < 0)
        return "its refcount cannot be read";
    int64_t found = sure_references(session, n, refcount);
    if (refcount == 0 && heap->flags[n] & NODE_TRACKED
        && !gc_is_deferred(&session->py, heap_addr(heap, n)))
        return "its refcount is 0, and the collector still tracks it";
    if (refcount < found)
        return report_format(report, "its refcount is %lld, and %lld %s to it %s found",
                             (long long)refcount, (long long)found,
                             text_plural((uint64_t)found, "reference", "references"),
                             text_plural((uint64_t)found, "was", "were"));
    return NULL;
}

static bool cmd_verify_check_objects(const struct session *session, struct report *report,
                                     struct err *err)
{
    uint64_t left = kind_words_most(&session->py);
    for (node n = 0; n < session->heap.node_count; n++) {
        const char *problem = problem_of(session, report, n, &left);
        if (problem && !cmd_verify_add(report, cell_object(n), cell_type_of(n), problem, err))
            return false;
    }
    return true;
}

struct audit_rows {
    struct report *report;
    struct err *err;
};

static bool add_differing(void *context, node n)
{
    struct audit_rows *rows = context;
    return cmd_verify_add(rows->report, cell_object(n), cell_type_of(n),
                          "its references are not those that its type's own tp_traverse visits",
                          rows->err);
}

// --traverse: asks the jail about every object that the collector knows.
static bool check_traverse(struct session *session, struct report *report, struct err *err)
{
    struct traverse jail = { 0 };
    struct audit audit;
    struct audit_rows rows = { report, err };
    if (!session_jail(session, &jail, err))
        return false;
    bool ok = heap_audit(&session->heap, &jail, add_differing, &rows, &audit,
                         &session->options.progress, err);
    traverse_close(&jail);
    if (!ok)
        return err->kind == ERR_NONE;
    report_summary(report, "asked", cell_count(audit.asked));
    report_summary(report, "agreed", cell_count(audit.agreed));
    report_summary(report, "unanswered", cell_count(audit.unanswered));
    report_summary(report, "no_object", cell_count(audit.unknown));
    return true;
}

// --- references that lead to no object, memory that is missing

#define DAMAGED_SHOWN 1000

struct damage_rows {
    const struct session *session;
    struct report *report;
    struct err *err;
};

// The damaged object's referrer, to help find where the damage came from.
static const char *verify_holder(const struct damage_rows *rows, node n)
{
    const struct heap *heap = &rows->session->heap;
    if (csr_first(&heap->reverse, n) == csr_end(&heap->reverse, n))
        return "";
    node from = heap->reverse.to[csr_first(&heap->reverse, n)] & EDGE_NODE;
    return report_format(rows->report, "; %s 0x%llx refers to it",
                         heap_type_name(heap, heap_type(heap, from)),
                         (unsigned long long)heap_addr(heap, from));
}

static bool verify_damage(void *context, node n, const struct damage *damage)
{
    struct damage_rows *rows = context;
    bool itself = !*damage->edge;
    const char *problem =
        itself ? report_format(rows->report, "%s%s", damage->text, verify_holder(rows, n))
               : report_format(rows->report, "its reference %s leads to 0x%llx, %s", damage->edge,
                               (unsigned long long)damage->at, damage->text);
    return cmd_verify_add(rows->report, cell_object(n), cell_type_of(n), problem, rows->err);
}

#define VERIFY_STEPS 65536 // objects between two looks at progress

static bool check_damage(const struct session *session, struct report *report, struct err *err)
{
    const struct heap *heap = &session->heap;
    struct damage_rows rows = { session, report, err };
    struct address_map_walk walk;
    uint64_t damaged = 0, left = kind_words_most(&session->py), told = left;
    bool ok = true;
    if (!session_has_values(session))
        return true;
    for (address_map_begin(&walk, &heap->addresses); ok && address_map_next(&walk);) {
        if (walk.node % VERIFY_STEPS == 0
            && !progress_step(&session->options.progress, "looking for damage", walk.node,
                              heap->node_count))
            return err_set(err, ERR_CANCELLED, "stopped while looking for damage");
        if (!heap_is_damaged(heap, walk.node, walk.at, &left))
            continue;
        ok = damaged++ >= DAMAGED_SHOWN
             || heap_damage(heap, walk.node, &told, verify_damage, &rows, err);
    }
    report_summary(report, "damaged", cell_count(damaged));
    return ok;
}

// --- bytes that two objects claim

#define OVERLAPS_SHOWN 1000

struct range_rows {
    uint64_t shown;
    const struct heap *heap;
    struct report *report;
    struct err *err;
};

static const char *verify_place(struct report *report, const struct heap *heap, node n, bool beside)
{
    return report_format(report, "%s%s 0x%llx", beside ? "beside " : "",
                         heap_type_name(heap, heap_type(heap, n)),
                         (unsigned long long)heap_addr(heap, n));
}

static bool verify_overlap(void *context, const struct overlap *overlap)
{
    struct range_rows *rows = context;
    if (rows->shown++ >= OVERLAPS_SHOWN)
        return true;
    const char *problem = report_format(
        rows->report, "%llu %s at 0x%llx %s counted %s, and again %s",
        (unsigned long long)(overlap->to - overlap->from),
        text_plural(overlap->to - overlap->from, "byte", "bytes"),
        (unsigned long long)overlap->from, text_plural(overlap->to - overlap->from, "is", "are"),
        verify_place(rows->report, rows->heap, overlap->a, overlap->beside_a),
        verify_place(rows->report, rows->heap, overlap->b, overlap->beside_b));
    return cmd_verify_add(rows->report, cell_object(overlap->b), cell_type_of(overlap->b), problem,
                          rows->err);
}

static bool check_ranges(const struct session *session, struct report *report, struct err *err)
{
    struct ranges ranges;
    struct range_rows rows = { .heap = &session->heap, .report = report, .err = err };
    if (!session_has_values(session))
        return true;
    if (!heap_ranges(&session->heap, verify_overlap, &rows, &ranges, &session->options.progress,
                     err)
        || err->kind != ERR_NONE)
        return false;
    report_summary(report, "ranges", cell_count(ranges.count));
    report_summary(report, "overlapping", cell_count(ranges.overlapping));
    return true;
}

// --- --extensions: objects that C types hold without telling the collector

static const struct column extension_columns[] = {
    { COL(object), 18, COLUMN_OBJECT, "one of the instances that own an object there" },
    { COL(type), 20, 0, "the type in C" },
    { COL(module), 12, 0, "the file that the type comes from" },
    { COL(offset), 8, COLUMN_RIGHT,
      "of the member in the instance; behind: in memory of the extension's own that a word of the "
      "instance points at" },
    { COL(member), 8, 0, "its name, where tp_members or debug information have it" },
    { COL(count), 8, COLUMN_RIGHT,
      "instances that own an object there, of those that were looked at" },
    { COL(problem), 30, COLUMN_WIDE, "what it means" },
    COLUMN_ROW_END,
};

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// The member's name in tp_members, debug information or a decoder.
static struct cell member_name(const struct session *session, struct report *report,
                               const struct untraversed_member *m)
{
    const struct heap *heap = &session->heap;
    const struct python *py = &session->py;
    const struct type *type = type_row(py->types, m->type);
    char name[64] = "";
    struct heap_edges edges = { 0 };
    node to = untraversed_owned(heap, m, m->example);
    addr known = m->behind < 0 ? type_member_at(py, type, m->offset) : 0;
    struct text member = TEXT_INIT;
    if (known)
        target_read_string(py->target, known, name, sizeof name);
    else if ((m->behind < 0 ? structs_name(py, type, m->offset, &member)
                            : structs_name_behind(py, type, m->offset, m->behind, &member))
             == STRUCTS_NAMED)
        snprintf(name, sizeof name, "%s", text_string(&member));
    else if (to != NODE_NONE && heap_edges_between(heap, m->example, to, &edges, NULL)
             && edges.count)
        snprintf(name, sizeof name, "%s", heap_edge_name(&edges, 0));
    heap_edges_fini(&edges);
    text_fini(&member);
    const char *text = name + (*name == '.');
    return *text ? cell_text(report_foreign(report, text)) : cell_null();
}

static bool cmd_verify_add_member(const struct session *session, struct report *report,
                                  const struct untraversed_member *m, struct err *err)
{
    const struct python *py = &session->py;
    const struct type *type = type_row(py->types, m->type);
    int module = type_module(py, type);
    char place[UNTRAVERSED_PLACE];
    const char *why = m->has_flag ? "that its tp_traverse does not visit"
                                  : "and the type lacks Py_TPFLAGS_HAVE_GC";
    const char *problem = report_format(
        report, "%llu of %llu %s own%s an object%s %s: the collector never frees a ring through it",
        (unsigned long long)m->held, (unsigned long long)m->judged,
        text_plural(m->judged, "instance", "instances"), text_plural(m->held, "s", ""),
        m->has_flag ? "" : ",", why);
    return report_row(
        report,
        (const struct cell[]){
            cell_object(m->example), cell_type(m->type),
            module < 0 ? cell_null()
                       : cell_text(
                           report_foreign(report, file_name(session->target.modules[module].path))),
            cell_text(report_format(report, "%s", untraversed_place(m, place))),
            member_name(session, report, m), cell_count(m->held), cell_text(problem) },
        err);
}

static bool check_extensions(struct session *session, struct report *report, struct err *err)
{
    struct untraversed unseen;
    if (!report_columns(report, "verify", extension_columns)
        || !heap_untraversed(&session->heap, &session->roots, &unseen, err))
        return false;
    report->empty = "no member of an extension's type was found that owns objects unseen";
    bool ok = true;
    for (size_t i = 0; i < unseen.count && ok; i++)
        ok = cmd_verify_add_member(session, report, &unseen.members[i], err);
    report_summary(report, "types", cell_count(unseen.types));
    report_summary(report, "types_with_few_instances", cell_count(unseen.few));
    report_summary(report, "types_only_guessed_at", cell_count(unseen.untold));
    untraversed_free(&unseen);
    return ok;
}

static bool cmd_verify_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    if (args_has(args, "extensions"))
        return check_extensions(session, report, err);
    report->empty = "everything that was checked adds up";
    if (session->has_store && !store_verify(&session->store, err))
        return err_wrap(err, "%s", session->options.core);
    return check_reading(session, report, err) && check_lists(session, report, err)
           && cmd_verify_check_objects(session, report, err) && check_damage(session, report, err)
           && check_ranges(session, report, err)
           && (!args_has(args, "traverse") || check_traverse(session, report, err));
}

static const struct option_row options[] = {
    { .name = "traverse",
      .kind = OPTION_FLAG,
      .help =
          "compare every object's references with its type's own tp_traverse, run in the jail" },
    { .name = "extensions",
      .kind = OPTION_FLAG,
      .help = "instead: members of extension types that own objects which the collector is not "
              "told of" },
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_verify = {
    .name = "verify",
    .usage = "[--traverse | --extensions] [-n N]",
    .summary = "what does not add up in this heap",
    .help =
        "Broken lists of the collector, memory that could not be read, references that lead "
        "nowhere, each with its holder and the last sound object before, objects with more "
        "references found than their refcount allows, bytes that two objects both count in their "
        "sizes. No row means that all of this holds.\n"
        "\n"
        "--extensions looks at the types in C that belong neither to the interpreter nor to its "
        "standard library (those hold without telling on purpose, as code objects do): a word that "
        "is nearly always an object or null, that tp_traverse does not visit, and that the "
        "objects' refcounts say is a reference. The collector can never free a cycle through such "
        "a member. With one or two instances all references that are unaccounted for must be such "
        "words. Memory of the extension's own that a word of the instance points at is examined, "
        "too, in its first 512 bytes, if there are at least three instances.",
    .example = "verify",
    .options = options,
    .columns = columns,
    .needs = NEEDS_ROOTS,
    .run = cmd_verify_run,
};
