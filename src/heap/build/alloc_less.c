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
#include <string.h>

#include "heap/build/parts.h"
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

static void less_known(const struct address_map *addresses, size_t first, size_t end,
                       const struct python *py, struct blocks *blocks)
{
    for (size_t i = first; i < end; i++) {
        const struct address_map_chunk *c = addresses->chunks[i];
        for (unsigned w = 0; w < CHUNK_WORDS; w++)
            for (uint64_t left = c->bits[w]; left; left &= left - 1)
                less_beside(py, blocks,
                            c->base + (addr)(w * 64 + (unsigned)__builtin_ctzll(left)) * 8);
    }
}

// --- in parts: step 2 looks at all objects

struct less_part {
    struct python_reader reader;
    struct less less; // the candidates are all the same; kept are its own
    uint64_t left;    // links that it may follow
};

struct less_sharing {
    const struct heap *heap;
    struct less_part parts[POOL_MOST];
    unsigned count;
};

static void less_part_run(void *context, unsigned number, unsigned count)
{
    struct less_sharing *sharing = context;
    struct less_part *part = &sharing->parts[number];
    const struct address_map *addresses = &sharing->heap->addresses;
    struct blocks blocks = { .add = less_strike, .context = &part->less, .left = &part->left };
    less_known(addresses, parts_first(addresses->count, number, count),
               parts_first(addresses->count, number + 1, count), &part->reader.py, &blocks);
}

static bool less_part_begin(struct less_part *part, const struct heap *heap,
                            const struct less *less, uint64_t left)
{
    *part = (struct less_part){ .less = *less, .left = left };
    part->less.kept = malloc(less->count * sizeof *less->kept);
    if (!part->less.kept)
        return false;
    memcpy(part->less.kept, less->kept, less->count * sizeof *less->kept);
    return python_reader_open(&part->reader, heap->py);
}

// What one part strikes is struck.
static void less_join(struct less_sharing *sharing, struct less *less)
{
    for (unsigned i = 0; i < sharing->count; i++) {
        const struct less_part *part = &sharing->parts[i];
        for (size_t k = 0; k < less->count; k++)
            less->kept[k] = less->kept[k] && part->less.kept[k];
        python_reader_add(&part->reader, sharing->heap->py);
    }
}

// True: the parts did what one thread would have done, and *left is what it would have left. Else
// nothing was done.
static bool less_in_parts(const struct heap *heap, struct less *less, uint64_t *left)
{
    struct less_sharing sharing = { .heap = heap };
    uint64_t followed = 0;
    bool good = true;
    sharing.count = heap_parts_of(heap, heap->addresses.count / PARTS_CHUNKS);
    for (unsigned i = 0; good && i < sharing.count; i++)
        good = less_part_begin(&sharing.parts[i], heap, less, *left);
    good = good && sharing.count > 1;
    if (good)
        pool_run(sharing.count, less_part_run, &sharing);
    for (unsigned i = 0; good && i < sharing.count; i++) {
        good = sharing.parts[i].left && !python_reader_missed(&sharing.parts[i].reader);
        followed += *left - sharing.parts[i].left;
    }
    good = good && followed < *left;
    if (good) {
        less_join(&sharing, less);
        *left -= followed;
    }
    for (unsigned i = 0; i < sharing.count; i++) {
        free(sharing.parts[i].less.kept);
        python_reader_close(&sharing.parts[i].reader);
    }
    return good;
}

static void less_strike_all(const struct heap *heap, struct less *less)
{
    uint64_t left = kind_words_most(heap->py);
    struct blocks blocks = { .add = less_strike, .context = less, .left = &left };
    if (!less_in_parts(heap, less, &left))
        less_known(&heap->addresses, 0, heap->addresses.count, heap->py, &blocks);
    for (size_t i = 0; i < less->count; i++)
        if (less->kept[i])
            less_beside(heap->py, &blocks, less->candidates[i]);
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
    less_strike_all(a->heap, &less);
    found->count = 0;
    for (size_t i = 0; i < less.count; i++)
        if (less.kept[i])
            found->objects[found->count++] = less.candidates[i];
    free(less.kept);
    return true;
}
