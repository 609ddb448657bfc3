// SPDX-License-Identifier: GPL-3.0-or-later
// Files that exist in memory alone, for what SQLite would sort at once otherwise.
//
// With its temporary data "in memory" SQLite collects all rows and sorts them in one go, during which it asks nobody
// whether to go on: a second for ten million rows. With files it sorts a few MiB at a time and merges row by row. These
// files have no name, and no disk behind them.
//
// Does not know: queries. Owns: its vfs, from sql_spill_open() to sql_spill_close(); SQLite closes the files.
// Cost: the rows' bytes once more, in memory.
#ifndef OURO_SQL_SQL_SPILL_H
#define OURO_SQL_SQL_SPILL_H

#include <sqlite3.h>
#include <stdint.h>

struct sql_spill {
    sqlite3_vfs vfs;
    char name[40];
    uint64_t bytes; // in all files
    int registered;
};

// An SQLite result. The name of the vfs is spill->name.
int sql_spill_open(struct sql_spill *spill);
void sql_spill_close(struct sql_spill *spill); // accepts a zeroed one

#endif
