// SPDX-License-Identifier: GPL-3.0-or-later
// Writing and reading what is known of memory: see saved_blocks.h.
#include "memory/saved_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/record.h"
#include "base/vec.h"
#include "memory/glibc_shape.h"
#include "memory/jemalloc_shape.h"

#define SECTION_MAX ((size_t)1 << 28)
#define PAGES_MOST ((uint64_t)1 << 26) // of a mapping whose pages are listed one by one
#define SPACE_END ((uint64_t)1 << 63)
#define BOOL 2

// --- pages ---------------------------------------------------------------------------------------

static bool saved_bit(const uint64_t *bits, uint64_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

// Runs, the first one of absent pages.
static void put_bits(struct text *to, const uint64_t *bits, uint64_t count)
{
    bool state = false;
    for (uint64_t i = 0; i < count;) {
        uint64_t from = i;
        while (i < count && saved_bit(bits, i) == state)
            i++;
        record_put(to, i - from);
        state = !state;
    }
}

static uint64_t *saved_take_bits(struct record *from, uint64_t count)
{
    uint64_t *bits = calloc((size_t)(count / 64 + 1), sizeof *bits), i = 0;
    for (bool state = false; bits && i < count && !from->bad; state = !state) {
        uint64_t run = record_below(from, count - i + 1);
        from->bad |= !run && i; // only the first one may be empty
        for (uint64_t k = 0; state && k < run; k++)
            bits[(i + k) / 64] |= UINT64_C(1) << ((i + k) % 64);
        i += run;
    }
    return bits;
}

static uint64_t saved_pages(const struct resident *row)
{
    return (row->mapping.end - row->mapping.start + MAPPING_PAGE - 1) / MAPPING_PAGE;
}

static void put_residence(struct text *to, const struct residence *residence)
{
    addr reached = 0;
    record_put(to, residence->count);
    record_put(to, residence->known);
    record_put(to, residence->by_pages);
    record_put(to, residence->has_swap);
    for (size_t i = 0; i < residence->count; i++) {
        const struct resident *r = &residence->rows[i];
        bool bits = r->present && r->exclusive;
        record_put(to, r->mapping.start - reached);
        record_put(to, r->mapping.end - r->mapping.start);
        record_put(to, r->mapping.flags);
        record_put(to, r->mapping.shared);
        record_put(to, r->mapping.inode);
        record_put_text(to, r->mapping.path);
        record_put(to, r->known);
        record_put(to, r->resident);
        record_put(to, r->own);
        record_put(to, r->swapped);
        record_put(to, bits);
        if (bits) {
            put_bits(to, r->present, saved_pages(r));
            put_bits(to, r->exclusive, saved_pages(r));
        }
        reached = r->mapping.end;
    }
}

static bool take_resident(struct record *from, struct resident *r, addr reached,
                          struct arena *texts, struct err *err)
{
    r->mapping.start = reached + record_number(from);
    r->mapping.end = r->mapping.start + record_below(from, SPACE_END);
    r->mapping.flags = (uint32_t)record_below(from, UINT32_MAX);
    r->mapping.shared = record_below(from, BOOL);
    r->mapping.inode = record_number(from);
    const char *path = record_text(from, texts);
    r->known = record_below(from, BOOL);
    r->resident = record_number(from);
    r->own = record_number(from);
    r->swapped = record_number(from);
    bool bits = record_below(from, BOOL);
    from->bad |= r->mapping.start < reached || r->mapping.end <= r->mapping.start
                 || (bits && saved_pages(r) > PAGES_MOST);
    if (path && !from->bad)
        r->mapping.path = strdup(path);
    if (bits && !from->bad) {
        r->present = saved_take_bits(from, saved_pages(r));
        r->exclusive = saved_take_bits(from, saved_pages(r));
    }
    return from->bad || ((!path || r->mapping.path) && (!bits || (r->present && r->exclusive)))
           || err_memory(err, "the list of mappings");
}

static bool take_residence(struct record *from, struct memory *m, struct err *err)
{
    struct residence *residence = &m->residence;
    size_t count = record_count(from, 11);
    residence->known = record_below(from, BOOL);
    residence->by_pages = record_below(from, BOOL);
    residence->has_swap = record_below(from, BOOL);
    residence->rows = calloc(count + 1, sizeof *residence->rows);
    if (!residence->rows)
        return err_memory(err, "the list of mappings");
    addr reached = 0;
    while (residence->count < count && !from->bad) {
        struct resident *r = &residence->rows[residence->count++];
        if (!take_resident(from, r, reached, &m->texts, err))
            return false;
        reached = r->mapping.end;
    }
    return true;
}

// --- glibc ---------------------------------------------------------------------------------------

static void put_glibc(struct text *to, const struct glibc *g)
{
    addr reached = 0;
    record_put(to, g->shape ? glibc_shape_number(g->shape) + 1 : 0);
    record_put(to, g->arena_count);
    for (size_t i = 0; i < g->arena_count; i++) {
        record_put(to, g->arenas[i].at);
        record_put(to, g->arenas[i].top);
        record_put(to, g->arenas[i].system);
        record_put(to, g->arenas[i].is_main);
        record_put(to, g->arenas[i].contiguous);
        record_put(to, g->arenas[i].busy);
    }
    record_put(to, g->block_count);
    for (size_t i = 0; i < g->block_count; i++) {
        record_put_signed(to, (int64_t)(g->blocks[i].at - reached));
        record_put(to, g->blocks[i].word);
        reached = g->blocks[i].at + glibc_size(&g->blocks[i]);
    }
    record_put(to, g->heap_count);
    for (size_t i = 0; i < g->heap_count; i++) {
        record_put(to, g->heaps[i].base);
        record_put(to, g->heaps[i].start);
        record_put(to, g->heaps[i].end);
        record_put(to, g->heaps[i].limit);
        record_put(to, g->heaps[i].arena);
        record_put(to, g->heaps[i].first);
        record_put(to, g->heaps[i].count);
        record_put(to, g->heaps[i].broken);
    }
    record_put(to, g->mapped_first);
    record_put(to, g->mapped_known);
    record_put(to, g->mapped_count);
    record_put(to, g->mapped_bytes);
    record_put(to, g->caches);
}

static bool take_arenas(struct record *from, struct glibc *g, struct err *err)
{
    size_t count = record_count(from, 6);
    if (!vec_grow(&g->arenas, &g->arena_room, count + 1, sizeof *g->arenas, err))
        return false;
    for (; g->arena_count < count && !from->bad; g->arena_count++) {
        struct glibc_arena *a = &g->arenas[g->arena_count];
        *a = (struct glibc_arena){ .at = record_number(from) };
        a->top = record_number(from);
        a->system = record_number(from);
        a->is_main = record_below(from, BOOL);
        a->contiguous = record_below(from, BOOL);
        a->busy = record_below(from, BOOL);
    }
    return true;
}

static bool saved_take_blocks(struct record *from, struct glibc *g, struct err *err)
{
    size_t count = record_count(from, 2);
    addr reached = 0;
    if (!vec_grow(&g->blocks, &g->block_room, count + 1, sizeof *g->blocks, err))
        return false;
    for (; g->block_count < count && !from->bad; g->block_count++) {
        struct glibc_block *b = &g->blocks[g->block_count];
        b->at = reached + (addr)record_signed(from);
        b->word = record_below(from, SPACE_END);
        reached = b->at + glibc_size(b);
        from->bad |= glibc_state(b) >= GLIBC_STATES || reached < b->at || reached >= SPACE_END;
        if (from->bad)
            return true;
        g->counts[glibc_state(b)]++;
        g->bytes[glibc_state(b)] += glibc_size(b);
    }
    return true;
}

static bool take_heaps(struct record *from, struct glibc *g, struct err *err)
{
    size_t count = record_count(from, 8);
    addr reached = 0;
    if (!vec_grow(&g->heaps, &g->heap_room, count + 1, sizeof *g->heaps, err))
        return false;
    for (; g->heap_count < count && !from->bad; g->heap_count++) {
        struct glibc_heap *h = &g->heaps[g->heap_count];
        *h = (struct glibc_heap){ .base = record_number(from) };
        h->start = record_number(from);
        h->end = record_number(from);
        h->limit = record_number(from);
        h->arena = (uint32_t)record_below(from, g->arena_count);
        h->first = (size_t)record_below(from, g->block_count + 1);
        h->count = (size_t)record_below(from, g->block_count - h->first + 1);
        h->broken = record_below(from, BOOL);
        from->bad |= h->start < reached || h->base > h->start;
        reached = h->start;
    }
    return true;
}

static bool take_glibc(struct record *from, struct memory *m, struct err *err)
{
    struct glibc *g = &m->glibc;
    *g = (struct glibc){ .target = m->target };
    size_t shape = (size_t)record_number(from);
    g->shape = shape ? glibc_shape_row(shape - 1) : NULL;
    from->bad |= shape && !g->shape;
    if (!take_arenas(from, g, err) || !saved_take_blocks(from, g, err) || !take_heaps(from, g, err))
        return false;
    g->mapped_first = (size_t)record_below(from, g->block_count + 1);
    g->mapped_known = record_below(from, BOOL);
    g->mapped_count = record_number(from);
    g->mapped_bytes = record_number(from);
    g->caches = (size_t)record_number(from);
    from->bad |= !g->shape && (g->arena_count || g->block_count);
    return true;
}

// --- jemalloc, musl ------------------------------------------------------------------------------

static void put_pieces(struct text *to, const struct malloc_pieces *pieces)
{
    addr reached = 0;
    record_put(to, pieces->count);
    for (size_t i = 0; i < pieces->count; i++) {
        const struct malloc_piece *p = &pieces->rows[i];
        record_put(to, p->at - reached);
        record_put(to, p->word);
        reached = p->at + piece_size(p);
    }
}

// In order and without overlaps; sizes are multiples of `unit`.
static bool take_pieces(struct record *from, struct malloc_pieces *to, uint64_t unit,
                        unsigned states, struct err *err)
{
    size_t count = record_count(from, 2);
    addr reached = 0;
    if (!vec_grow(&to->rows, &to->room, count + 1, sizeof *to->rows, err))
        return false;
    for (; to->count < count && !from->bad; to->count++) {
        struct malloc_piece *p = &to->rows[to->count];
        p->at = reached + record_below(from, SPACE_END);
        p->word = record_below(from, SPACE_END);
        uint64_t size = piece_size(p);
        from->bad |= p->at < reached || !size || size % unit || p->at + size < p->at
                     || p->at + size >= SPACE_END || piece_state(p) >= states;
        reached = p->at + size;
        if (from->bad)
            return true;
    }
    pieces_tally(to);
    return true;
}

static void put_jemalloc(struct text *to, const struct jemalloc *j)
{
    record_put(to, j->shape ? jemalloc_shape_number(j->shape) + 1 : 0);
    put_pieces(to, &j->pieces);
    record_put(to, j->extents);
    record_put(to, j->slabs);
    record_put(to, j->caches);
    record_put(to, j->odd);
    record_put(to, j->own_count);
    for (size_t i = 0; i < j->own_count; i++)
        record_put(to, j->own[i]);
}

static bool take_jemalloc(struct record *from, struct memory *m, struct err *err)
{
    struct jemalloc *j = &m->jemalloc;
    *j = (struct jemalloc){ .target = m->target, .residence = &m->residence };
    size_t shape = (size_t)record_number(from);
    j->shape = shape ? jemalloc_shape_row(shape - 1) : NULL;
    bool ok = take_pieces(from, &j->pieces, 8, JEMALLOC_STATES, err);
    j->extents = (size_t)record_number(from);
    j->slabs = (size_t)record_number(from);
    j->caches = (size_t)record_number(from);
    j->odd = (size_t)record_number(from);
    size_t own = record_count(from, 1);
    ok = ok && vec_grow(&j->own, &j->own_room, own + 1, sizeof *j->own, err);
    for (; ok && j->own_count < own && !from->bad; j->own_count++)
        j->own[j->own_count] = (size_t)record_number(from);
    from->bad |= (shape && !j->shape) || (!shape && j->pieces.count);
    return ok;
}

static void put_mallocng(struct text *to, const struct mallocng *g)
{
    record_put(to, g->context);
    put_pieces(to, &g->slots);
    record_put(to, g->groups);
    record_put(to, g->odd);
}

static bool take_mallocng(struct record *from, struct memory *m, struct err *err)
{
    struct mallocng *g = &m->mallocng;
    *g = (struct mallocng){ .target = m->target, .context = record_number(from) };
    bool ok = take_pieces(from, &g->slots, 16, MALLOCNG_STATES, err);
    g->groups = (size_t)record_number(from);
    g->odd = (size_t)record_number(from);
    from->bad |= !g->context && g->slots.count;
    return ok;
}

// --- registers -----------------------------------------------------------------------------------

#define REGISTERS (sizeof((struct thread *)NULL)->registers / sizeof(uint64_t))

// A register may be the only place that holds a block's address.
static void put_registers(struct text *to, const struct target *t)
{
    record_put(to, t->thread_count);
    for (size_t i = 0; i < t->thread_count; i++) {
        uint64_t words[REGISTERS];
        memcpy(words, t->threads[i].registers, sizeof words);
        for (size_t k = 0; k < REGISTERS; k++)
            record_put(to, words[k]);
    }
}

static void take_registers(struct record *from, struct target *t)
{
    size_t count = record_count(from, REGISTERS);
    for (size_t i = 0; i < count && !from->bad; i++) {
        uint64_t words[REGISTERS];
        for (size_t k = 0; k < REGISTERS; k++)
            words[k] = record_number(from);
        if (i < t->thread_count && !from->bad)
            memcpy(t->threads[i].registers, words, sizeof words);
    }
}

// --- the whole -----------------------------------------------------------------------------------

void memory_write(const struct memory *m, struct store_out *out)
{
    struct text text = TEXT_INIT;
    record_put_text(&text, m->allocator);
    put_residence(&text, &m->residence);
    put_glibc(&text, &m->glibc);
    put_jemalloc(&text, &m->jemalloc);
    put_mallocng(&text, &m->mallocng);
    put_registers(&text, m->target);
    store_put_text(out, MEMORY_SECTION, &text);
    text_fini(&text);
}

bool memory_restore(struct memory *m, struct target *target, struct store *store, struct err *err)
{
    void *bytes;
    size_t size;
    *m = (struct memory){ .target = target };
    arena_init(&m->texts);
    if (!store_has(store, MEMORY_SECTION))
        return err_set(err, ERR_NOT_FOUND,
                       "the saved heap does not say what the process's memory "
                       "was");
    if (!store_load(store, MEMORY_SECTION, SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    m->allocator = record_text(&from, &m->texts);
    bool ok = take_residence(&from, m, err) && take_glibc(&from, m, err)
              && take_jemalloc(&from, m, err) && take_mallocng(&from, m, err);
    if (ok)
        take_registers(&from, target);
    free(bytes);
    if (ok && from.bad)
        ok = store_strange(err, "what it says of the process's memory makes no sense");
    if (!ok)
        memory_close(m);
    return ok;
}
