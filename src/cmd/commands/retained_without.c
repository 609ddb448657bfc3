// SPDX-License-Identifier: GPL-3.0-or-later
// What would happen without some references: see retained_without.h.
#include "cmd/commands/retained_without.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/session/resolve.h"
#include "finding/path_shapes.h"
#include "graph/marks.h"
#include "heap/analysis/without.h"
#include "heap/names/attribute.h"
#include "heap/names/edge.h"
#include "py/objects/type.h"

#define BASES_MAX 64

const struct column what_if_columns[] = {
    { COL(fate), 16, 0, "freed by refcounts, freed by the collector, or still held" },
    { COL(what), 40, COLUMN_WIDE, "a type; of what is still held, the path that holds it" },
    { COL(objects), 9, COLUMN_RIGHT | COLUMN_WHOLE | COLUMN_GOES(6), "how many" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR | COLUMN_WHOLE, "their own bytes" },
    { COL(object), 18, 0, "one of them: the largest" },
    COLUMN_ROW_END,
};

// --- references by name -------------------------------------------------------------------------

// Ignores the references of `from` that have this name: `.name`, or [key].
static bool what_if_take(struct without *without, node from, const char *part, bool is_attribute,
                         struct err *err)
{
    const struct heap *heap = without->heap;
    struct heap_edges edges = { 0 };
    size_t size = strlen(part);
    bool ok = heap_referents(heap, from, SIZE_MAX, &edges, err);
    for (size_t i = 0; ok && i < edges.count; i++) {
        const char *edge = heap_edge_name(&edges, i);
        bool fits = is_attribute ? *edge == '.' && !strcmp(edge + 1, part)
                                 : resolve_is_key(edge, part, size);
        if (fits)
            ok = without_edge(without, csr_first(&heap->forward, from) + i, err);
    }
    heap_edges_fini(&edges);
    return ok;
}

// Ignores an object's own attribute: a member, or an entry of its __dict__.
static bool what_if_take_attribute(struct without *without, node from, const char *name,
                                   struct err *err)
{
    node dict = heap_referent(without->heap, from, ".__dict__");
    return what_if_take(without, from, name, true, err)
           && (dict == NODE_NONE || what_if_take(without, dict, name, false, err));
}

static bool what_if_is_instance(const struct heap *heap, node n, uint32_t wanted)
{
    const struct type *want = type_row(heap->py->types, wanted);
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    for (int i = 0; type && i < BASES_MAX; i++, type = type_base(heap->py, type))
        if (type->at == want->at)
            return true;
    return false;
}

static bool what_if_take_of_class(struct without *without, uint32_t class, const char *name,
                                  struct err *err)
{
    const struct heap *heap = without->heap;
    uint32_t count = heap_type_count(heap);
    uint8_t *known = calloc((size_t)count + 1, 1); // by type: 0 not checked yet, 1 no, 2 yes
    bool ok = known || err_memory(err, "the instances of a class");
    for (node n = 0; ok && n < heap->node_count; n++) {
        uint8_t *is = &known[heap_type(heap, n)];
        if (!*is)
            *is = 1 + what_if_is_instance(heap, n, class);
        ok = *is == 1 || what_if_take_attribute(without, n, name, err);
    }
    free(known);
    return ok;
}

// Where the name's last ".attr" or "[key]" begins; 0: the name has only one part.
static size_t what_if_last_part(const char *word)
{
    size_t last = 0;
    for (size_t at = 0, size; word[at]; at += size) {
        last = at;
        at += word[at] == '.';
        size = resolve_part_size(word + at);
        if (!size)
            return 0;
    }
    return last;
}

// Whether the word names a class that has instances; `from` is the object that it names otherwise.
static bool what_if_class(struct session *session, const char *word, node from, uint32_t *class)
{
    const struct types *types = session->py.types;
    return session_type(session, word, class, NULL)
           && (from == NODE_NONE || type_row(types, *class)->at == heap_addr(&session->heap, from));
}

static bool what_if_take_part(struct session *session, struct without *without, const char *holder,
                              const char *part, struct err *err)
{
    uint64_t before = without->references;
    uint32_t class;
    struct text key = TEXT_INIT;
    bool is_key = *part == '[', ok = true;
    if (is_key)
        text_add(&key, part + 1, strlen(part) - 2);
    else
        text_add_string(&key, part + (*part == '.'));
    const char *failed, *name = text_string(&key);
    node from = resolve_name(session, holder, &failed);
    if (!is_key && what_if_class(session, holder, from, &class))
        ok = what_if_take_of_class(without, class, name, err);
    if (ok && without->references == before && from != NODE_NONE)
        ok = is_key ? what_if_take(without, from, name, false, err)
                    : what_if_take_attribute(without, from, name, err);
    text_fini(&key);
    return ok;
}

static bool what_if_take_word(struct session *session, struct without *without, const char *word,
                              struct err *err)
{
    uint64_t before = without->references;
    if (isdigit((unsigned char)*word) || *word == '#' || *word == '$') {
        node n;
        return session_object(session, word, &n, err) && without_object(without, n, err);
    }
    if (!session_has_values(session) || strchr(word, ' '))
        return err_set(err, ERR_USAGE, "--without %s: name the object by its address", word);
    size_t last = what_if_last_part(word);
    char *holder = last ? strndup(word, last) : strdup("__main__");
    bool ok = holder ? what_if_take_part(session, without, holder, word + last, err)
                     : err_memory(err, word);
    free(holder);
    return ok
           && (without->references > before
               || err_set(err, ERR_NOT_FOUND,
                          "--without %s: no module, object or class has a reference of that name",
                          word));
}

// --- rows ---------------------------------------------------------------------------------------

static bool what_if_add_row(struct report *report, const char *fate, struct cell what,
                            const struct without_sum *tally, struct err *err)
{
    const struct cell cells[] = {
        cell_text(fate),
        what,
        cell_count(tally->objects),
        cell_bytes(tally->bytes),
        cell_object(tally->largest),
    };
    return report_row(report, cells, err);
}

// Adds rows by type, most bytes first.
static bool what_if_add_freed(const struct without *without, enum without_fate fate,
                              const char *name, struct report *report, struct without_sum *all,
                              struct err *err)
{
    uint32_t count;
    struct without_sum *sums = without_by_type(without, fate, &count, all, err);
    bool ok = sums != NULL;
    for (uint32_t i = 0; ok && i < count; i++)
        ok = what_if_add_row(report, name, cell_type_of(sums[i].largest), &sums[i], err);
    free(sums);
    return ok;
}

// Classes, and untracked objects that were not asked for, are held by the program itself: listing
// them would tell nothing.
static bool what_if_has(const void *context, node n)
{
    const struct without *without = context;
    const struct heap *heap = without->heap;
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    if (type->is_metatype || (type->flags & TPFLAGS_TYPE_SUBCLASS)
        || (!(heap->flags[n] & NODE_TRACKED) && !marks_has(without->targets, n)))
        return false;
    return without_is_rest(without, n);
}

static bool what_if_add_held(struct session *session, const struct without *without,
                             struct report *report, struct without_sum *sum, struct err *err)
{
    struct root_paths paths;
    struct path_shapes shapes;
    if (!root_paths_find_without(&paths, &session->heap, &session->roots, without,
                                 &session->options.progress, err))
        return false;
    const struct path_shapes_question question = {
        .heap = &session->heap,
        .roots = &session->roots,
        .paths = &paths,
        .has = what_if_has,
        .context = without,
        .progress = &session->options.progress,
    };
    bool ok = path_shapes_find(&shapes, &question, err);
    for (size_t i = 0; ok && i < shapes.count; i++) {
        const struct path_shapes_row *row = &shapes.items[i];
        const struct without_sum tally = { row->objects, row->bytes, row->object };
        ok = what_if_add_row(report, "still held",
                             cell_text(report_text(report, row->text, strlen(row->text))), &tally,
                             err);
    }
    sum->objects = ok ? shapes.objects : 0;
    sum->bytes = ok ? shapes.bytes : 0;
    if (ok)
        path_shapes_free(&shapes);
    root_paths_free(&paths);
    return ok;
}

static bool what_if_add_rows(struct session *session, const struct without *without,
                             struct report *report, struct err *err)
{
    struct without_sum counts = { 0 }, collector = { 0 }, held = { 0 };
    bool ok = what_if_add_freed(without, WITHOUT_COUNTS, "freed by refcounts", report, &counts, err)
              && what_if_add_freed(without, WITHOUT_COLLECTOR, "freed by the collector", report,
                                   &collector, err)
              && what_if_add_held(session, without, report, &held, err);
    report_summary(report, "references", cell_count(without->references));
    report_summary_whole(report, "by_refcounts", cell_count(counts.objects));
    report_summary_whole(report, "by_refcounts_bytes", cell_bytes(counts.bytes));
    report_summary_whole(report, "by_collector", cell_count(collector.objects));
    report_summary_whole(report, "by_collector_bytes", cell_bytes(collector.bytes));
    report_summary_whole(report, "still_held", cell_count(held.objects));
    report_summary_whole(report, "still_held_bytes", cell_bytes(held.bytes));
    report_summary_whole(report, "finalizers", cell_count(without->finalizers));
    return ok;
}

bool what_if_add(struct session *session, const char *const *words, struct report *report,
                 struct err *err)
{
    struct without without;
    if (!without_open(&without, &session->heap, &session->roots, err))
        return false;
    bool ok = true;
    for (; ok && *words; words++)
        ok = what_if_take_word(session, &without, *words, err);
    ok = ok && without_find(&without, session->dominate.dead, &session->options.progress, err)
         && what_if_add_rows(session, &without, report, err);
    without_free(&without);
    report->empty = "nothing would be freed";
    return ok;
}
