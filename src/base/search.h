// SPDX-License-Identifier: GPL-3.0-or-later
// The first row of a sorted array that is not below a key.
//
//      rows in ascending order of one number that lies `at` bytes into each row of `stride` bytes
//
// Does not know: what is in a row. Owns, borrows: nothing. Cost: a binary search.
#ifndef OURO_BASE_SEARCH_H
#define OURO_BASE_SEARCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The numbers are `width` bytes: 4 or 8.
static inline size_t search_rows(const void *rows, size_t count, size_t stride, size_t at,
                                 size_t width, uint64_t key)
{
    const uint8_t *first = rows;
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t number = 0;
        memcpy(&number, first + middle * stride + at, width); // little-endian, as all hosts are
        if (number < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Rows before the one returned are below the key; `count`: all are.
static inline size_t search_u64(const void *rows, size_t count, size_t stride, size_t at,
                                uint64_t key)
{
    return search_rows(rows, count, stride, at, sizeof(uint64_t), key);
}

static inline size_t search_u32(const void *rows, size_t count, size_t stride, size_t at,
                                uint32_t key)
{
    return search_rows(rows, count, stride, at, sizeof(uint32_t), key);
}

#endif
