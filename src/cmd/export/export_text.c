// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of text: see export_text.h. The part that all rows of a type share (its quoted name) is made once.
//
// Objects are written in pieces, by all threads. Which objects, and their refcounts, which are read from
// the target, is the caller's thread's to say; and it alone writes to the files:
//
//      caller    put batch 1, choose batch 3, help with 2 | put 2, choose 4, help with 3 | ...
//      others    write pieces of batch 2                  | write pieces of batch 3      | ...
#include "cmd/export/export_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/unused.h"
#include "cmd/session/select.h"
#include "heap/names/edge.h"

#define EXPORT_BLOCK ((size_t)1 << 20)
#define LOOK_EVERY 4096    // objects between two looks at progress
#define EXPORT_PIECE 2048u // objects
#define EXPORT_PIECES 4u   // of a batch, for each thread

struct export_text {
    const struct heap_file_source *source;
    struct export_sink *sink;
    uint64_t split, rows; // of a file: the most there may be, and those written
    enum export_format format;
    char between; // the separator of cells
    struct text out;
    char *const *types; // by type: its name in this format
    uint64_t objects, refs;
};

struct export_piece {
    struct export_text text;
    bool turns; // the next file begins before it
    size_t count;
    node nodes[EXPORT_PIECE];
    int64_t refcounts[EXPORT_PIECE]; // below 0: none is told
};

struct export_batch {
    struct export_piece *pieces;
    size_t count;
};

struct export_line {
    struct export_text *to; // the files, and what pieces have in common
    struct export_batch batches[3], *out, *now, *next;
    size_t room; // pieces of a batch
    node at;     // the first object that is not chosen yet
    struct pool_pieces pieces;
    bool ok;
    struct err *err;
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

static bool export_name_types(char **types, const struct heap *heap, enum export_format format,
                              struct err *err)
{
    for (uint32_t type = 0; type < heap_type_count(heap); type++) {
        struct text name = TEXT_INIT;
        const char *plain = heap_type_name(heap, type);
        if (format == EXPORT_JSONL)
            json_add_string(&name, plain);
        else
            export_add_quoted(&name, plain, format == EXPORT_CSV);
        types[type] = text_detach(&name);
        if (!types[type])
            return err_memory(err, "the names of types");
    }
    return true;
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

static void export_add_numbers(struct export_text *to, node n, int64_t refcount)
{
    const struct heap *heap = to->source->heap;
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

static void export_add_object(struct export_text *to, node n, int64_t refcount)
{
    const struct heap *heap = to->source->heap;
    export_add_key(to, "{\"object\":");
    export_add_address(to, heap_addr(heap, n));
    export_add_key(to, ",\"type\":");
    text_add_string(&to->out, to->types[heap_type(heap, n)]);
    export_add_numbers(to, n, refcount);
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

static bool export_look(const struct heap_file_source *source, node n, struct err *err)
{
    return n % LOOK_EVERY != 0
           || progress_step(source->progress, "writing", n, source->heap->node_count)
           || err_set(err, ERR_CANCELLED, "the export was cancelled");
}

static bool export_all_edges(struct export_text *to, struct err *err)
{
    const struct heap_file_source *source = to->source;
    struct heap_edges edges = { 0 };
    bool ok = true;
    for (node n = 0; ok && n < source->heap->node_count; n++) {
        ok = (!source->has(source->context, n) || export_add_edges(to, n, &edges, err))
             && export_look(source, n, err)
             && (to->out.size < EXPORT_BLOCK || export_text_flush(to, err));
    }
    heap_edges_fini(&edges);
    return ok && export_text_flush(to, err);
}

// --- objects in pieces --------------------------------------------------------------------------

// Of the objects from line->at on; at most what the file has room for.
static bool export_choose_piece(struct export_line *line, struct export_piece *piece)
{
    struct export_text *to = line->to;
    const struct heap *heap = to->source->heap;
    piece->turns = to->split && to->rows == to->split;
    to->rows = piece->turns ? 0 : to->rows;
    piece->count = 0;
    text_clear(&piece->text.out);
    for (; line->at < heap->node_count && piece->count < EXPORT_PIECE
           && !(to->split && to->rows == to->split);
         line->at++) {
        node n = line->at;
        if (!export_look(to->source, n, line->err))
            return false;
        if (!to->source->has(to->source->context, n))
            continue;
        piece->nodes[piece->count] = n;
        piece->refcounts[piece->count++] =
            heap->flags[n] & NODE_IMMORTAL ? -1 : heap_refcount(heap, n);
        to->rows++;
    }
    return true;
}

static bool export_choose(struct export_line *line)
{
    struct export_batch *batch = line->next;
    for (batch->count = 0; batch->count < line->room;) {
        struct export_piece *piece = &batch->pieces[batch->count];
        if (!export_choose_piece(line, piece))
            return false;
        if (!piece->count)
            break;
        batch->count++;
    }
    return true;
}

static bool export_put(struct export_line *line)
{
    struct export_text *to = line->to;
    for (size_t i = 0; i < line->out->count; i++) {
        struct export_piece *piece = &line->out->pieces[i];
        if (piece->turns) {
            if (!export_text_flush(to, line->err) || !export_sink_next(to->sink, line->err))
                return false;
            export_add_head(to);
        }
        if (!export_text_flush(to, line->err) || !text_ok(&piece->text.out, line->err)
            || !export_sink_write(to->sink, text_string(&piece->text.out), piece->text.out.size,
                                  line->err))
            return false;
        to->objects += piece->text.objects;
        to->refs += piece->text.refs;
    }
    line->out->count = 0;
    return true;
}

static void export_write_piece(struct export_piece *piece)
{
    piece->text.objects = piece->text.refs = 0;
    for (size_t i = 0; i < piece->count; i++)
        export_add_object(&piece->text, piece->nodes[i], piece->refcounts[i]);
}

static void export_work(void *context, unsigned part, UNUSED unsigned parts)
{
    struct export_line *line = context;
    if (!part)
        line->ok = export_put(line) && export_choose(line);
    for (size_t i; pool_take(&line->pieces, &i);)
        export_write_piece(&line->now->pieces[i]);
}

static bool export_line_open(struct export_line *line)
{
    for (size_t i = 0; i < 3; i++) {
        struct export_batch *batch = &line->batches[i];
        batch->pieces = calloc(line->room, sizeof *batch->pieces);
        if (!batch->pieces)
            return err_memory(line->err, "an export");
        for (size_t k = 0; k < line->room; k++) {
            batch->pieces[k].text = *line->to;
            batch->pieces[k].text.out = (struct text)TEXT_INIT;
        }
    }
    return true;
}

static void export_line_close(struct export_line *line)
{
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; line->batches[i].pieces && k < line->room; k++)
            text_fini(&line->batches[i].pieces[k].text.out);
        free(line->batches[i].pieces);
    }
}

static bool export_all_objects(struct export_text *to, unsigned threads, struct err *err)
{
    struct export_line line = { .to = to, .room = EXPORT_PIECES * threads, .ok = true, .err = err };
    line.ok = export_line_open(&line);
    for (size_t turn = 0; line.ok; turn++) {
        line.out = &line.batches[turn % 3];
        line.now = &line.batches[(turn + 1) % 3];
        line.next = &line.batches[(turn + 2) % 3];
        line.pieces = (struct pool_pieces){ .count = line.now->count };
        pool_run(threads, export_work, &line);
        if (!line.now->count && !line.next->count)
            break;
    }
    export_line_close(&line);
    return line.ok && export_text_flush(to, err);
}

bool export_text(struct export_sink *sink, enum export_format format, uint64_t split,
                 const struct heap_file_source *source, unsigned threads, uint64_t *objects,
                 uint64_t *refs, struct err *err)
{
    uint32_t count = heap_type_count(source->heap);
    char **types = calloc((size_t)count + 1, sizeof *types);
    struct export_text to = { .source = source,
                              .sink = sink,
                              .split = split,
                              .format = format,
                              .between = format == EXPORT_TSV ? '\t' : ',',
                              .types = types };
    bool ok = types ? export_name_types(types, source->heap, format, err)
                    : err_memory(err, "the names of types");
    export_add_head(&to);
    if (ok)
        ok = source->edges ? export_all_edges(&to, err)
                           : export_all_objects(&to, threads ? threads : 1, err);
    for (uint32_t t = 0; types && t < count; t++)
        free(types[t]);
    free(types);
    text_fini(&to.out);
    *objects = to.objects;
    *refs = to.refs;
    return ok;
}
