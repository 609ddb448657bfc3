// SPDX-License-Identifier: GPL-3.0-or-later
// Overlapping ranges of memory: see ranges.h.
#include "heap/analysis/ranges.h"

#include <stdlib.h>

#include "base/unused.h"
#include "base/vec.h"
#include "py/kinds/kind.h"
#include "py/objects/type.h"

#define PROGRESS_EVERY (1u << 20)

struct range {
    addr from, to;
    node of;
    bool beside;
};

struct range_search {
    const struct heap *heap;
    bool (*found)(void *context, const struct overlap *overlap);
    void *context;
    struct ranges *ranges;
    struct range *blocks;
    size_t count, room;
    node of; // the object whose blocks are being added
    struct err *err;
    bool stopped, failed;
};

static void ranges_add(struct blocks *blocks, addr from, uint64_t bytes)
{
    struct range_search *search = blocks->context;
    if (search->failed || bytes > UINT64_MAX - from)
        return;
    if (!vec_grow(&search->blocks, &search->room, search->count + 1, sizeof *search->blocks,
                  search->err)) {
        search->failed = true;
        return;
    }
    search->blocks[search->count++] = (struct range){ from, from + bytes, search->of, true };
}

static void ranges_ignore(UNUSED struct blocks *blocks, UNUSED addr from, UNUSED uint64_t bytes)
{
}

static struct range ranges_own(struct range_search *search, const struct address_map_walk *walk,
                               struct blocks *blocks)
{
    const struct heap *heap = search->heap;
    const struct type *type = type_row(heap->py->types, heap_type(heap, walk->node));
    addr from;
    uint64_t bytes;
    search->of = walk->node;
    kind_blocks(heap->py, type, walk->at, blocks, &from, &bytes);
    return (struct range){ from, from + bytes, walk->node, false };
}

// Compares two ranges; the first does not begin after the second.
static void ranges_compare(struct range_search *search, const struct range *a,
                           const struct range *b)
{
    if (b->from >= a->to || search->stopped || a->of == NODE_NONE)
        return;
    search->ranges->overlapping++;
    const struct overlap overlap = { a->of,     b->of,    b->from, a->to < b->to ? a->to : b->to,
                                     a->beside, b->beside };
    search->stopped = !search->found(search->context, &overlap);
}

static int ranges_by_address(const void *left, const void *right)
{
    const struct range *a = left, *b = right;
    return a->from < b->from ? -1 : a->from > b->from;
}

// The first pass collects the blocks, and compares every object with the one before it.
static bool ranges_collect(struct range_search *search, const struct progress *progress)
{
    struct address_map_walk walk;
    struct range last = { .of = NODE_NONE };
    uint64_t left = kind_words_most(search->heap->py);
    struct blocks blocks = { .add = ranges_add, .context = search, .left = &left };
    for (address_map_begin(&walk, &search->heap->addresses);
         address_map_next(&walk) && !search->stopped;) {
        struct range own = ranges_own(search, &walk, &blocks);
        if (search->failed)
            return false;
        search->ranges->count++;
        ranges_compare(search, &last, &own);
        if (own.to > last.to)
            last = own;
        if (walk.node % PROGRESS_EVERY == 0
            && !progress_step(progress, "comparing stretches of memory", walk.node,
                              search->heap->node_count))
            return err_set(search->err, ERR_CANCELLED, "comparing memory was cancelled");
    }
    search->ranges->count += search->count;
    return true;
}

// The second pass compares the sorted blocks with the objects, and with one another.
static void ranges_merge(struct range_search *search)
{
    struct address_map_walk walk;
    struct range object = { .of = NODE_NONE }, block = { .of = NODE_NONE };
    uint64_t left = kind_words_most(search->heap->py);
    struct blocks ignored = { .add = ranges_ignore, .left = &left };
    size_t i = 0;
    for (address_map_begin(&walk, &search->heap->addresses);
         address_map_next(&walk) && !search->stopped;) {
        struct range own = ranges_own(search, &walk, &ignored);
        for (; i < search->count && search->blocks[i].from < own.from; i++) {
            ranges_compare(search, &object, &search->blocks[i]);
            ranges_compare(search, &block, &search->blocks[i]);
            if (search->blocks[i].to > block.to)
                block = search->blocks[i];
        }
        ranges_compare(search, &block, &own);
        if (own.to > object.to)
            object = own;
    }
    for (; i < search->count; i++) {
        ranges_compare(search, &object, &search->blocks[i]);
        ranges_compare(search, &block, &search->blocks[i]);
        if (search->blocks[i].to > block.to)
            block = search->blocks[i];
    }
}

bool heap_ranges(const struct heap *heap,
                 bool (*found)(void *context, const struct overlap *overlap), void *context,
                 struct ranges *ranges, const struct progress *progress, struct err *err)
{
    *ranges = (struct ranges){ 0 };
    struct range_search search = {
        .heap = heap, .found = found, .context = context, .ranges = ranges, .err = err
    };
    bool ok = ranges_collect(&search, progress);
    if (ok) {
        if (search.count)
            qsort(search.blocks, search.count, sizeof *search.blocks, ranges_by_address);
        ranges_merge(&search);
    }
    free(search.blocks);
    return ok;
}
