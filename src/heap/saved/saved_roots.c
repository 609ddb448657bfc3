// SPDX-License-Identifier: GPL-3.0-or-later
// Roots and the dry run in a saved heap: see saved_heap.h.
#include <stdatomic.h>
#include <stdlib.h>

#include "base/record.h"
#include "base/vec.h"
#include "graph/marks.h"
#include "heap/saved/saved_heap.h"
#include "heap/saved/saved_array.h"

#define SECTION_MAX ((size_t)1 << 31)
#define ROOT_LEAST 9    // bytes of a root's row, at least
#define SURPLUS_LEAST 3 // ... of a surplus
#define MANY_LEAST 2    // ... of a large count

// --- writing ------------------------------------------------------------------------------------

static void put_root(struct text *to, const struct heap_root *row)
{
    const struct root *root = &row->root;
    const uint64_t words[] = { row->to,           root->to,   root->detail, root->index,
                               root->interpreter, root->kind, root->hold,   root->thread };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        record_put(to, words[i]);
    record_put_text(to, root->what);
}

void heap_roots_write(const struct heap *heap, const struct heap_roots *roots,
                      struct store_out *out)
{
    struct text text = TEXT_INIT;
    size_t bytes = (size_t)marks_words(heap->node_count) * sizeof(uint64_t);
    record_put(&text, roots->accounted);
    record_put(&text, roots->deficits);
    record_put(&text, roots->unexplained);
    record_put(&text, roots->count);
    for (size_t i = 0; i < roots->count; i++)
        put_root(&text, &roots->items[i]);
    record_put(&text, roots->surplus_count);
    for (size_t i = 0; i < roots->surplus_count; i++) {
        record_put(&text, roots->surplus[i].object);
        record_put(&text, roots->surplus[i].surplus);
        record_put(&text, roots->surplus[i].seen);
    }
    store_put_text(out, "roots", &text);
    text_fini(&text);
    store_put_section(out, "roots named", STORE_PLAIN, roots->named, bytes);
    store_put_section(out, "roots all", STORE_PLAIN, roots->all, bytes);
    store_put_section(out, "roots only", STORE_PLAIN, roots->only, bytes);
}

void saved_put_many(struct text *to, const struct skeleton_count *rows, size_t count)
{
    record_put(to, count);
    for (size_t i = 0; i < count; i++) {
        record_put(to, rows[i].object);
        record_put_signed(to, rows[i].count);
    }
}

void collection_write(const struct heap *heap, const struct collection *garbage,
                      struct store_out *out)
{
    const uint64_t words[] = { garbage->candidates,    garbage->unreachable, garbage->uncertain,
                               garbage->uncollectable, garbage->bytes,       garbage->returns_known,
                               garbage->returns,       garbage->runs };
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        record_put(&text, words[i]);
    record_put(&text, garbage->count_count);
    for (node n = 0; n < heap->node_count; n++)
        if (garbage->refs[n] == REFS_MANY) {
            record_put(&text, n);
            record_put_signed(&text, collect_gc_refs(garbage, n));
        }
    store_put_text(out, "garbage", &text);
    text_fini(&text);
    store_put_section(out, "garbage refs", saved_form(heap), garbage->refs,
                      (size_t)heap->node_count * sizeof *garbage->refs);
    store_put_section(out, "garbage fate", saved_form(heap), garbage->fate, heap->node_count);
}

// --- reading ------------------------------------------------------------------------------------

static bool take_root(struct record *from, struct heap_roots *roots, const struct heap *heap,
                      struct err *err)
{
    if (!vec_grow(&roots->items, &roots->capacity, roots->count + 1, sizeof *roots->items, err))
        return false;
    struct heap_root *row = &roots->items[roots->count];
    row->to = (node)record_below(from, heap->node_count);
    row->root = (struct root){ .to = record_number(from) };
    row->root.detail = record_number(from);
    row->root.index = (uint32_t)record_number(from);
    row->root.interpreter = (uint16_t)record_below(from, heap->py->interpreter_count);
    row->root.kind = (uint8_t)record_below(from, ROOT_KINDS);
    row->root.hold = (uint8_t)record_below(from, ROOT_MAYBE + 1);
    row->root.thread = (uint32_t)record_number(from);
    row->root.what = record_escaped(from, &roots->texts);
    from->bad |= roots->count && row->to < row[-1].to;
    roots->count += !from->bad;
    return true;
}

static bool take_surplus(struct record *from, struct heap_roots *roots, const struct heap *heap,
                         struct err *err)
{
    if (!vec_grow(&roots->surplus, &roots->surplus_capacity, roots->surplus_count + 1,
                  sizeof *roots->surplus, err))
        return false;
    struct heap_surplus *row = &roots->surplus[roots->surplus_count];
    row->object = (node)record_below(from, heap->node_count);
    row->surplus = (uint32_t)record_number(from);
    row->seen = (uint32_t)record_number(from);
    from->bad |=
        row->seen > row->surplus || (roots->surplus_count && row->object <= row[-1].object);
    roots->surplus_count += !from->bad;
    return true;
}

static bool take_roots(struct record *from, struct heap_roots *roots, const struct heap *heap,
                       struct err *err)
{
    bool ok = true;
    roots->accounted = record_number(from);
    roots->deficits = record_number(from);
    roots->unexplained = record_number(from);
    for (size_t count = record_count(from, ROOT_LEAST); ok && count && !from->bad; count--)
        ok = take_root(from, roots, heap, err);
    for (size_t count = record_count(from, SURPLUS_LEAST); ok && count && !from->bad; count--)
        ok = take_surplus(from, roots, heap, err);
    return ok && (!from->bad || store_strange(err, "its roots make no sense"));
}

bool heap_roots_restore(struct heap_roots *roots, const struct heap *heap, struct store *store,
                        struct err *err)
{
    void *bytes;
    size_t size;
    *roots = (struct heap_roots){ 0 };
    // A root is a few numbers and a short name, and few objects have more than one.
    size_t most = ((size_t)64 << 20) + (size_t)heap->node_count * 256;
    if (!store_load(store, "roots", most < SECTION_MAX ? most : SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    bool ok = take_roots(&from, roots, heap, err);
    free(bytes);
    ok = ok && saved_marks(store, "roots named", heap->node_count, &roots->named, err)
         && saved_marks(store, "roots all", heap->node_count, &roots->all, err)
         && saved_marks(store, "roots only", heap->node_count, &roots->only, err);
    if (!ok)
        heap_roots_free(roots);
    return ok;
}

bool saved_take_many(struct record *from, struct skeleton_count **rows, size_t *count,
                     struct err *err)
{
    size_t most = record_count(from, MANY_LEAST);
    *rows = malloc((most + 1) * sizeof **rows);
    if (!*rows)
        return err_memory(err, "the dry run");
    for (*count = 0; *count < most && !from->bad; ++*count) {
        struct skeleton_count *row = &(*rows)[*count];
        row->object = (node)record_below(from, NODE_NONE);
        row->count = record_signed(from);
        from->bad |= *count && row->object <= row[-1].object;
    }
    return true;
}

struct saved_roots_run {
    const int16_t *refs;
    const uint8_t *fates, *flags;
    atomic_size_t *found;
};

static bool saved_roots_run_fits(const void *context, uint64_t first, uint64_t end)
{
    const struct saved_roots_run *run = context;
    const uint8_t *fates = run->fates, *flags = run->flags;
    bool good = true;
    size_t found = 0;
    for (uint64_t i = first; i < end; i++)
        good &= fates[i] <= FATE_UNCOLLECTABLE && (!fates[i] || flags[i] & NODE_TRACKED);
    for (uint64_t i = first; i < end; i++)
        found += run->refs[i] == REFS_MANY;
    atomic_fetch_add(run->found, found);
    return good;
}

bool saved_run(const int16_t *refs, const uint8_t *fates, const uint8_t *flags, uint32_t count,
               const struct skeleton_count *many, size_t many_count, unsigned threads,
               struct err *err)
{
    atomic_size_t found = 0;
    const struct saved_roots_run run = { refs, fates, flags, &found };
    bool good = saved_fit_all(saved_roots_run_fits, &run, count, threads) && found == many_count;
    for (size_t i = 0; good && i < many_count; i++)
        good = many[i].object < count && refs[many[i].object] == REFS_MANY;
    return good || store_strange(err, "its dry run makes no sense");
}

static bool take_garbage(struct record *from, struct collection *garbage, const struct heap *heap,
                         struct store *store, struct err *err)
{
    uint64_t *const words[] = { &garbage->candidates, &garbage->unreachable, &garbage->uncertain,
                                &garbage->uncollectable, &garbage->bytes };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = record_number(from);
    garbage->returns_known = record_below(from, 2);
    garbage->returns = record_number(from);
    garbage->runs = record_below(from, 2);
    uint32_t n = heap->node_count;
    struct skeleton_count *many = NULL;
    size_t count = 0;
    bool ok =
        saved_take_many(from, &many, &count, err)
        && (!from->bad || store_strange(err, "its dry run makes no sense"))
        && saved_lent(store, "garbage refs", n, 2, &garbage->refs, err)
        && saved_lent(store, "garbage fate", n, 1, &garbage->fate, err)
        && saved_run(garbage->refs, garbage->fate, heap->flags, n, many, count, store->threads, err)
        && collect_take_many(garbage, many, count, err);
    free(many);
    return ok;
}

bool collection_restore(struct collection *garbage, const struct heap *heap, struct store *store,
                        struct err *err)
{
    void *bytes;
    size_t size;
    *garbage = (struct collection){ .generation = GEN_2, .interpreter = -1, .is_lent = true };
    store_compare_all(store, (const char *const[]){ "garbage refs", "garbage fate" }, 2);
    // Some numbers, and two of at most ten bytes each for an object whose count is stored
    // separately.
    size_t most = 1024 + (size_t)heap->node_count * 20;
    if (!store_load(store, "garbage", most, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    bool ok = take_garbage(&from, garbage, heap, store, err);
    free(bytes);
    if (!ok)
        collect_fini(garbage);
    return ok;
}
