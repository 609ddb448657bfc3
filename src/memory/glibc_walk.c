// SPDX-License-Identifier: GPL-3.0-or-later
// From block to block through an arena's heaps: see glibc_malloc.h.
//
// The main arena's memory comes from brk(), so that it is one stretch, unless somebody else calls
// sbrk() or brk() fails: then a stretch ends with two fence posts, chunks of 16 bytes, and the next
// one begins on a page. A thread arena's heap ends with a chunk of 16 bytes and one of size 0.
#include <stdlib.h>

#include "base/vec.h"
#include "memory/glibc_shape.h"

#define HEAPS_MOST 65536
#define RESUME_MOST 65536 // pages tried as the beginning of the next stretch
#define FENCE 16
#define SURE 8 // blocks
#define BRK_MOST ((uint64_t)1 << 40)

bool glibc_add_block(struct glibc *g, addr at, uint64_t size, enum glibc_state state,
                     struct err *err)
{
    if (!vec_grow(&g->blocks, &g->block_room, g->block_count + 1, sizeof *g->blocks, err))
        return false;
    g->blocks[g->block_count++] = (struct glibc_block){ at, size | state };
    return true;
}

static bool walk_add_heap(struct glibc *g, struct glibc_heap heap, struct err *err)
{
    if (!vec_grow(&g->heaps, &g->heap_room, g->heap_count + 1, sizeof *g->heaps, err))
        return false;
    g->heaps[g->heap_count++] = heap;
    return true;
}

// A view of the whole stretch if possible, so that reading a block is one load.
struct walk_view {
    const struct glibc *g;
    const uint8_t *bytes;
    addr from, to;
};

static struct walk_view walk_view_open(const struct glibc *g, addr from, addr to)
{
    struct walk_view view = { g, target_view(g->target, from, to - from), from, to };
    return view;
}

static bool walk_size(const struct walk_view *view, addr chunk, uint64_t *word)
{
    addr at = chunk + 8;
    if (!view->bytes || at - view->from > view->to - view->from - 8)
        return glibc_word(view->g, at, word);
    memcpy(word, view->bytes + (at - view->from), 8);
    return true;
}

enum walk_end { WALK_TOP, WALK_FENCE, WALK_BROKEN };

// Walks from `at`, and adds the blocks if `add`. *end: where the walk ended.
static bool walk_blocks(struct glibc *g, const struct walk_view *view, addr at, addr top, bool add,
                        addr *end, enum walk_end *why, struct err *err)
{
    addr limit = view->to;
    *why = WALK_BROKEN;
    uint64_t word, next;
    while (limit - at >= FENCE && walk_size(view, at, &word)) {
        uint64_t size = word & ~(uint64_t)GLIBC_FLAGS;
        if (size <= FENCE && (word & GLIBC_IN_USE) && at != top) { // fence posts
            if (size == FENCE && limit - at >= 2 * FENCE && walk_size(view, at + FENCE, &next)
                && (next & ~(uint64_t)GLIBC_FLAGS) <= FENCE) {
                *end = at + 2 * FENCE;
                *why = WALK_FENCE;
            } else if (size == 0) {
                *end = at + FENCE;
                *why = WALK_FENCE;
            } else {
                *end = at;
            }
            return !add || *end == at || glibc_add_block(g, at, *end - at, GLIBC_FENCE, err);
        }
        if (size < GLIBC_LEAST || size % 16 || size > limit - at || (word & GLIBC_IS_MAPPED)
            || (at != top && limit - at - size < FENCE && size != limit - at))
            break;
        enum glibc_state state = GLIBC_TOP;
        if (at != top) {
            if (!walk_size(view, at + size, &next))
                break;
            state = next & GLIBC_IN_USE ? GLIBC_USED : GLIBC_FREE;
        }
        if (add && !glibc_add_block(g, at, size, state, err))
            return false;
        at += size;
        if (state == GLIBC_TOP) {
            *why = WALK_TOP;
            break;
        }
    }
    *end = at;
    return true;
}

// --- the main arena ------------------------------------------------------------------------------

// The stretch of private anonymous memory around the address: neighbours with equal rights.
static bool walk_stretch(const struct residence *residence, addr at, addr *start, addr *end)
{
    const struct resident *row = residence_of(residence, at);
    if (!row)
        return false;
    size_t i = (size_t)(row - residence->rows), k = i;
    uint32_t rights = SEGMENT_READ | SEGMENT_WRITE;
    *start = row->mapping.start;
    *end = row->mapping.end;
    while (i > 0) {
        const struct mapping *m = &residence->rows[i - 1].mapping;
        if (m->end != *start || (m->flags & rights) != rights || (m->path && *m->path == '/')
            || m->shared)
            break;
        *start = m->start;
        i--;
    }
    while (k + 1 < residence->count) {
        const struct mapping *m = &residence->rows[k + 1].mapping;
        if (m->start != *end || (m->flags & rights) != rights || (m->path && *m->path == '/')
            || m->shared)
            break;
        *end = m->end;
        k++;
    }
    return true;
}

static bool walk_heap(struct glibc *g, struct glibc_heap heap, addr top, enum walk_end *why,
                      struct err *err)
{
    addr reached;
    heap.first = g->block_count;
    struct walk_view view = walk_view_open(g, heap.start, heap.end);
    if (!walk_blocks(g, &view, heap.start, top, true, &reached, why, err))
        return false;
    heap.count = g->block_count - heap.first;
    heap.broken = *why == WALK_BROKEN;
    heap.end = reached;
    if (heap.limit < reached)
        heap.limit = reached;
    return heap.count == 0 || walk_add_heap(g, heap, err);
}

// The first page from which a walk leads to the top, or to fence posts.
static bool walk_resume(struct glibc *g, addr from, addr to, addr top, addr *start)
{
    addr at = (from + GLIBC_PAGE - 1) & ~(GLIBC_PAGE - 1);
    for (uint32_t i = 0; i < RESUME_MOST && at < to; i++, at += GLIBC_PAGE) {
        struct walk_view view = walk_view_open(g, at, to);
        enum walk_end why;
        addr end;
        walk_blocks(g, &view, at, top, false, &end, &why, NULL);
        if (why != WALK_BROKEN && end > at) {
            *start = at;
            return true;
        }
    }
    return false;
}

// A first stretch that ends at once is none: a program linked low has variables before its heap.
static bool walk_is_nothing(const struct glibc *g, size_t heaps)
{
    return g->heap_count == heaps || (g->heaps[heaps].broken && g->heaps[heaps].count < SURE);
}

static bool walk_stretches(struct glibc *g, uint32_t arena, addr start, addr end, addr top,
                           struct err *err)
{
    while (start < end) {
        size_t before = g->heap_count, blocks = g->block_count;
        enum walk_end why;
        struct glibc_heap heap = { .base = start, .start = start, .end = end, .arena = arena };
        if (!walk_heap(g, heap, top, &why, err))
            return false;
        if (why == WALK_TOP)
            return true;
        addr from = start + GLIBC_PAGE;
        if (walk_is_nothing(g, before)) {
            g->heap_count = before;
            g->block_count = blocks;
        } else {
            from = g->heaps[before].end;
        }
        if (!walk_resume(g, from, end, top, &start))
            return true;
    }
    return true;
}

static bool walk_is_inside(const struct glibc *g, addr at)
{
    for (size_t i = 0; i < g->heap_count; i++)
        if (at - g->heaps[i].start < g->heaps[i].end - g->heaps[i].start)
            return true;
    return false;
}

// If brk() failed, the arena has continued in memory from mmap(). Its free blocks show where.
static bool walk_elsewhere(struct glibc *g, const struct residence *residence, uint32_t i,
                           struct err *err)
{
    const struct glibc_shape *shape = g->shape;
    const uint8_t *bins = target_view(g->target, g->arenas[i].at, shape->size);
    for (uint32_t k = shape->bins; bins && k + 8 <= shape->next; k += 8) {
        uint64_t word;
        addr start, end, at;
        memcpy(&word, bins + k, 8);
        bool chunk = word % 16 == 0 && word && word - g->arenas[i].at > shape->size;
        if (!chunk || walk_is_inside(g, word) || target_module_of(g->target, word) >= 0
            || !walk_stretch(residence, word, &start, &end)
            || !walk_resume(g, start, word, g->arenas[i].top, &at))
            continue;
        if (!walk_stretches(g, i, at, end, g->arenas[i].top, err))
            return false;
    }
    return true;
}

static bool walk_main(struct glibc *g, const struct residence *residence, uint32_t i,
                      struct err *err)
{
    const struct glibc_arena *arena = &g->arenas[i];
    addr start, end;
    bool begun = arena->top - arena->at > g->shape->size; // else top is a bin
    if (!begun || !walk_stretch(residence, arena->top, &start, &end) || end - start > BRK_MOST)
        return true;
    if (!walk_stretches(g, i, start, end, arena->top, err))
        return false;
    return arena->contiguous || walk_elsewhere(g, residence, i, err);
}

// --- thread arenas -------------------------------------------------------------------------------

// struct heap_info: arena, the previous heap, its size, bytes that may be used. The first heap's
// arena follows directly, and its position tells the length of the struct.
static bool walk_thread_arena(struct glibc *g, uint32_t i, struct err *err)
{
    const struct glibc_arena *arena = &g->arenas[i];
    addr base = arena->top & ~(GLIBC_HEAP_MOST - 1), first = arena->at & ~(GLIBC_HEAP_MOST - 1);
    uint64_t header = arena->at - first;
    if (header < 32 || header > 256)
        return true;
    for (uint32_t n = 0; base && n < HEAPS_MOST; n++) {
        uint64_t info[3];
        const void *view = target_view(g->target, base, sizeof info);
        if (!view)
            return true;
        memcpy(info, view, sizeof info);
        if (info[0] != arena->at || info[2] > GLIBC_HEAP_MOST || info[2] <= header)
            return true;
        addr start = base + header;
        if (base == first)
            start = (arena->at + g->shape->size + 15) & ~(addr)15;
        enum walk_end why;
        struct glibc_heap heap = { .base = base,
                                   .start = start,
                                   .end = base + info[2],
                                   .limit = base + GLIBC_HEAP_MOST,
                                   .arena = i };
        if (!walk_heap(g, heap, arena->top, &why, err))
            return false;
        if (base == first || info[1] == base)
            return true;
        base = info[1];
    }
    return true;
}

bool glibc_walk(struct glibc *g, const struct residence *residence, uint32_t i, struct err *err)
{
    return g->arenas[i].is_main ? walk_main(g, residence, i, err) : walk_thread_arena(g, i, err);
}

static int walk_by_start(const void *a, const void *b)
{
    const struct glibc_heap *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

void glibc_sort_heaps(struct glibc *g)
{
    if (g->heap_count)
        qsort(g->heaps, g->heap_count, sizeof *g->heaps, walk_by_start);
}
