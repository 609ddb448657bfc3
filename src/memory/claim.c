// SPDX-License-Identifier: GPL-3.0-or-later
// Rows, claims, and their sums: see memory.h.
#include "memory/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "memory/mapping_names.h"
#include "target/target.h"

bool memory_open(struct memory *m, struct target *target, struct err *err)
{
    *m = (struct memory){ .target = target };
    arena_init(&m->texts);
    m->allocator = mapping_allocator(target);
    if (residence_open(&m->residence, target, err)
        && glibc_open(&m->glibc, target, &m->residence, err)
        && jemalloc_open(&m->jemalloc, target, &m->residence, err)
        && mallocng_open(&m->mallocng, target, &m->residence, err))
        return true;
    memory_close(m);
    return false;
}

void memory_close(struct memory *m)
{
    glibc_close(&m->glibc);
    jemalloc_close(&m->jemalloc);
    mallocng_close(&m->mallocng);
    residence_close(&m->residence);
    free(m->rows);
    free(m->claims);
    free(m->stacks);
    free(m->users);
    free(m->rests);
    arena_fini(&m->texts);
    *m = (struct memory){ 0 };
}

uint32_t memory_row(struct memory *m, const char *kind, const char *name, const char *what)
{
    for (size_t i = m->row_count; i--;) // the newest row is asked for most often
        if (!strcmp(m->rows[i].kind, kind) && !strcmp(m->rows[i].name, name))
            return (uint32_t)i;
    if (!vec_grow(&m->rows, &m->row_room, m->row_count + 1, sizeof *m->rows, NULL))
        return MEMORY_NO_ROW;
    m->rows[m->row_count] =
        (struct memory_row){ .kind = kind, .name = name, .what = what, .rank = m->row_count };
    return (uint32_t)m->row_count++;
}

bool memory_claim(struct memory *m, uint32_t row, addr from, addr to, uint64_t count,
                  struct err *err)
{
    if (row == MEMORY_NO_ROW)
        return err_memory(err, "the rows of memory");
    m->rows[row].count += count;
    if (from >= to)
        return true;
    struct memory_claim *last = m->claim_count ? &m->claims[m->claim_count - 1] : NULL;
    if (last && last->row == row && last->to == from) {
        last->to = to;
        return true;
    }
    if (!vec_grow(&m->claims, &m->claim_room, m->claim_count + 1, sizeof *m->claims, err))
        return false;
    m->claims[m->claim_count++] = (struct memory_claim){ from, to, row };
    return true;
}

bool memory_rest(struct memory *m, addr at, uint32_t row, struct err *err)
{
    const struct resident *r = residence_of(&m->residence, at);
    if (row == MEMORY_NO_ROW)
        return err_memory(err, "the rows of memory");
    if (!m->rests) {
        m->rests = malloc((m->residence.count + 1) * sizeof *m->rests);
        for (size_t i = 0; m->rests && i < m->residence.count; i++)
            m->rests[i] = MEMORY_NO_ROW;
    }
    if (r && m->rests)
        m->rests[r - m->residence.rows] = row;
    return m->rests || err_memory(err, "the list of mappings");
}

// --- malloc --------------------------------------------------------------------------------------

struct claim_malloc {
    struct memory *memory;
    uint32_t rows[GLIBC_STATES];
    uint32_t overhead, reserved, lost;
};

static struct claim_malloc claim_malloc_rows(struct memory *m)
{
    static const char in_use[] = "malloc in use", unused[] = "malloc free";
    struct claim_malloc w = { .memory = m };
    w.rows[GLIBC_USED] = memory_row(m, in_use, "blocks", "blocks that were not freed");
    w.rows[GLIBC_MAPPED] =
        memory_row(m, in_use, "mapped blocks", "large blocks, each a mapping of its own");
    w.rows[GLIBC_CACHED] =
        memory_row(m, unused, "thread caches", "freed, kept by threads; malloc_trim() leaves them");
    w.rows[GLIBC_FAST] = memory_row(m, unused, "fast bins", "freed, not merged yet");
    w.rows[GLIBC_FREE] =
        memory_row(m, unused, "bins", "freed, between blocks in use: fragmentation");
    w.rows[GLIBC_TOP] = memory_row(m, unused, "top", "at the end of the arenas, not cut yet");
    w.overhead = memory_row(m, "malloc overhead", "arenas", "their heads, and marks of ends");
    w.rows[GLIBC_FENCE] = w.overhead;
    w.reserved =
        memory_row(m, "malloc reserved", "heaps", "address space that thread arenas may grow into");
    w.lost = memory_row(m, "malloc unknown", "heaps", "where blocks could not be told apart");
    return w;
}

static bool claim_heap(const struct claim_malloc *w, const struct glibc_heap *heap, struct err *err)
{
    struct memory *m = w->memory;
    const struct glibc *g = &m->glibc;
    if (!memory_claim(m, w->overhead, heap->base, heap->start, 1, err))
        return false;
    addr end = heap->start;
    for (size_t i = heap->first; i < heap->first + heap->count; i++) {
        const struct glibc_block *block = &g->blocks[i];
        enum glibc_state state = glibc_state(block);
        end = block->at + glibc_size(block);
        if (!memory_claim(m, w->rows[state], block->at, end, state != GLIBC_FENCE, err))
            return false;
    }
    if (heap->limit <= heap->end)
        return true;
    const struct resident *tail = heap->broken ? residence_of(&m->residence, end) : NULL;
    addr lost = tail && tail->mapping.end < heap->limit ? tail->mapping.end : end;
    return memory_claim(m, w->lost, end, lost, lost > end, err)
           && memory_claim(m, w->reserved, lost, heap->limit, 1, err);
}

// The lead of a mapped block, and in newer versions two words after it, belong to its mapping.
static bool claim_mapped(const struct claim_malloc *w, struct err *err)
{
    struct memory *m = w->memory;
    for (size_t i = m->glibc.mapped_first; i < m->glibc.block_count; i++) {
        const struct glibc_block *block = &m->glibc.blocks[i];
        uint64_t lead = 0;
        const void *view = target_view(m->target, block->at, 8);
        if (view)
            memcpy(&lead, view, 8);
        lead = lead < block->at ? lead : 0;
        uint32_t row = w->rows[GLIBC_MAPPED];
        if (!memory_claim(m, row, block->at - lead, block->at + glibc_size(block), 1, err))
            return false;
    }
    return true;
}

static void claim_add_trim(void *context, addr from, addr to)
{
    struct memory *m = context;
    m->trim_reserved += to - from;
    while (from < to) {
        const struct resident *row = residence_of(&m->residence, from);
        if (!row)
            return;
        addr end = row->mapping.end < to ? row->mapping.end : to;
        uint64_t resident, own;
        residence_count(row, from, end, &resident, &own);
        m->trim += resident;
        from = end;
    }
}

static bool claim_glibc(struct memory *m, struct err *err)
{
    if (!m->glibc.shape)
        return true;
    struct claim_malloc w = claim_malloc_rows(m);
    for (size_t i = 0; i < m->glibc.heap_count; i++)
        if (!claim_heap(&w, &m->glibc.heaps[i], err))
            return false;
    glibc_trim(&m->glibc, claim_add_trim, m);
    return claim_mapped(&w, err);
}

static const struct claim_row {
    const char *kind, *name, *what;
} claim_jemalloc_rows[JEMALLOC_STATES] = {
    [JEMALLOC_USED] = { "malloc in use", "jemalloc blocks", "blocks that were not freed" },
    [JEMALLOC_CACHED] = { "malloc free", "jemalloc caches", "freed, kept by threads" },
    [JEMALLOC_FREE] = { "malloc free", "jemalloc slabs",
                        "freed, beside others of their size that are in use: fragmentation" },
    [JEMALLOC_SLACK] = { "malloc overhead", "jemalloc extents", "what blocks do not fill" },
    [JEMALLOC_DIRTY] = { "malloc free", "jemalloc dirty",
                         "free pages that it keeps for dirty_decay_ms" },
    [JEMALLOC_MUZZY] = { "malloc free", "jemalloc muzzy",
                         "free pages that the system may take when it needs some" },
    [JEMALLOC_RETAINED] = { "malloc reserved", "jemalloc",
                            "address space that it keeps, without memory" },
    [JEMALLOC_BASE] = { "malloc overhead", "jemalloc", "its own tables" },
};

static const struct claim_row claim_mallocng_rows[MALLOCNG_STATES] = {
    [MALLOCNG_USED] = { "malloc in use", "musl's slots", "blocks that were not freed" },
    [MALLOCNG_FREE] = { "malloc free", "musl's slots", "free, beside others of their group" },
    [MALLOCNG_OWN] = { "malloc overhead", "musl's groups", "its own tables and heads" },
};

// `names` has a row for each state.
static bool claim_pieces(struct memory *m, const struct malloc_pieces *pieces,
                         const struct claim_row *names, size_t states, struct err *err)
{
    uint32_t rows[PIECE_STATES];
    for (size_t s = 0; s < states; s++)
        rows[s] = memory_row(m, names[s].kind, names[s].name, names[s].what);
    for (size_t i = 0; i < pieces->count; i++) {
        const struct malloc_piece *p = &pieces->rows[i];
        if (!memory_claim(m, rows[piece_state(p)], p->at, p->at + piece_size(p), 1, err))
            return false;
    }
    return true;
}

bool memory_claim_malloc(struct memory *m, struct err *err)
{
    return claim_glibc(m, err)
           && (!m->jemalloc.shape
               || claim_pieces(m, &m->jemalloc.pieces, claim_jemalloc_rows, JEMALLOC_STATES, err))
           && (!m->mallocng.context
               || claim_pieces(m, &m->mallocng.slots, claim_mallocng_rows, MALLOCNG_STATES, err));
}

// --- sums ----------------------------------------------------------------------------------------

static int claim_by_start(const void *a, const void *b)
{
    const struct memory_claim *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void claim_sort(struct memory *m)
{
    bool sorted = true;
    for (size_t i = 1; i < m->claim_count && sorted; i++)
        sorted = m->claims[i - 1].from <= m->claims[i].from;
    if (!sorted)
        qsort(m->claims, m->claim_count, sizeof *m->claims, claim_by_start);
}

static void claim_add(struct memory_row *row, const struct resident *r, addr from, addr to)
{
    uint64_t resident = r->resident, own = r->own;
    row->bytes += to - from;
    if (!r->known)
        row->unknown += to - from;
    if (to - from < r->mapping.end - r->mapping.start)
        residence_count(r, from, to, &resident, &own);
    row->resident += resident;
    row->own += own;
}

// What the mapping has but pages do not show: swapped out, or too large for its bits to be kept.
static void claim_add_rest(struct memory_row *row, const struct resident *r, bool whole)
{
    if (!r->known)
        return;
    row->swapped += r->swapped;
    if (!r->present && !whole) {
        row->resident += r->resident;
        row->own += r->own;
    }
}

static bool claim_settle_mapping(struct memory *m, size_t i, size_t *claim, struct err *err)
{
    const struct resident *r = &m->residence.rows[i];
    uint32_t rest = mapping_row(m, i);
    if (rest == MEMORY_NO_ROW)
        return err_memory(err, "the rows of memory");
    addr at = r->mapping.start, end = r->mapping.end;
    bool any = false, whole = false;
    size_t k = *claim;
    for (; k < m->claim_count && m->claims[k].from < end; k++) {
        const struct memory_claim *c = &m->claims[k];
        addr from = c->from > at ? c->from : at, to = c->to < end ? c->to : end;
        if (from < to) {
            if (at < from) {
                claim_add(&m->rows[rest], r, at, from);
                any = true;
            }
            claim_add(&m->rows[c->row], r, from, to);
            whole = from == r->mapping.start && to == end;
            at = to;
        }
        if (c->to > end)
            break; // it continues in the next mapping
    }
    *claim = k;
    if (at < end) {
        claim_add(&m->rows[rest], r, at, end);
        whole = at == r->mapping.start;
        any = true;
    }
    m->rows[rest].count += any;
    claim_add_rest(&m->rows[rest], r, whole);
    return true;
}

static void claim_sum(struct memory *m)
{
    for (size_t i = 0; i < m->row_count; i++) {
        const struct memory_row *row = &m->rows[i];
        m->total.bytes += row->bytes;
        m->total.resident += row->resident;
        m->total.own += row->own;
        m->total.swapped += row->swapped;
        m->total.unknown += row->unknown;
    }
}

bool memory_settle(struct memory *m, struct err *err)
{
    if (!mapping_claim_variables(m, err) || !mapping_find_users(m, err))
        return false;
    claim_sort(m);
    size_t claim = 0;
    for (size_t i = 0; i < m->residence.count; i++)
        if (!claim_settle_mapping(m, i, &claim, err))
            return false;
    claim_sum(m);
    return true;
}
