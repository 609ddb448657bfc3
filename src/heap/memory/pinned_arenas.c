// SPDX-License-Identifier: GPL-3.0-or-later
// Nearly empty arenas and who is in them: see pinned_arenas.h.
#include "heap/memory/pinned_arenas.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "py/memory/pymalloc.h"
#include "py/read.h"

struct pinning {
    struct pinned_arenas *pins;
    const struct heap *heap;
    struct pymalloc pm;
    struct map rows; // type to row
    const uint32_t *place_of;
    bool counting; // second pass: counts how many hang under each row's place
    struct err *err;
};

static node pinning_object(const struct pinning *p, addr block)
{
    for (uint32_t head = p->pm.lead; head <= p->pm.lead + 32; head += 16) {
        node n = address_map_node(&p->heap->addresses, block + head);
        if (n != NODE_NONE)
            return n;
    }
    return NODE_NONE;
}

static struct arena_pin *pinning_row(struct pinning *p, uint32_t type)
{
    struct pinned_arenas *pins = p->pins;
    uint32_t i = map_get(&p->rows, type);
    if (i != MAP_NONE)
        return &pins->rows[i];
    if (!vec_grow(&pins->rows, &pins->room, pins->count + 1, sizeof *pins->rows, p->err)
        || !map_put(&p->rows, type, (uint32_t)pins->count, p->err))
        return NULL;
    pins->rows[pins->count] = (struct arena_pin){
        .type = type, .example = NODE_NONE, .last = SIZE_MAX, .place = UINT32_MAX
    };
    return &pins->rows[pins->count++];
}

static uint64_t pinning_used(const struct pinning *p, const struct pymalloc_arena *arena)
{
    uint64_t used = 0;
    for (uint32_t i = 0; i < arena->pools; i++) {
        struct pymalloc_pool pool;
        if (pymalloc_pool(&p->pm, p->heap->py, arena, i, &pool))
            used += (uint64_t)pool.used * pool.size;
    }
    return used;
}

// Boyer and Moore, MJRTY, 1981: a place that more than half of them have is the one that remains.
static void pinning_vote(const struct pinning *p, struct arena_pin *row, node n)
{
    if (!p->place_of || n == NODE_NONE)
        return;
    if (!row->votes)
        row->place = p->place_of[n];
    row->votes += row->place == p->place_of[n] ? 1 : (uint64_t)-1;
}

static bool pinning_pool(struct pinning *p, size_t arena, const struct pymalloc_pool *pool)
{
    addr first = pool->at + SIZE(p->heap->py, pool_header);
    for (uint32_t b = 0; b < pool->blocks; b++) {
        if (pool->free[b / 64] >> (b % 64) & 1)
            continue;
        node n = pinning_object(p, first + (addr)b * pool->size);
        struct arena_pin *row =
            pinning_row(p, n == NODE_NONE ? ARENA_PINS_NO_TYPE : heap_type(p->heap, n));
        if (!row)
            return false;
        if (p->counting) {
            row->placed += n != NODE_NONE && p->place_of[n] == row->place;
            continue;
        }
        pinning_vote(p, row, n);
        row->count++;
        row->bytes += pool->size;
        row->arenas += row->last != arena;
        row->last = arena;
        p->pins->sparse_blocks++;
        if (n == NODE_NONE)
            continue;
        row->example = row->example == NODE_NONE ? n : row->example;
        row->gens[p->heap->gen[n] <= GEN_NONE ? p->heap->gen[n] : GEN_NONE]++;
    }
    return true;
}

// If only one type has objects in the arena, that type is alone there.
static void pinning_note_alone(struct pinning *p, size_t arena)
{
    struct arena_pin *only = NULL;
    for (size_t i = 0; i < p->pins->count; i++) {
        if (p->pins->rows[i].last != arena)
            continue;
        if (only)
            return;
        only = &p->pins->rows[i];
    }
    if (only)
        only->alone++;
}

// A pool serves one size until it is empty: its free blocks are useless for other sizes.
static void pinning_count_pools(struct pinning *p, const struct pymalloc_arena *arena)
{
    for (uint32_t i = 0; i < arena->pools; i++) {
        struct pymalloc_pool pool;
        if (!pymalloc_pool(&p->pm, p->heap->py, arena, i, &pool))
            continue;
        uint64_t used = (uint64_t)pool.used * pool.size;
        if (!used || used * ARENA_PINS_SHARE > p->pm.pool_bytes)
            continue;
        p->pins->pools++;
        p->pins->pool_bytes += p->pm.pool_bytes;
        p->pins->pool_used += used;
    }
}

static bool pinning_arena(struct pinning *p, size_t k)
{
    const struct pymalloc_arena *arena = &p->pm.arenas[k];
    uint64_t bytes = pymalloc_arena_end(&p->pm, arena) - arena->base;
    uint64_t used = pinning_used(p, arena);
    bool sparse = used * ARENA_PINS_SHARE <= bytes;
    if (!p->counting) {
        p->pins->arena_bytes += bytes;
        p->pins->free_bytes += bytes - used;
        p->pins->sparse += sparse;
        p->pins->sparse_bytes += sparse ? bytes : 0;
        p->pins->sparse_used += sparse ? used : 0;
    }
    if (!sparse) {
        if (!p->counting)
            pinning_count_pools(p, arena);
        return true;
    }
    for (uint32_t i = 0; i < arena->pools; i++) {
        struct pymalloc_pool pool;
        if (pymalloc_pool(&p->pm, p->heap->py, arena, i, &pool) && pool.sound
            && !pinning_pool(p, k, &pool))
            return false;
    }
    if (!p->counting)
        pinning_note_alone(p, k);
    return true;
}

static int pinning_compare(const void *a, const void *b)
{
    const struct arena_pin *x = a, *y = b;
    if (x->arenas != y->arenas)
        return x->arenas > y->arenas ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->type < y->type ? -1 : x->type > y->type;
}

bool pinned_arenas_find(struct pinned_arenas *pins, const struct heap *heap,
                        const uint32_t *place_of, struct err *err)
{
    *pins = (struct pinned_arenas){ 0 };
    struct pinning p = { .pins = pins, .heap = heap, .place_of = place_of, .err = err };
    if (!pymalloc_open(&p.pm, heap->py, err))
        return false;
    bool ok = true;
    pins->known = p.pm.known;
    pins->arenas = p.pm.count;
    for (size_t k = 0; ok && k < p.pm.count; k++)
        ok = pinning_arena(&p, k);
    p.counting = true;
    for (size_t k = 0; ok && place_of && k < p.pm.count; k++)
        ok = pinning_arena(&p, k);
    if (pins->count)
        qsort(pins->rows, pins->count, sizeof *pins->rows, pinning_compare);
    pymalloc_close(&p.pm);
    map_fini(&p.rows);
    if (!ok)
        pinned_arenas_free(pins);
    return ok;
}

void pinned_arenas_free(struct pinned_arenas *pins)
{
    free(pins->rows);
    *pins = (struct pinned_arenas){ 0 };
}
