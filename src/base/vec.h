// SPDX-License-Identifier: GPL-3.0-or-later
// Room in an array that grows.
//
// Does not know: the items. The array is three fields of its owner:
//
//     struct row *rows;  size_t row_count, row_capacity;
//
//     if (!vec_grow(&list->rows, &list->row_capacity, list->row_count + 1, sizeof *list->rows, err))
//         return false;
//     list->rows[list->row_count++] = row;
//
// Owns: nothing; free() what it gave. Cost: constant per item on the average; the capacity doubles
// while it is small and grows by half above a million items.
#ifndef OURO_BASE_VEC_H
#define OURO_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

struct err;

// Makes room for `need` items. items_pp is the address of the array's pointer, which may move. Its
// items stay as they are; the room after them is not cleared. When it fails, nothing has changed.
bool vec_grow(void *items_pp, size_t *capacity, size_t need, size_t item_size, struct err *err);

#endif
