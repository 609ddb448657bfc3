// SPDX-License-Identifier: GPL-3.0-or-later
// Room in an array that grows: see vec.h.
#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { FIRST = 8, DOUBLE_UNTIL = 1 << 20 };

static size_t capacity_for(size_t capacity, size_t need)
{
    size_t grown = capacity < DOUBLE_UNTIL ? capacity * 2 : capacity + capacity / 2;
    if (grown < capacity) // wrapped around
        grown = need;
    if (grown < FIRST)
        grown = FIRST;
    return grown < need ? need : grown;
}

bool vec_grow(void *items_pp, size_t *capacity, size_t need, size_t item_size, struct err *err)
{
    if (need <= *capacity)
        return true;
    size_t grown = capacity_for(*capacity, need);
    if (item_size && grown > PTRDIFF_MAX / item_size)
        grown = need;
    if (item_size && grown > PTRDIFF_MAX / item_size)
        return err_memory(err, "an array");

    // The pointer is copied in and out as bytes: items_pp may be the address of any kind of pointer.
    void *items;
    memcpy(&items, items_pp, sizeof items);
    items = realloc(items, grown * item_size);
    if (!items)
        return err_memory(err, "an array");
    memcpy(items_pp, &items, sizeof items);
    *capacity = grown;
    return true;
}
