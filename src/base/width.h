// SPDX-License-Identifier: GPL-3.0-or-later
// How many columns of a terminal a text takes, whatever the locale.
//
// Does not know: the terminal. The tables are Unicode's (width.def, written by tools/make-width-table).
// Owns nothing. Cost: one comparison for ASCII, a binary search otherwise.
#ifndef OURO_BASE_WIDTH_H
#define OURO_BASE_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// 0 (a combining mark), 1 or 2 columns. Of a code point that is not printable: 0.
unsigned width_code(uint32_t code);

// Whether a terminal may be given this code point: no control, no format character (the ones that
// turn the direction of writing around are among those), no separator but the space, no surrogate,
// none that Unicode has not assigned.
bool width_is_printable(uint32_t code);

// The columns of a text. A byte that is no UTF-8 counts for one.
size_t width_of(const char *bytes, size_t size);

// How many of the first bytes fit in `columns`, whole code points with their combining marks.
size_t width_fit(const char *bytes, size_t size, size_t columns);

#endif
