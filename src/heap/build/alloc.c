// SPDX-License-Identifier: GPL-3.0-or-later
// The walks over the allocator's blocks: see alloc.h.
#include "heap/build/alloc.h"

#include <stdlib.h>

#include "base/unused.h"
#include "base/vec.h"
#include "heap/build/parts.h"
#include "py/runtime/gc.h"
#include "py/memory/mimalloc.h"
#include "py/read.h"

static uint64_t *word_of(struct alloc *a, const struct pymalloc_arena *arena, addr block,
                         uint64_t *mask)
{
    size_t unit = (size_t)(block - arena->start) >> a->unit_shift;
    *mask = UINT64_C(1) << (unit & 63);
    return &a->left[(size_t)(arena - a->pm.arenas) * a->arena_words + (unit >> 6)];
}

const struct pymalloc_arena *alloc_arena_of(struct alloc *a, addr at)
{
    if (at - a->low >= a->high - a->low)
        return NULL;
    const struct pymalloc_arena *arena = &a->pm.arenas[a->last];
    if (at - arena->start < (addr)arena->pools * a->pm.pool_bytes)
        return arena;
    arena = pymalloc_arena_of(&a->pm, at);
    if (arena)
        a->last = (size_t)(arena - a->pm.arenas);
    return arena;
}

bool alloc_take(struct alloc *a, const struct pymalloc_arena *arena, addr block)
{
    uint64_t mask, *word = word_of(a, arena, block, &mask);
    if (!(*word & mask))
        return false;
    *word &= ~mask;
    return true;
}

// --- the walk ------------------------------------------------------------------------------------

// Whether an object starts within the first words of the block.
static bool has_object(const struct address_map_chunk *c, addr at)
{
    unsigned bit = address_map_bit(at), word = bit >> 6, shift = bit & 63;
    uint64_t window = c->bits[word] >> shift;
    if (shift > 59 && word + 1 < CHUNK_WORDS)
        window |= c->bits[word + 1] << (64 - shift);
    return (window & 0x15) != 0;
}

static void walk_pool(struct alloc *a, const struct pymalloc_arena *arena,
                      const struct pymalloc_pool *pool, struct allocator_census *census)
{
    const struct address_map_chunk *c = address_map_chunk(&a->heap->addresses, pool->at);
    uint32_t offset = SIZE(a->heap->py, pool_header), known = 0;
    for (uint32_t b = 0; b < pool->blocks; b++, offset += pool->size) {
        if (pool->free[b / 64] >> (b % 64) & 1)
            continue;
        addr block = pool->at + offset;
        if (c && has_object(c, block + a->pm.lead)) {
            known++;
        } else {
            uint64_t mask, *word = word_of(a, arena, block, &mask);
            *word |= mask;
        }
    }
    census->blocks_objects += known;
    census->bytes_objects += (uint64_t)known * pool->size;
}

static void walk_arena(struct alloc *a, const struct pymalloc_arena *arena,
                       struct allocator_census *census)
{
    const struct python *py = a->heap->py;
    for (uint32_t i = 0; i < arena->pools; i++) {
        struct pymalloc_pool pool;
        if (!pymalloc_pool(&a->pm, py, arena, i, &pool)) {
            census->bytes_free += a->pm.pool_bytes;
            continue;
        }
        census->pools++;
        census->blocks_used += pool.used;
        census->bytes_used += (uint64_t)pool.used * pool.size;
        uint32_t most = (a->pm.pool_bytes - SIZE(py, pool_header)) / pool.size;
        census->blocks_free += most - pool.used;
        census->bytes_free += (uint64_t)(most - pool.used) * pool.size;
        if (pool.sound)
            walk_pool(a, arena, &pool, census);
    }
}

// Each thread has arenas of its own, whose bits it sets, and counts for itself.
struct alloc_walk {
    struct alloc *alloc;
    struct allocator_census counts[POOL_MOST];
};

static void walk_some(void *context, unsigned part, unsigned parts)
{
    struct alloc_walk *walk = context;
    struct alloc *a = walk->alloc;
    size_t end = parts_first(a->pm.count, part + 1, parts);
    for (size_t k = parts_first(a->pm.count, part, parts); k < end; k++)
        walk_arena(a, &a->pm.arenas[k], &walk->counts[part]);
}

static void walk_arenas(struct alloc *a)
{
    struct allocator_census *census = &a->heap->census;
    struct alloc_walk walk = { .alloc = a };
    unsigned parts = heap_parts_of(a->heap, a->pm.count / PARTS_ARENAS);
    pool_run(parts, walk_some, &walk);
    census->arenas = a->pm.count;
    for (unsigned i = 0; i < parts; i++) {
        const struct allocator_census *more = &walk.counts[i];
        census->pools += more->pools;
        census->blocks_used += more->blocks_used;
        census->bytes_used += more->bytes_used;
        census->blocks_free += more->blocks_free;
        census->bytes_free += more->bytes_free;
        census->blocks_objects += more->blocks_objects;
        census->bytes_objects += more->bytes_objects;
    }
}

typedef bool left_visit(struct alloc *a, void *context, addr block, const uint8_t *bytes,
                        uint32_t size);

// Calls visit for every bit that is still set.
static bool each_left(struct alloc *a, left_visit *visit, void *context)
{
    for (size_t k = 0; k < a->pm.count; k++) {
        const struct pymalloc_arena *arena = &a->pm.arenas[k];
        const uint64_t *words = a->left + k * a->arena_words;
        for (size_t w = 0; w < a->arena_words; w++)
            for (uint64_t bits = words[w]; bits; bits &= bits - 1) {
                uint64_t offset = (uint64_t)(w * 64 + (unsigned)__builtin_ctzll(bits))
                                  << a->unit_shift;
                uint32_t size =
                    pymalloc_block_size(&a->pm, a->heap->py, arena, arena->start + offset);
                if (!visit(a, context, arena->start + offset, arena->bytes + offset, size))
                    return false;
            }
    }
    return true;
}

static bool alloc_add_object(struct alloc_blocks *blocks, addr object)
{
    if (!vec_grow(&blocks->objects, &blocks->capacity, blocks->count + 1, sizeof *blocks->objects,
                  NULL))
        return false;
    blocks->objects[blocks->count++] = object;
    return true;
}

static bool add_living(struct alloc *a, void *context, addr block, const uint8_t *bytes,
                       uint32_t size)
{
    addr object = alloc_living_in(a, block, bytes, size);
    return !object || alloc_add_object(context, object);
}
// --- mimalloc ------------------------------------------------------------------------------------

static bool block_has_object(const struct alloc *a, addr at)
{
    const struct address_map_chunk *c = address_map_chunk(&a->heap->addresses, at);
    return c && chunk_has(c->bits, address_map_bit(at));
}

// First walk: sets a bit for every block without a known object.
static bool note_block(void *context, enum mimalloc_heap heap, addr block,
                       UNUSED const uint8_t *bytes, UNUSED uint64_t size)
{
    struct alloc *a = context;
    addr object = block + gc_block_offset(a->heap->py, (int)heap);
    if (heap != MIMALLOC_MEMORY && block_has_object(a, object))
        return true;
    struct address_map_chunk *c = address_map_make(&a->others, block);
    if (!c)
        return false;
    chunk_set(c->bits, address_map_bit(block));
    a->low = block < a->low ? block : a->low;
    a->high = block > a->high ? block : a->high;
    return true;
}

struct threaded {
    struct alloc *alloc;
    struct alloc_blocks *blocks;
};

// Second walk: finds living objects that nothing led to.
static bool find_in_block(void *context, enum mimalloc_heap heap, addr block, const uint8_t *bytes,
                          uint64_t size)
{
    struct threaded *threaded = context;
    struct alloc *a = threaded->alloc;
    addr object = block + gc_block_offset(a->heap->py, (int)heap);
    if (heap == MIMALLOC_MEMORY || block_has_object(a, object)
        || alloc_living_in(a, block, bytes, size) != object)
        return true;
    return alloc_add_object(threaded->blocks, object);
}

// Last walk: counts what became of each block.
static bool count_block(void *context, enum mimalloc_heap heap, addr block, const uint8_t *bytes,
                        uint64_t size)
{
    struct alloc *a = context;
    struct allocator_census *census = &a->heap->census;
    const struct address_map_chunk *left = address_map_chunk(&a->others, block);
    bool unexplained = left && chunk_has(left->bits, address_map_bit(block));
    bool object = heap != MIMALLOC_MEMORY
                  && block_has_object(a, block + gc_block_offset(a->heap->py, (int)heap));
    bool dead = !object && unexplained && heap != MIMALLOC_MEMORY && alloc_is_dead(a, bytes, size);
    census->blocks_used++;
    census->bytes_used += size;
    census->blocks_objects += object;
    census->bytes_objects += object ? size : 0;
    census->blocks_buffers += !object && !unexplained;
    census->bytes_buffers += !object && !unexplained ? size : 0;
    census->blocks_dead += dead;
    census->bytes_dead += dead ? size : 0;
    return true;
}

static bool open_threaded(struct alloc *a, struct err *err)
{
    const struct python *py = a->heap->py;
    a->pm.unit = 8;
    a->pm.lead = py->guards;
    a->low = ~(addr)0;
    for (size_t i = 0; i < py->interpreter_count; i++)
        if (!mimalloc_each(py, i, note_block, a))
            return err_memory(err, "the allocator's blocks");
    a->heap->census.known = a->others.count > 0;
    return true;
}

// --- opening, and finding

bool alloc_open(struct alloc *a, struct heap *heap, struct err *err)
{
    *a = (struct alloc){ .heap = heap, .threaded = heap->py->rules.free_threaded };
    heap->census = (struct allocator_census){ 0 };
    if (a->threaded)
        return open_threaded(a, err);
    if (!pymalloc_open(&a->pm, heap->py, err))
        return false;
    if (!a->pm.known)
        return true;
    a->unit_shift = a->pm.unit == 8 ? 3 : 4;
    a->arena_words = ((size_t)a->pm.pools_most * a->pm.pool_bytes >> a->unit_shift) / 64;
    a->low = a->pm.arenas[0].start;
    a->high = a->pm.arenas[a->pm.count - 1].start
              + (addr)a->pm.arenas[a->pm.count - 1].pools * a->pm.pool_bytes;
    a->left = calloc(a->pm.count * a->arena_words, sizeof *a->left);
    if (!a->left)
        return err_memory(err, "the allocator's blocks");
    heap->census.known = true;
    heap->census.by_shape = a->pm.by_shape;
    heap->census.blocks_raw = a->pm.raw_blocks;
    walk_arenas(a);
    alloc_find_dead(a);
    return true;
}

bool alloc_living(struct alloc *a, struct alloc_blocks *blocks, struct err *err)
{
    bool good = true;
    struct threaded threaded = { a, blocks };
    for (size_t i = 0; good && a->threaded && i < a->heap->py->interpreter_count; i++)
        good = mimalloc_each(a->heap->py, i, find_in_block, &threaded);
    if (!a->threaded && a->left)
        good = each_left(a, add_living, blocks);
    good = good && alloc_less_buffers(a, blocks);
    return good || err_memory(err, "the allocator's objects");
}

// --- the end -------------------------------------------------------------------------------------

static bool alloc_count_left(struct alloc *a, UNUSED void *context, UNUSED addr block,
                             const uint8_t *bytes, uint32_t size)
{
    struct allocator_census *census = &a->heap->census;
    if (alloc_is_dead(a, bytes, size)) {
        census->blocks_dead++;
        census->bytes_dead += size;
    }
    return true;
}

void alloc_finish(struct alloc *a)
{
    if (!a->heap || !a->heap->census.known)
        return;
    struct allocator_census *census = &a->heap->census;
    if (a->threaded)
        for (size_t i = 0; i < a->heap->py->interpreter_count; i++)
            mimalloc_each(a->heap->py, i, count_block, a);
    else
        each_left(a, alloc_count_left, NULL);
    census->blocks_known = census->blocks_objects + census->blocks_buffers;
    census->bytes_known = census->bytes_objects + census->bytes_buffers;
}

void alloc_close(struct alloc *a)
{
    pymalloc_close(&a->pm);
    address_map_free(&a->others);
    free(a->left);
    free(a->plans);
    free(a->chain);
    *a = (struct alloc){ 0 };
}
