// SPDX-License-Identifier: GPL-3.0-or-later
// Writing and reading a heap: see saved_heap.h. Roots and dry runs are in saved_roots.c.
#include "heap/saved/saved_heap.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/record.h"
#include "base/unused.h"
#include "base/vec.h"
#include "graph/marks.h"
#include "heap/saved/skeleton.h"
#include "heap/saved/saved_array.h"
#include "py/objects/content.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "target/image.h"

#define SECTION_MAX ((size_t)1 << 28)
#define CHUNK_BYTES (CHUNK_WORDS * sizeof(uint64_t))
#define BATCH 4096
#define SAVED_HEAP_REDACTED 1u // of the file's flags

static const char *const run_refs[] = { "refs 0", "refs 1", "refs 2" }, *const run_fates[] = {
    "fates 0", "fates 1", "fates 2"
};

// Whoever adds a member writes and reads it here too, and then changes this number.
_Static_assert(sizeof(struct heap) == 576, "heap/saved/saved_heap.c: struct heap has changed");

// --- writing ------------------------------------------------------------------------------------

static void put_census(struct text *to, const struct allocator_census *c)
{
    const uint64_t words[] = { c->known,         c->by_shape,       c->arenas,
                               c->pools,         c->blocks_used,    c->bytes_used,
                               c->blocks_free,   c->bytes_free,     c->blocks_objects,
                               c->bytes_objects, c->blocks_buffers, c->bytes_buffers,
                               c->blocks_dead,   c->bytes_dead,     c->blocks_known,
                               c->bytes_known,   c->blocks_raw };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        record_put(to, words[i]);
}

static void put_lists(struct text *to, const struct heap *heap)
{
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++) {
            const struct heap_list *list = &heap->lists[i][g];
            record_put(to, list->count);
            record_put(to, list->bytes);
            record_put(to, list->broken);
            record_put(to, list->broken_at);
        }
}

static void put_large(struct text *to, const struct heap *heap)
{
    record_put(to, heap->large_count);
    for (size_t i = 0; i < heap->large_count; i++) {
        record_put(to, heap->large[i].node);
        record_put(to, heap->large[i].size);
        record_put(to, heap->large[i].own);
    }
}

static void put_numbers(struct text *to, const struct heap *heap)
{
    const uint64_t words[] = { heap->node_count,      heap->forward.edge_count,
                               heap->addresses.count, heap->tracked,
                               heap->bytes,           heap->evidence[0],
                               heap->evidence[1],     heap->evidence[2],
                               heap->evidence[3],     heap->checked,
                               heap->differing,       heap->dropped,
                               heap->unfinished,      heap->outside };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        record_put(to, words[i]);
    put_census(to, &heap->census);
    put_lists(to, heap);
    put_large(to, heap);
    addr reached = 0;
    for (size_t i = 0; i < heap->addresses.count; i++) {
        record_put(to, (heap->addresses.chunks[i]->base - reached) >> CHUNK_SHIFT);
        reached = heap->addresses.chunks[i]->base;
    }
}

// Of a redacted heap, which is packed: small numbers.
static void write_degrees(const struct csr *csr, struct store_out *out)
{
    uint32_t degrees[BATCH];
    size_t fill = 0;
    store_section(out, "degrees", STORE_PLAIN);
    for (uint32_t n = 0; n < csr->node_count; n++) {
        degrees[fill++] = (uint32_t)(csr_end(csr, n) - csr_first(csr, n));
        if (fill == BATCH || n + 1 == csr->node_count) {
            store_put(out, degrees, fill * sizeof *degrees);
            fill = 0;
        }
    }
}

static void saved_heap_write_kept(const struct heap *heap, struct store_out *out)
{
    const struct skeleton *skeleton = heap->skeleton;
    struct text text = TEXT_INIT;
    size_t n = heap->node_count;
    record_put(&text, skeleton->member_count);
    for (size_t i = 0; i < skeleton->member_count; i++)
        record_put_text(&text, skeleton->members[i]);
    for (int g = 0; g < 3; g++) {
        record_put(&text, skeleton->runs[g].runs);
        record_put(&text, skeleton->runs[g].returns_known);
        saved_put_many(&text, skeleton->runs[g].many, skeleton->runs[g].many_count);
    }
    store_put_text(out, "kept", &text);
    text_fini(&text);
    store_put_section(out, "refcounts", STORE_PLAIN, skeleton->refcounts,
                      n * sizeof *skeleton->refcounts);
    store_put_section(out, "lengths", STORE_PLAIN, skeleton->lengths,
                      n * sizeof *skeleton->lengths);
    store_put_section(out, "finalizers", STORE_PLAIN, skeleton->finalizers,
                      (size_t)marks_words(heap->node_count) * sizeof *skeleton->finalizers);
    store_put_section(out, "edge names", STORE_DELTA, skeleton->names,
                      (size_t)heap->forward.edge_count * sizeof *skeleton->names);
    for (int g = 0; g < 3; g++) {
        store_put_section(out, run_refs[g], STORE_PLAIN, skeleton->runs[g].refs,
                          n * sizeof(int16_t));
        store_put_section(out, run_fates[g], STORE_PLAIN, skeleton->runs[g].fate, n);
    }
}

static void saved_heap_write_edges(const struct heap *heap, struct store_out *out)
{
    const struct csr *csr = &heap->forward;
    size_t edges = (size_t)csr->edge_count * sizeof *csr->to;
    if (saved_form(heap) != STORE_AS_IS) {
        write_degrees(csr, out);
        store_put_section(out, "edges", STORE_DELTA, csr->to, edges);
        return;
    }
    store_put_section(out, "offsets", STORE_AS_IS, csr->offset,
                      ((size_t)csr->node_count + 1) * sizeof *csr->offset);
    store_put_section(out, "bases", STORE_AS_IS, csr->base,
                      (size_t)csr_block_count(csr->node_count) * sizeof *csr->base);
    store_put_section(out, "edges", STORE_AS_IS, csr->to, edges);
}

uint32_t saved_heap_flags(enum disclosure how)
{
    return discloses_values(how) ? 0 : SAVED_HEAP_REDACTED;
}

enum disclosure saved_heap_disclosure(uint32_t flags)
{
    return flags & SAVED_HEAP_REDACTED ? DISCLOSE_SHAPE : DISCLOSE_ALL;
}

void heap_write(const struct heap *heap, struct store_out *out)
{
    struct text text = TEXT_INIT;
    enum store_filter form = saved_form(heap);
    size_t n = heap->node_count;
    put_numbers(&text, heap);
    store_put_text(out, "heap", &text);
    text_fini(&text);
    store_section(out, "places", form);
    for (size_t i = 0; i < heap->addresses.count; i++)
        store_put(out, heap->addresses.chunks[i]->bits, CHUNK_BYTES);
    if (heap->type16)
        store_put_section(out, "type16", form, heap->type16, n * sizeof *heap->type16);
    else
        store_put_section(out, "type32", form, heap->type32, n * sizeof *heap->type32);
    store_put_section(out, "sizes", form, heap->size16, n * sizeof *heap->size16);
    store_put_section(out, "gen", form, heap->gen, n);
    store_put_section(out, "flags", form, heap->flags, n);
    if (heap->owner)
        store_put_section(out, "owner", form, heap->owner, n);
    saved_heap_write_edges(heap, out);
    store_section(out, "lists", form == STORE_AS_IS ? form : STORE_DELTA);
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            store_put(out, heap->lists[i][g].order, heap->lists[i][g].count * sizeof(node));
    if (heap->skeleton)
        saved_heap_write_kept(heap, out);
}

// --- reading ------------------------------------------------------------------------------------

static bool section_fits(const struct store *store, const char *name, uint64_t count, size_t width,
                         struct err *err)
{
    if (store_has(store, name) && store_size(store, name) / width == count
        && !(store_size(store, name) % width))
        return true;
    return store_strange(err, "its section %s %s", name,
                         store_has(store, name) ? "has a size that does not fit" : "is missing");
}

bool saved_array(struct store *store, const char *name, uint64_t count, size_t width, void *to_pp,
                 struct err *err)
{
    if (!section_fits(store, name, count, width, err))
        return false;
    size_t size = (size_t)count * width;
    void *array = malloc(size ? size : 1);
    if (!array)
        return err_memory(err, name);
    memcpy(to_pp, &array, sizeof array); // freed with the object that it belongs to
    return store_read(store, name, array, size, err);
}

bool saved_lent(struct store *store, const char *name, uint64_t count, size_t width, void *to_pp,
                struct err *err)
{
    const void *array;
    if (!store_array(store, name, count, width, &array, err))
        return false;
    memcpy(to_pp, &array, sizeof array);
    return true;
}

#define SAVED_PIECE ((uint64_t)1 << 18) // items

struct saved_heap_fitting {
    saved_fits *fits;
    const void *context;
    uint64_t count;
    struct pool_pieces pieces;
    atomic_bool bad;
};

static void saved_heap_fit_some(void *context, UNUSED unsigned part, UNUSED unsigned parts)
{
    struct saved_heap_fitting *all = context;
    for (size_t i; pool_take(&all->pieces, &i);) {
        uint64_t first = i * SAVED_PIECE, left = all->count - first;
        if (!all->fits(all->context, first, first + (left < SAVED_PIECE ? left : SAVED_PIECE)))
            atomic_store(&all->bad, true);
    }
}

bool saved_fit_all(saved_fits *fits, const void *context, uint64_t count, unsigned threads)
{
    struct saved_heap_fitting all = { .fits = fits, .context = context, .count = count };
    all.pieces.count = (size_t)((count + SAVED_PIECE - 1) / SAVED_PIECE);
    pool_run(all.pieces.count < threads ? (unsigned)all.pieces.count : threads, saved_heap_fit_some,
             &all);
    return !all.bad;
}

bool saved_marks(struct store *store, const char *name, uint32_t count, uint64_t **marks,
                 struct err *err)
{
    size_t words = (size_t)marks_words(count);
    if (!section_fits(store, name, words, sizeof **marks, err))
        return false;
    *marks = calloc(words + 1, sizeof **marks);
    if (!*marks)
        return err_memory(err, name);
    if (!store_read(store, name, *marks, words * sizeof **marks, err))
        return false;
    if (count % 64)
        (*marks)[words - 1] &= (UINT64_C(1) << count % 64) - 1;
    return true;
}

static bool insane(struct err *err)
{
    return store_strange(err, "its numbers make no sense");
}

static void saved_heap_take_census(struct record *from, struct allocator_census *c)
{
    c->taken = true;
    c->known = record_below(from, 2);
    c->by_shape = record_below(from, 2);
    uint64_t *const words[] = { &c->arenas,         &c->pools,         &c->blocks_used,
                                &c->bytes_used,     &c->blocks_free,   &c->bytes_free,
                                &c->blocks_objects, &c->bytes_objects, &c->blocks_buffers,
                                &c->bytes_buffers,  &c->blocks_dead,   &c->bytes_dead,
                                &c->blocks_known,   &c->bytes_known,   &c->blocks_raw };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = record_number(from);
}

static bool take_lists(struct record *from, struct heap *heap, struct err *err)
{
    heap->lists = calloc(heap->py->interpreter_count, sizeof *heap->lists);
    if (!heap->lists)
        return err_memory(err, "the generations");
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++) {
            struct heap_list *list = &heap->lists[i][g];
            list->count = (uint32_t)record_below(from, (uint64_t)heap->node_count + 1);
            list->bytes = record_number(from);
            list->broken = record_below(from, 2);
            list->broken_at = record_number(from);
        }
    return true;
}

static bool take_large(struct record *from, struct heap *heap, struct err *err)
{
    size_t count = record_count(from, 3);
    if (!vec_grow(&heap->large, &heap->large_room, count + 1, sizeof *heap->large, err))
        return false;
    for (; heap->large_count < count && !from->bad; heap->large_count++) {
        struct heap_large *row = &heap->large[heap->large_count];
        row->node = (node)record_below(from, heap->node_count);
        row->size = record_number(from);
        row->own = record_number(from);
        from->bad |= row->own > row->size;
        from->bad |= heap->large_count && row->node <= row[-1].node;
    }
    return true;
}

// Reads the chunks' addresses; their bits come after them.
static bool take_chunks(struct record *from, struct heap *heap, struct store *store, size_t count,
                        struct err *err)
{
    addr base = 0;
    const uint64_t *bits = NULL;
    bool ok = saved_lent(store, "places", count, CHUNK_BYTES, &bits, err);
    for (size_t i = 0; ok && i < count; i++) {
        addr step = record_below(from, UINT64_C(1) << (64 - CHUNK_SHIFT));
        ok = !from->bad && (step || !i) && base + (step << CHUNK_SHIFT) >= base;
        if (!ok) {
            insane(err);
            break;
        }
        base += step << CHUNK_SHIFT;
        struct address_map_chunk *chunk = address_map_make(&heap->addresses, base);
        ok = chunk || err_memory(err, "the places of objects");
        if (ok)
            memcpy(chunk->bits, bits + i * CHUNK_WORDS, CHUNK_BYTES);
    }
    ok = ok && address_map_number(&heap->addresses, err);
    address_map_drop_scratch(&heap->addresses);
    return ok && (heap->addresses.node_count == heap->node_count || insane(err));
}

static bool take_numbers(struct record *from, struct heap *heap, struct store *store,
                         struct err *err)
{
    uint64_t nodes = record_below(from, (uint64_t)CSR_NODE_MAX + 1);
    heap->forward.edge_count = record_number(from);
    size_t chunks = (size_t)record_number(from);
    heap->node_count = (uint32_t)nodes;
    heap->tracked = record_number(from);
    heap->bytes = record_number(from);
    for (int i = 0; i < 4; i++)
        heap->evidence[i] = record_number(from);
    heap->checked = record_number(from);
    heap->differing = record_number(from);
    heap->dropped = record_number(from);
    heap->unfinished = record_number(from);
    heap->outside = record_number(from);
    saved_heap_take_census(from, &heap->census);
    return take_lists(from, heap, err) && take_large(from, heap, err) && (!from->bad || insane(err))
           && take_chunks(from, heap, store, chunks, err);
}

static bool saved_heap_objects_fit(const void *context, uint64_t first, uint64_t end)
{
    const struct heap *heap = context;
    uint32_t types = heap_type_count(heap), most = 0;
    bool good = true;
    for (uint64_t n = first; n < end; n++) {
        uint32_t type = heap_type(heap, (node)n);
        most = type > most ? type : most;
    }
    for (uint64_t n = first; n < end; n++)
        good &= heap->gen[n] <= GEN_NONE;
    for (uint64_t n = first; heap->owner && n < end; n++)
        good &= heap->owner[n] < heap->py->interpreter_count
                || (heap->owner[n] == HEAP_OWNER_UNKNOWN && !(heap->flags[n] & NODE_TRACKED));
    return good && most < types;
}

static bool saved_heap_take_objects(struct heap *heap, struct store *store, struct err *err)
{
    uint32_t n = heap->node_count;
    bool narrow = store_has(store, "type16");
    return saved_lent(store, narrow ? "type16" : "type32", n, narrow ? 2 : 4,
                      narrow ? (void *)&heap->type16 : (void *)&heap->type32, err)
           && saved_lent(store, "sizes", n, 2, &heap->size16, err)
           && saved_lent(store, "gen", n, 1, &heap->gen, err)
           && saved_lent(store, "flags", n, 1, &heap->flags, err)
           && (!store_has(store, "owner") || saved_lent(store, "owner", n, 1, &heap->owner, err))
           && (saved_fit_all(saved_heap_objects_fit, heap, n, store->threads)
               || store_strange(err, "its objects make no sense"));
}

static bool saved_heap_keep_csr(struct csr *csr, struct store *store, struct err *err)
{
    void **const arrays[] = { (void **)&csr->offset, (void **)&csr->base, (void **)&csr->to };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!*arrays[i] || !store_keep(store, *arrays[i], err)) {
            for (; i < sizeof arrays / sizeof *arrays; i++)
                free(*arrays[i]);
            *csr = (struct csr){ 0 };
            return false;
        }
    return true;
}

// Packed: how many references each object has, and where they lead.
static bool saved_heap_unpack_edges(struct heap *heap, struct store *store, struct err *err)
{
    struct csr *csr = &heap->forward;
    uint64_t edges = csr->edge_count;
    if (store_size(store, "degrees") != (uint64_t)heap->node_count * 4
        || store_size(store, "edges") / 4 != edges || store_size(store, "edges") % 4)
        return store_strange(err, "its references do not fit its objects");
    bool ok = csr_blank(csr, heap->node_count, err)
              && store_read(store, "degrees", csr->offset, (size_t)heap->node_count * 4, err);
    uint64_t sum = 0; // checked before csr_counted() relies on them
    for (node n = 0; ok && n < heap->node_count; n++)
        sum += csr->offset[n];
    if (ok && sum != edges)
        ok = store_strange(err, "its references do not fit its objects");
    ok = ok && csr_counted(csr, err) && store_read(store, "edges", csr->to, (size_t)edges * 4, err);
    if (!ok)
        csr_free(csr);
    return ok && saved_heap_keep_csr(csr, store, err);
}

static bool saved_heap_lend_edges(struct heap *heap, struct store *store, struct err *err)
{
    struct csr *csr = &heap->forward;
    csr->node_count = heap->node_count;
    return saved_lent(store, "offsets", (uint64_t)heap->node_count + 1, sizeof *csr->offset,
                      &csr->offset, err)
           && saved_lent(store, "bases", csr_block_count(heap->node_count), sizeof *csr->base,
                         &csr->base, err)
           && saved_lent(store, "edges", csr->edge_count, sizeof *csr->to, &csr->to, err);
}

static bool saved_heap_nodes_fit(const void *context, uint64_t first, uint64_t end)
{
    return csr_nodes_fit(context, (uint32_t)first, (uint32_t)end);
}

static bool saved_heap_edges_fit(const void *context, uint64_t first, uint64_t end)
{
    return csr_edges_fit(context, first, end);
}

static bool take_edges(struct heap *heap, struct store *store, struct err *err)
{
    bool packed = store_has(store, "degrees");
    const struct csr *csr = &heap->forward;
    if (!(packed ? saved_heap_unpack_edges(heap, store, err)
                 : saved_heap_lend_edges(heap, store, err)))
        return false;
    return (saved_fit_all(saved_heap_nodes_fit, csr, heap->node_count, store->threads)
            && (heap->node_count || !csr->edge_count)
            && saved_fit_all(saved_heap_edges_fit, csr, csr->edge_count, store->threads))
           || store_strange(err, "its references lead nowhere");
}

static bool take_orders(struct heap *heap, struct store *store, struct err *err)
{
    uint64_t count = 0, done = 0;
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            count += heap->lists[i][g].count;
    node *all = NULL, most = 0;
    if (!saved_lent(store, "lists", count, sizeof *all, &all, err))
        return false;
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++) {
            heap->lists[i][g].order = all + done;
            done += heap->lists[i][g].count;
        }
    for (uint64_t k = 0; k < count; k++)
        most = all[k] > most ? all[k] : most;
    return !count || most < heap->node_count || store_strange(err, "its generations make no sense");
}

static bool take_members(struct record *from, struct skeleton *skeleton, struct err *err)
{
    size_t count = record_count(from, 1);
    skeleton->members = calloc(count + 1, sizeof *skeleton->members);
    if (!skeleton->members)
        return err_memory(err, "the names of members");
    for (; skeleton->member_count < count && !from->bad; skeleton->member_count++) {
        const char *name = record_escaped(from, &skeleton->texts);
        skeleton->members[skeleton->member_count] = name ? name : "?";
    }
    for (int g = 0; g < 3; g++) {
        skeleton->runs[g].runs = record_below(from, 2);
        skeleton->runs[g].returns_known = record_below(from, 2);
        if (!saved_take_many(from, &skeleton->runs[g].many, &skeleton->runs[g].many_count, err))
            return false;
    }
    return !from->bad || insane(err);
}

static bool take_runs(const struct heap *heap, struct store *store, struct err *err)
{
    struct skeleton *skeleton = heap->skeleton;
    uint32_t n = heap->node_count;
    for (int g = 0; g < 3; g++) {
        struct skeleton_run *run = &skeleton->runs[g];
        if (!saved_array(store, run_refs[g], n, 2, &run->refs, err)
            || !saved_array(store, run_fates[g], n, 1, &run->fate, err)
            || !saved_run(run->refs, run->fate, heap->flags, n, run->many, run->many_count,
                          store->threads, err))
            return false;
    }
    return true;
}

static bool saved_heap_take_kept(struct heap *heap, struct store *store, struct err *err)
{
    void *bytes;
    size_t size;
    heap->skeleton = calloc(1, sizeof *heap->skeleton);
    if (!heap->skeleton)
        return err_memory(err, "what a redacted heap keeps");
    if (!store_load(store, "kept", SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    bool ok = take_members(&from, heap->skeleton, err);
    free(bytes);
    uint32_t n = heap->node_count;
    return ok && saved_array(store, "refcounts", n, 8, &heap->skeleton->refcounts, err)
           && saved_array(store, "lengths", n, 8, &heap->skeleton->lengths, err)
           && saved_marks(store, "finalizers", n, &heap->skeleton->finalizers, err)
           && saved_array(store, "edge names", heap->forward.edge_count, 4, &heap->skeleton->names,
                          err)
           && take_runs(heap, store, err);
}

static bool restore(struct heap *heap, struct store *store, struct err *err)
{
    void *bytes;
    size_t size;
    if (!store_load(store, "heap", SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    bool ok = take_numbers(&from, heap, store, err);
    free(bytes);
    heap->type_count = type_count(heap->py->types);
    if (ok && !heap->type_count)
        ok = store_strange(err, "it has no types");
    return ok && saved_heap_take_objects(heap, store, err) && take_edges(heap, store, err)
           && take_orders(heap, store, err)
           && (python_has_values(heap->py) || saved_heap_take_kept(heap, store, err));
}

bool heap_restore(struct heap *heap, struct python *py, struct store *store, struct err *err)
{
    static const char *const arrays[] = { "edges", "offsets", "type16", "sizes",
                                          "lists", "places",  "gen",    "flags" };
    *heap = (struct heap){ .py = py, .is_lent = true };
    store_compare_all(store, arrays, sizeof arrays / sizeof *arrays);
    if (restore(heap, store, err)) {
        if (!heap->skeleton)
            heap_note_counted(heap);
        return true;
    }
    heap_free(heap);
    return false;
}

// --- the memory ---------------------------------------------------------------------------------

// A built-in container or text of this size keeps most of it in buffers, wherever its words point:
// the tables of a dict have long stretches without pointers, and must stay in one piece.
static void cover_beside(const struct heap *heap, struct image *image, const struct type *type,
                         addr at, uint64_t size)
{
    const struct python *py = heap->py;
    uint64_t length;
    if (!content_length(py, type, at, &length))
        return;
    uint64_t i = SIZE(py, PyObject);
    for (; i + 8 <= (uint64_t)type->basicsize; i += 8) {
        addr beside = target_u64(py->target, at + i, NULL);
        if (beside && target_segment(py->target, beside))
            image_cover(image, beside, beside + size < beside ? UINT64_MAX : beside + size);
    }
}

void heap_cover(const struct heap *heap, struct image *image)
{
    const struct python *py = heap->py;
    struct address_map_walk walk;
    for (address_map_begin(&walk, &heap->addresses); address_map_next(&walk);) {
        const struct type *type = type_row(py->types, heap_type(heap, walk.node));
        uint64_t extent = (uint64_t)type->basicsize, items = 0;
        if (type->itemsize)
            items = magnitude(READ(py, walk.at, PyVarObject_ob_size));
        if (items < UINT64_C(1) << 40)
            extent += items * (uint64_t)type->itemsize;
        image_cover(image, walk.at - type->presize, walk.at + extent);
        if (heap_size(heap, walk.node) >= IMAGE_RUN)
            cover_beside(heap, image, type, walk.at, heap_size(heap, walk.node));
    }
}
