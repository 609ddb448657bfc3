// SPDX-License-Identifier: GPL-3.0-or-later
// `instances`: the live objects of one class, each with its holder.
#include <stdlib.h>
#include <string.h>

#include "cmd/session/resolve.h"
#include "cmd/session/select.h"
#include "graph/marks.h"
#include "heap/names/attribute.h"
#include "py/objects/type.h"
#include "py/read.h"

static const struct column columns[] = {
    { COL(object), 18, COLUMN_OBJECT, "the instance" },
    { COL(type), 18, 0, "its type's name" },
    { COL(gen), 4, 0, "its generation" },
    { COL(refcount), 8, COLUMN_RIGHT, "unknown if it is immortal, or cannot be read" },
    { COL(bytes), 9, COLUMN_RIGHT | COLUMN_HUMAN, "its own bytes" },
    { COL(retained), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_WHOLE,
      "the bytes that are freed with it, once `retained` has worked them out" },
    { COL(garbage), 7, 0, "whether a full collection would find it unreachable" },
    { COL(held_by), 32, 0, "what refers to it" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

#define BASES_MAX 64

static bool derives(const struct python *py, const struct type *type, addr base)
{
    for (int i = 0; type && i < BASES_MAX; i++) {
        if (type->at == base)
            return true;
        type = type_base(py, type);
    }
    return false;
}

// Follows references alone: without values there is nothing else.
static bool is_in_mro_object(const struct heap *heap, const struct type *type, addr base)
{
    node class = heap_node_of(heap, type->at), wanted = heap_node_of(heap, base);
    node mro = class == NODE_NONE ? NODE_NONE : heap_referent(heap, class, ".__mro__");
    return mro != NODE_NONE && wanted != NODE_NONE
           && csr_find_edge(&heap->forward, 0, mro, wanted) != CSR_NO_EDGE;
}

// Follows tp_base only; a class that has the other as a later base is found by its own tp_mro.
static bool is_in_mro(const struct heap *heap, const struct type *type, addr base)
{
    const struct python *py = heap->py;
    if (derives(py, type, base))
        return true;
    if (!python_has_values(py))
        return is_in_mro_object(heap, type, base);
    addr mro = READ(py, type->at, PyTypeObject_tp_mro);
    uint64_t count = mro ? READ(py, mro, PyVarObject_ob_size) : 0;
    for (uint64_t i = 0; i < count && i < 1024; i++)
        if (target_u64(py->target, INSIDE(py, mro, PyTupleObject_ob_item) + i * 8, NULL) == base)
            return true;
    return false;
}

static uint64_t *cmd_instances_mark_types(const struct session *session, const struct type *wanted,
                                          bool subclasses)
{
    const struct python *py = &session->py;
    uint32_t count = heap_type_count(&session->heap);
    uint64_t *types = calloc(marks_words(count) + 1, sizeof *types);
    for (uint32_t t = 0; types && t < count; t++) {
        const struct type *row = type_row(py->types, t);
        if (!strcmp(row->name, wanted->name)
            || (subclasses && is_in_mro(&session->heap, row, wanted->at)))
            marks_set(types, t);
    }
    return types;
}

static bool cmd_instances_add_row(struct session *session, struct report *report, node n,
                                  struct err *err)
{
    const struct heap *heap = &session->heap;
    const struct cell cells[] = {
        cell_object(n),
        cell_type_of(n),
        selection_gen_cell(heap, n),
        selection_refcount_cell(heap, n),
        cell_bytes(heap_size(heap, n)),
        session->has_dominators ? cell_bytes(session->dominate.retained[n]) : cell_null(),
        cell_bool(collect_is_unreachable(&session->garbage, n)),
        cell_text(selection_referrers(session, report, n)),
        cell_preview(n),
    };
    return report_row(report, cells, err);
}

// A class without instances of its own, such as an abstract one, is known only as an object.
static const struct type *find_class(struct session *session, const char *word, struct err *err)
{
    const struct heap *heap = &session->heap;
    const struct python *py = &session->py;
    uint32_t index;
    if (session_type(session, word, &index, err))
        return type_row(py->types, index);
    for (node n = 0; n < heap->node_count && heap_has_values(heap); n++) {
        const struct type *meta = type_row(py->types, heap_type(heap, n));
        if (!meta->is_metatype && !(meta->flags & TPFLAGS_TYPE_SUBCLASS))
            continue;
        const struct type *type = type_at(py, heap_addr(heap, n));
        if (type && !strcmp(type->name, word))
            return type;
    }
    return NULL;
}

static bool cmd_instances_run(struct session *session, const struct args *args,
                              struct report *report, struct err *err)
{
    const struct type *class = find_class(session, args->words[0], err);
    if (!class || !session_need(session, NEEDS_GARBAGE, err))
        return false;
    uint64_t *types = cmd_instances_mark_types(session, class, args_has(args, "subclasses"));
    if (!types)
        return err_memory(err, "a set of types");
    const struct heap *heap = &session->heap;
    bool ok = true;
    for (node n = 0; ok && n < heap->node_count; n++) {
        if (!marks_has(types, heap_type(heap, n)))
            continue;
        if (report_is_full(report)) { // only counted: no row shows its holder
            report->truncated = true;
            break;
        }
        ok = cmd_instances_add_row(session, report, n, err);
    }
    report->empty = "no object has exactly this type; --subclasses takes more";
    free(types);
    return ok;
}

static const struct option_row options[] = {
    { .letter = 's',
      .name = "subclasses",
      .kind = OPTION_FLAG,
      .help = "include instances of derived classes" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_instances = {
    .name = "instances",
    .usage = "CLASS [-s] [-n N]",
    .summary = "the objects of one class, and who refers to each",
    .help = "CLASS is a type's full name, or its last part if that is unique. One row per object, "
            "with up to three of the objects that refer to it, by name.",
    .example = "instances User -n 10",
    .options = options,
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_TYPE,
    .columns = columns,
    .needs = NEEDS_REVERSE,
    .run = cmd_instances_run,
};
