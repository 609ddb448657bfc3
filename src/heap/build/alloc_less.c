// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks that look like living objects, and are other objects' buffers: see alloc.h.
//
// Problem: blocks are allocated without being cleared. If a block held an object before, an array
// of one number in it has the number where the refcount was, followed by the dead object's type.
//
//   1. sort the candidates
//   2. each object that was found names the memory beside it (kind_blocks): candidates in there go
//   3. so does each candidate that is still there: nothing refers to it, but it may be an object
//
// A buffer that no decoder knows may still hide one: it counts as an object "found through the
// allocator", which C code seems to hold.
#include "heap/build/alloc.h"

#include <stdlib.h>

#include "py/kinds/kind.h"

struct less {
    addr *candidates; // sorted; those that were dismissed are zero in `kept`
    bool *kept;
    size_t count;
};

static int less_by_address(const void *left, const void *right)
{
    addr a = *(const addr *)left, b = *(const addr *)right;
    return a < b ? -1 : a > b;
}

// The first candidate at or after the address.
static size_t less_from(const struct less *less, addr at)
{
    size_t low = 0, high = less->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (less->candidates[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void less_strike(struct blocks *blocks, addr from, uint64_t bytes)
{
    struct less *less = blocks->context;
    addr to = bytes > UINT64_MAX - from ? UINT64_MAX : from + bytes;
    if (from > less->candidates[less->count - 1] || to <= less->candidates[0])
        return;
    for (size_t i = less_from(less, from); i < less->count && less->candidates[i] < to; i++)
        less->kept[i] = false;
}

static void less_beside(const struct python *py, struct blocks *blocks, addr at)
{
    const struct type *type = type_of(py, at);
    const uint8_t *o =
        type && type->value->blocks ? target_view(py->target, at, (size_t)type->basicsize) : NULL;
    if (o)
        type->value->blocks(py, type, at, o, blocks);
}

static void less_known(const struct heap *heap, struct blocks *blocks)
{
    const struct address_map *place = &heap->place;
    for (size_t i = 0; i < place->count; i++) {
        const struct address_map_chunk *c = place->chunks[i];
        for (unsigned w = 0; w < CHUNK_WORDS; w++)
            for (uint64_t left = c->bits[w]; left; left &= left - 1)
                less_beside(heap->py, blocks,
                            c->base + (addr)(w * 64 + (unsigned)__builtin_ctzll(left)) * 8);
    }
}

bool alloc_less_buffers(struct alloc *a, struct alloc_blocks *found)
{
    struct less less = { .candidates = found->objects, .count = found->count };
    if (!found->count)
        return true;
    less.kept = malloc(found->count * sizeof *less.kept);
    if (!less.kept)
        return false;
    for (size_t i = 0; i < found->count; i++)
        less.kept[i] = true;
    qsort(found->objects, found->count, sizeof *found->objects, less_by_address);
    uint64_t left = kind_words_most(a->heap->py);
    struct blocks blocks = { .add = less_strike, .context = &less, .left = &left };
    less_known(a->heap, &blocks);
    for (size_t i = 0; i < less.count; i++)
        if (less.kept[i])
            less_beside(a->heap->py, &blocks, less.candidates[i]);
    found->count = 0;
    for (size_t i = 0; i < less.count; i++)
        if (less.kept[i])
            found->objects[found->count++] = less.candidates[i];
    free(less.kept);
    return true;
}
