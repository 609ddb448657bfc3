// SPDX-License-Identifier: GPL-3.0-or-later
// Counting alike things: see buckets.h.
#include "finding/buckets.h"

#include <stdlib.h>

#include "base/vec.h"

bool buckets_add(struct buckets *groups, uint64_t key, node n, uint64_t bytes, struct bucket **out,
                 struct err *err)
{
    uint32_t index = map_get(&groups->index, key);
    if (index == MAP_NONE) {
        index = (uint32_t)groups->count;
        if (!vec_grow(&groups->items, &groups->capacity, groups->count + 1, sizeof *groups->items,
                      err)
            || !map_put(&groups->index, key, index, err))
            return false;
        groups->items[groups->count++] =
            (struct bucket){ .key = key, .largest = NODE_NONE, .other = NODE_NONE };
    }
    struct bucket *group = &groups->items[index];
    group->count++;
    group->bytes += bytes;
    if (group->largest == NODE_NONE || bytes > group->largest_bytes) {
        group->largest = n;
        group->largest_bytes = bytes;
    }
    if (out)
        *out = group;
    return true;
}

static int buckets_by_bytes(const void *a, const void *b)
{
    const struct bucket *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->key > y->key) - (x->key < y->key);
}

void buckets_sort(struct buckets *groups)
{
    if (groups->count)
        qsort(groups->items, groups->count, sizeof *groups->items, buckets_by_bytes);
}

void buckets_free(struct buckets *groups)
{
    free(groups->items);
    map_fini(&groups->index);
    *groups = (struct buckets){ 0 };
}
