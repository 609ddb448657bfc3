// SPDX-License-Identifier: GPL-3.0-or-later
// Huge pages for large arrays: a graph is accessed at random, and with small pages every second access
// waits for the page tables as well.
//
// Does not know: what is in the array. Owns: nothing; the array is malloc's before and after.
// Cost: one system call per array of 4 MiB or more; it is a hint, and failing is fine. Only for
// arrays that do not grow (remapping works on one kind of pages at a time) and are used densely.
#ifndef OURO_GRAPH_BIG_H
#define OURO_GRAPH_BIG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/unused.h"

#define BIG_PAGE ((uintptr_t)2 << 20)

// Returns the array, which may be null. Before its first use, or nothing is gained.
static inline void *big_hint(void *array, UNUSED size_t bytes)
{
#ifdef MADV_HUGEPAGE
    uintptr_t first = ((uintptr_t)array + BIG_PAGE - 1) & ~(BIG_PAGE - 1);
    uintptr_t end = ((uintptr_t)array + bytes) & ~(BIG_PAGE - 1);
    if (array && bytes >= 2 * BIG_PAGE && end > first)
        (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
#endif
    return array;
}

#endif
