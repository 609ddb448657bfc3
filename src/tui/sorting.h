// SPDX-License-Identifier: GPL-3.0-or-later
// Sorting millions of a table's rows: stable, and until somebody says stop.
//
// A row's place is mostly told by eight bytes that stand beside its number: the beginning of its text, or its
// number. Cells are looked at again only where these are equal.
//
// Does not know: which rows are shown, nor what for. Owns: nothing after it returns. Cost: 32 bytes a row while it
// runs, and the texts of previews, worked out once.
#ifndef OURO_TUI_SORTING_H
#define OURO_TUI_SORTING_H

#include "tui/table.h"

// Sets the error that a cancelled order is, and returns false.
bool sorting_cancelled(struct err *err);

// Sorts `rows`, which are numbers of the report's. Cells without a value come last in both directions. False: the
// rows are as they were.
bool sorting_run(const struct table *table, int column, bool descending, uint32_t *rows,
                 size_t count, const struct progress *progress, struct err *err);

#endif
