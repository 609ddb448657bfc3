// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that stand below other rows, folded away until somebody unfolds them.
//
//      lines (in order, below what they belong to)      shown while all is folded
//      row 0   depth 0   +                              row 0
//      row 4   depth 1                                  row 2
//      row 2   depth 0   +
//      row 7   depth 1
//
// Does not know: what a row says. Owns: the lines. Cost: a pass over the lines to fold or unfold.
#ifndef OURO_TUI_OUTLINE_H
#define OURO_TUI_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct outline_line {
    uint32_t row, depth;
    bool open;
};

struct outline {
    struct outline_line *lines;
    size_t count, capacity;
};

enum outline_sign { OUTLINE_LEAF, OUTLINE_CLOSED, OUTLINE_OPEN };

// Appends a line: below the last one of a smaller depth.
bool outline_add(struct outline *outline, size_t row, size_t depth, struct err *err);
void outline_fini(struct outline *outline);

// The rows that can be seen, into order[], which has room for all. Returns how many.
size_t outline_rows(const struct outline *outline, uint32_t *order);
// The line of a row; SIZE_MAX: it has none.
size_t outline_find(const struct outline *outline, size_t row);
enum outline_sign outline_sign(const struct outline *outline, size_t line);
// The line above that it belongs to; the line itself: none.
size_t outline_parent(const struct outline *outline, size_t line);
// All lines below, too; those above, so that it can be seen.
void outline_open_below(struct outline *outline, size_t line);
void outline_reveal(struct outline *outline, size_t line);

#endif
