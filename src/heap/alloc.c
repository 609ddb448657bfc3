// SPDX-License-Identifier: GPL-3.0-or-later
// Objects found in the allocator: see alloc.h.
#include "heap/alloc.h"

bool alloc_find(struct heap *heap, struct alloc_blocks *blocks, struct err *err)
{
    (void)blocks, (void)err;
    heap->census = (struct allocator_census){ 0 };
    return true;
}
