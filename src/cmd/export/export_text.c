// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of text, a megabyte at a time: see export_text.h. The part that all rows of a type share
// (its quoted name) is made once.
#include "cmd/export/export_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/session/select.h"
#include "heap/names/edge.h"

#define EXPORT_BLOCK ((size_t)1 << 20)
#define LOOK_EVERY 4096 // objects between two looks at progress

struct export_text {
    const struct heap_file_source *source;
    struct export_sink *sink;
    uint64_t split, rows; // of a file: the most there may be, and those written
    enum export_format format;
    char between; // the separator of cells
    struct text out;
    char **types; // by type: its name in this format; null: not made yet
    uint64_t objects, refs;
};

static bool export_text_flush(struct export_text *to, struct err *err)
{
    bool ok = text_ok(&to->out, err)
              && export_sink_write(to->sink, to->out.data ? to->out.data : "", to->out.size, err);
    text_clear(&to->out);
    return ok;
}

// RFC 4180: quotes only where necessary. Type names are escaped: they hold no tabs or line ends.
static void export_add_quoted(struct text *out, const char *name, bool csv)
{
    if (!csv || !name[strcspn(name, ",\"")]) {
        text_add_string(out, name);
        return;
    }
    text_add_char(out, '"');
    for (; *name; name++)
        text_add(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    text_add_char(out, '"');
}

static void export_add_type(struct export_text *to, uint32_t type)
{
    if (!to->types[type]) {
        struct text name = TEXT_INIT;
        const char *plain = heap_type_name(to->source->heap, type);
        if (to->format == EXPORT_JSONL)
            json_add_string(&name, plain);
        else
            export_add_quoted(&name, plain, to->format == EXPORT_CSV);
        to->types[type] = text_detach(&name);
    }
    to->out.failed |= !to->types[type];
    if (to->types[type])
        text_add_string(&to->out, to->types[type]);
}

static void export_add_key(struct export_text *to, const char *key)
{
    if (to->format == EXPORT_JSONL)
        text_add_string(&to->out, key); // as in the output: ,"type":
    else if (to->out.size && to->out.data[to->out.size - 1] != '\n')
        text_add_char(&to->out, to->between);
}

static void export_add_address(struct export_text *to, addr at)
{
    bool json = to->format == EXPORT_JSONL;
    if (json)
        text_add_char(&to->out, '"');
    text_add_address(&to->out, at);
    if (json)
        text_add_char(&to->out, '"');
}

static void export_add_refs(struct export_text *to, node n, bool holds)
{
    const struct heap *heap = to->source->heap;
    bool json = to->format == EXPORT_JSONL, first = true;
    if (json)
        text_add_char(&to->out, '[');
    for (uint64_t e = csr_first(&heap->forward, n); e < csr_end(&heap->forward, n); e++) {
        uint32_t word = heap->forward.to[e];
        if (!(word & EDGE_HOLDS) == holds)
            continue;
        if (!first)
            text_add_char(&to->out, json ? ',' : ' ');
        export_add_address(to, heap_addr(heap, word & EDGE_NODE));
        first = false;
        to->refs++;
    }
    if (json)
        text_add_char(&to->out, ']');
}

static void export_add_word(struct export_text *to, const char *word)
{
    if (to->format == EXPORT_JSONL)
        text_add_char(&to->out, '"');
    text_add_string(&to->out, word);
    if (to->format == EXPORT_JSONL)
        text_add_char(&to->out, '"');
}

static void export_add_unknown(struct export_text *to)
{
    if (to->format == EXPORT_JSONL)
        text_add(&to->out, "null", 4);
}

static void export_add_bool(struct export_text *to, bool value)
{
    text_add_string(&to->out, value ? "true" : "false");
}

static void export_add_numbers(struct export_text *to, node n)
{
    const struct heap *heap = to->source->heap;
    int64_t refcount = heap->flags[n] & NODE_IMMORTAL ? -1 : heap_refcount(heap, n);
    export_add_key(to, ",\"gen\":");
    if (heap->gen[n] == GEN_PERMANENT)
        export_add_word(to, "permanent");
    else if (heap->gen[n] < GEN_PERMANENT)
        text_add_number(&to->out, heap->gen[n]);
    else
        export_add_unknown(to);
    export_add_key(to, ",\"refcount\":");
    if (refcount >= 0)
        text_add_number(&to->out, (uint64_t)refcount);
    else
        export_add_unknown(to);
    export_add_key(to, ",\"bytes\":");
    text_add_number(&to->out, heap_size(heap, n));
}

static void export_add_object(struct export_text *to, node n)
{
    const struct heap *heap = to->source->heap;
    export_add_key(to, "{\"object\":");
    export_add_address(to, heap_addr(heap, n));
    export_add_key(to, ",\"type\":");
    export_add_type(to, heap_type(heap, n));
    export_add_numbers(to, n);
    export_add_key(to, ",\"tracked\":");
    export_add_bool(to, heap->flags[n] & NODE_TRACKED);
    export_add_key(to, ",\"collectable\":");
    export_add_bool(to, collect_is_unreachable(to->source->garbage, n));
    export_add_key(to, ",\"evidence\":");
    export_add_word(to, evidence_name(heap_evidence(heap, n)));
    export_add_key(to, ",\"refs\":");
    export_add_refs(to, n, false);
    if (to->source->all) {
        export_add_key(to, ",\"holds\":");
        export_add_refs(to, n, true);
    }
    text_add_string(&to->out, to->format == EXPORT_JSONL ? "}\n" : "\n");
    to->objects++;
}

static void export_add_slot(struct export_text *to, addr slot)
{
    if (!slot) {
        export_add_unknown(to);
        return;
    }
    export_add_address(to, slot);
}

static void export_add_edge(struct export_text *to, const struct heap_edges *edges, size_t i)
{
    const struct heap_edge *edge = &edges->items[i];
    const struct heap *heap = to->source->heap;
    export_add_key(to, "{\"source\":");
    export_add_address(to, heap_addr(heap, edge->from));
    export_add_key(to, ",\"target\":");
    export_add_address(to, heap_addr(heap, edge->to));
    export_add_key(to, ",\"visited\":");
    export_add_bool(to, !(edge->flags & EDGE_HOLDS));
    export_add_key(to, ",\"borrowed\":");
    export_add_bool(to, edge->flags & EDGE_BORROWED);
    export_add_key(to, ",\"edge\":");
    if (to->format == EXPORT_JSONL)
        json_add_string(&to->out, heap_edge_name(edges, i));
    else
        export_add_quoted(&to->out, heap_edge_name(edges, i), to->format == EXPORT_CSV);
    export_add_key(to, ",\"slot\":");
    export_add_slot(to, edge->slot);
    text_add_string(&to->out, to->format == EXPORT_JSONL ? "}\n" : "\n");
    to->refs++;
}

static void export_add_names(struct export_text *to, const char *const *names, size_t count)
{
    for (size_t i = 0; to->format != EXPORT_JSONL && i < count; i++) {
        text_add_string(&to->out, names[i]);
        text_add_char(&to->out, i + 1 < count ? to->between : '\n');
    }
}

static void export_add_head(struct export_text *to)
{
    static const char *const names[] = {
        "object",  "type",        "gen",      "refcount", "bytes",
        "tracked", "collectable", "evidence", "refs",     "holds"
    };
    static const char *const of_edges[] = { "source",   "target", "visited",
                                            "borrowed", "edge",   "slot" };
    if (to->source->edges)
        export_add_names(to, of_edges, sizeof of_edges / sizeof *of_edges);
    else
        export_add_names(to, names, sizeof names / sizeof *names - !to->source->all);
}

// Before each row: begins the next file when this one has its number of rows.
static bool export_text_turn(struct export_text *to, struct err *err)
{
    if (to->split && to->rows == to->split) {
        if (!export_text_flush(to, err) || !export_sink_next(to->sink, err))
            return false;
        to->rows = 0;
        export_add_head(to);
    }
    to->rows++;
    return true;
}

static bool export_add_edges(struct export_text *to, node n, struct heap_edges *edges,
                             struct err *err)
{
    edges->count = 0;
    text_clear(&edges->names);
    if (!heap_referents(to->source->heap, n, SIZE_MAX, edges, err))
        return false;
    to->objects++;
    for (size_t i = 0; i < edges->count; i++) {
        if (edges->items[i].flags & EDGE_HOLDS && !to->source->all)
            continue;
        if (!export_text_turn(to, err))
            return false;
        export_add_edge(to, edges, i);
        if (to->out.size >= EXPORT_BLOCK && !export_text_flush(to, err))
            return false;
    }
    return true;
}

static bool export_add_one(struct export_text *to, node n, struct heap_edges *edges,
                           struct err *err)
{
    if (to->source->edges)
        return export_add_edges(to, n, edges, err);
    if (!export_text_turn(to, err))
        return false;
    export_add_object(to, n);
    return true;
}

static bool export_add_all(struct export_text *to, struct heap_edges *edges, struct err *err)
{
    const struct heap_file_source *source = to->source;
    export_add_head(to);
    for (node n = 0; n < source->heap->node_count; n++) {
        if (source->has(source->context, n) && !export_add_one(to, n, edges, err))
            return false;
        if (n % LOOK_EVERY == 0
            && !progress_step(source->progress, "writing", n, source->heap->node_count))
            return err_set(err, ERR_CANCELLED, "the export was cancelled");
        if (to->out.size >= EXPORT_BLOCK && !export_text_flush(to, err))
            return false;
    }
    return export_text_flush(to, err);
}

bool export_text(struct export_sink *sink, enum export_format format, uint64_t split,
                 const struct heap_file_source *source, uint64_t *objects, uint64_t *refs,
                 struct err *err)
{
    uint32_t count = heap_type_count(source->heap);
    struct heap_edges edges = { 0 };
    struct export_text to = { .source = source,
                              .sink = sink,
                              .split = split,
                              .format = format,
                              .between = format == EXPORT_TSV ? '\t' : ',',
                              .types = calloc((size_t)count + 1, sizeof *to.types) };
    if (!to.types)
        return err_memory(err, "the names of types");
    bool ok = export_add_all(&to, &edges, err);
    heap_edges_fini(&edges);
    for (uint32_t t = 0; t < count; t++)
        free(to.types[t]);
    free(to.types);
    text_fini(&to.out);
    *objects = to.objects;
    *refs = to.refs;
    return ok;
}
