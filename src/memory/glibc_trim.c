// SPDX-License-Identifier: GPL-3.0-or-later
// What malloc_trim(0) would give back (malloc/malloc.c, mtrim and systrim).
//
//   1. fast bins are emptied, and free blocks that are neighbours become one
//   2. of each free block the whole pages behind its first 48 bytes go
//   3. of the main arena's top all whole pages go but what a block needs
//
// What is in threads' caches stays where it is.
#include "memory/glibc_shape.h"

#define CHUNK_STRUCT 48 // sizeof(struct malloc_chunk)

struct trim {
    glibc_visit *visit;
    void *context;
};

static void trim_free(const struct trim *trim, addr from, addr to)
{
    if (to - from <= GLIBC_PAGE - 1 + CHUNK_STRUCT)
        return;
    addr first = (from + CHUNK_STRUCT + GLIBC_PAGE - 1) & ~(GLIBC_PAGE - 1);
    uint64_t size = to > first ? (to - first) & ~(GLIBC_PAGE - 1) : 0;
    if (size)
        trim->visit(trim->context, first, first + size);
}

static void trim_top(const struct trim *trim, addr from, addr to)
{
    uint64_t area = to - from > GLIBC_LEAST ? to - from - GLIBC_LEAST - 1 : 0;
    uint64_t extra = area & ~(GLIBC_PAGE - 1);
    if (extra)
        trim->visit(trim->context, to - extra, to);
}

static bool trim_is_free(enum glibc_state state)
{
    return state == GLIBC_FREE || state == GLIBC_FAST;
}

static void trim_heap(const struct glibc *g, const struct glibc_heap *heap, const struct trim *trim)
{
    addr run = 0; // where the current free run began
    for (size_t i = 0; i < heap->count; i++) {
        const struct glibc_block *block = &g->blocks[heap->first + i];
        enum glibc_state state = glibc_state(block);
        if (trim_is_free(state)) {
            run = run ? run : block->at;
            continue;
        }
        if (state == GLIBC_TOP) {
            if (g->arenas[heap->arena].is_main)
                trim_top(trim, run ? run : block->at, block->at + glibc_size(block));
        } else if (run) {
            trim_free(trim, run, block->at);
        }
        run = 0;
    }
}

void glibc_trim(const struct glibc *g, glibc_visit *visit, void *context)
{
    struct trim trim = { visit, context };
    for (size_t i = 0; i < g->heap_count; i++)
        trim_heap(g, &g->heaps[i], &trim);
}
