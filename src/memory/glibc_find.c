// SPDX-License-Identifier: GPL-3.0-or-later
// Finding the arenas: see glibc_malloc.h.
#include "memory/glibc_malloc.h"

#include <stdlib.h>

#include "base/search.h"
#include "base/vec.h"
#include "memory/glibc_shape.h"

#define ARENAS_MAX 65536
#define TRIES_MAX                                                                                  \
    64 // places that look like bins: a library has one arena, a hostile core any number
#define STRANGE_MOST 2 // bins that were being modified

// malloc/malloc.c: 2.27 to 2.42, and 2.43, which has no fast bins any more.
static const struct glibc_shape glibc_shapes[] = {
    { .fast = 16, .fasts = 10, .top = 96, .bins = 112, .next = 2160, .system = 2184, .size = 2200 },
    { .fast = 0, .fasts = 0, .top = 8, .bins = 24, .next = 2072, .system = 2096, .size = 2112 },
};
#define SHAPES (sizeof glibc_shapes / sizeof *glibc_shapes)

size_t glibc_shape_number(const struct glibc_shape *shape)
{
    return (size_t)(shape - glibc_shapes);
}

const struct glibc_shape *glibc_shape_row(size_t number)
{
    return number < SHAPES ? &glibc_shapes[number] : NULL;
}

// Up to 2.29, to 2.41, and from 2.42 on.
const struct glibc_cache_shape glibc_cache_shapes[] = {
    { .chunk = 0x250, .width = 1, .bins = 64, .entries = 64 },
    { .chunk = 0x290, .width = 2, .bins = 64, .entries = 128 },
    { .chunk = 0x300, .width = 2, .bins = 76, .entries = 152, .counts_room = true },
};
const size_t glibc_cache_shape_count = sizeof glibc_cache_shapes / sizeof *glibc_cache_shapes;

// --- the main arena ------------------------------------------------------------------------------

static addr find_bin(const struct glibc_shape *shape, addr arena, uint32_t i)
{
    return arena + shape->bins + (addr)(i - 1) * 16 - 16;
}

// A bin is a doubly linked list. The links of an empty one point at itself, as if it were a chunk.
static bool find_bin_closes(const struct glibc *g, const uint8_t *links, addr bin)
{
    uint64_t pair[2], back, forward;
    memcpy(pair, links, sizeof pair);
    if (pair[0] == bin && pair[1] == bin)
        return true;
    return glibc_word(g, pair[0] + 24, &back) && back == bin
           && glibc_word(g, pair[1] + 16, &forward) && forward == bin;
}

// How many bins are not lists that return to their head. An arena has none of these, except for
// bins that were being modified.
static uint32_t find_strange(const struct glibc *g, const struct glibc_shape *shape, addr at)
{
    const uint8_t *bytes = at % 8 ? NULL : target_view(g->target, at, shape->size);
    uint32_t strange = bytes ? 0 : GLIBC_BINS;
    for (uint32_t i = 1; bytes && i <= GLIBC_BINS && strange <= STRANGE_MOST; i++)
        strange += !find_bin_closes(g, bytes + shape->bins + (i - 1) * 16, find_bin(shape, at, i));
    return strange;
}

// The bins' offset differs between shapes: only with the right one do arenas point at one another.
static bool find_is_circle(const struct glibc *g, const struct glibc_shape *shape, addr first)
{
    addr at = first;
    for (size_t i = 0; i < ARENAS_MAX; i++) {
        uint64_t next;
        if (find_strange(g, shape, at) > STRANGE_MOST || !glibc_word(g, at + shape->next, &next))
            return false;
        if (next == first)
            return true;
        at = next;
    }
    return false;
}

static bool find_add_arena(struct glibc *g, addr at, bool is_main, struct err *err)
{
    const struct glibc_shape *shape = g->shape;
    const uint8_t *bytes = target_view(g->target, at, shape->size);
    int32_t head[2];
    if (!bytes)
        return true;
    if (!vec_grow(&g->arenas, &g->arena_room, g->arena_count + 1, sizeof *g->arenas, err))
        return false;
    struct glibc_arena *arena = &g->arenas[g->arena_count++];
    *arena = (struct glibc_arena){ .at = at, .is_main = is_main };
    memcpy(head, bytes, sizeof head); // its lock and its flags; bit 1: not contiguous
    memcpy(&arena->top, bytes + shape->top, 8);
    memcpy(&arena->system, bytes + shape->system, 8);
    arena->busy = head[0] != 0;
    arena->contiguous = !(head[1] & 2);
    return true;
}

// The arenas along `next`, until it is back at the main one.
static bool find_add_circle(struct glibc *g, addr main_arena, struct err *err)
{
    uint64_t at = main_arena;
    for (size_t i = 0; i < ARENAS_MAX; i++) {
        if (!find_add_arena(g, at, at == main_arena, err))
            return false;
        if (!glibc_word(g, at + g->shape->next, &at) || at == main_arena)
            return true;
    }
    return true;
}

// The bin at `at` may be any bin of an arena: only the whole tells which. A guess that is one bin
// off has just one strange bin, so a guess without any is preferred.
static bool find_try(struct glibc *g, addr at, struct err *err)
{
    if (g->tries++ >= TRIES_MAX)
        return true;
    for (uint32_t most = 0; most <= STRANGE_MOST; most += STRANGE_MOST)
        for (size_t s = 0; s < SHAPES; s++)
            for (uint32_t i = 1; i <= GLIBC_BINS; i++) {
                const struct glibc_shape *shape = &glibc_shapes[s];
                addr arena = at - shape->bins - (addr)(i - 1) * 16;
                if ((g->shape && shape != g->shape) || find_strange(g, shape, arena) > most
                    || !find_is_circle(g, shape, arena))
                    continue;
                g->shape = shape;
                return find_add_circle(g, arena, err);
            }
    return true;
}

// Searches variables of a library for two adjacent empty bins.
static bool find_search(struct glibc *g, const struct mapping *m, struct err *err)
{
    uint64_t size = target_readable(g->target, m->start, m->end - m->start);
    const uint8_t *bytes = size >= GLIBC_PAGE ? target_view(g->target, m->start, size) : NULL;
    for (uint64_t k = 0; bytes && k + 32 <= size; k += 8) {
        addr bin = m->start + k - 16;
        uint64_t links[4];
        memcpy(links, bytes + k, sizeof links);
        if (links[0] != bin || links[1] != bin || links[2] != bin + 16 || links[3] != bin + 16)
            continue;
        size_t before = g->arena_count;
        if (!find_try(g, m->start + k, err))
            return false;
        if (g->arena_count != before) // or its further bins would find it again
            k = g->arenas[before].at + g->shape->size - m->start - 8;
    }
    return true;
}

// --- opening -------------------------------------------------------------------------------------

static bool find_arenas(struct glibc *g, const struct residence *residence, struct err *err)
{
    for (size_t i = 0; i < residence->count; i++) {
        const struct mapping *m = &residence->rows[i].mapping;
        bool data = m->path && *m->path == '/' && (m->flags & SEGMENT_WRITE) && !m->shared
                    && target_module_of(g->target, m->start) >= 0;
        if (data && !find_search(g, m, err))
            return false;
    }
    return true;
}

static void find_sum(struct glibc *g)
{
    for (size_t i = 0; i < g->block_count; i++) {
        g->counts[glibc_state(&g->blocks[i])]++;
        g->bytes[glibc_state(&g->blocks[i])] += glibc_size(&g->blocks[i]);
    }
}

bool glibc_open(struct glibc *g, struct target *target, const struct residence *residence,
                struct err *err)
{
    *g = (struct glibc){ .target = target };
    if (!find_arenas(g, residence, err))
        return false;
    for (uint32_t i = 0; i < g->arena_count; i++)
        if (!glibc_walk(g, residence, i, err))
            return false;
    glibc_sort_heaps(g);
    g->mapped_first = g->block_count;
    if (g->shape)
        glibc_mark_cached(g);
    if (g->shape && !glibc_find_mapped(g, residence, err))
        return false;
    find_sum(g);
    return true;
}

void glibc_close(struct glibc *g)
{
    free(g->arenas);
    free(g->heaps);
    free(g->blocks);
    *g = (struct glibc){ 0 };
}

bool glibc_is_own(const struct glibc *g, addr at)
{
    for (size_t i = 0; i < g->arena_count; i++)
        if (at - g->arenas[i].at < g->shape->size)
            return true;
    return false;
}

const struct glibc_block *glibc_block_of(const struct glibc *g, addr at)
{
    size_t h = search_u64(g->heaps, g->heap_count, sizeof *g->heaps,
                          offsetof(struct glibc_heap, start), at + 1);
    const struct glibc_heap *heap = h ? &g->heaps[h - 1] : NULL;
    size_t first = g->mapped_first, count = g->block_count - g->mapped_first;
    if (heap && at < heap->end) {
        first = heap->first;
        count = heap->count;
    }
    size_t after = search_u64(g->blocks + first, count, sizeof *g->blocks,
                              offsetof(struct glibc_block, at), at + 1);
    const struct glibc_block *block = after ? &g->blocks[first + after - 1] : NULL;
    return block && at - block->at < glibc_size(block) ? block : NULL;
}
