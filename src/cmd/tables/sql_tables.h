// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of `sql` that are not the heap's arrays: the rows of the commands, each under the
// command's name, and some that no command has.
//
//      findings, cycles, memory, blocks, traces ...   what the command of that name answers
//      stacks                                         the rows of `threads`, one row per local
//      threads, roots, generations, interpreters, tasks
//      frames, locals                                 views of `stacks`
//
// A table is computed, whole, when a query first comes to it, and kept until sql_tables_fini().
// Does not know: SQLite. Owns: the reports. Borrows: the session.
#ifndef OURO_CMD_TABLES_SQL_TABLES_H
#define OURO_CMD_TABLES_SQL_TABLES_H

#include "cmd/session/session.h"
#include "sql/sql_source.h"

struct sql_tables {
    struct session *session;
    struct sql_table_report *items;
    size_t count;
    struct sql_rows rows; // for sql_source.rows
    struct text value;    // the text of the value handed out last
};

bool sql_tables_init(struct sql_tables *tables, struct session *session, struct err *err);
void sql_tables_fini(struct sql_tables *tables);

// A table that no command has.
struct sql_own_table {
    const char *name;
    const struct column *columns; // ended by a row without a name
    enum command_needs needs;
    bool (*run)(struct session *session, struct report *report, struct err *err);
};
extern const struct sql_own_table sql_own_tables[]; // ended by a null name

#endif
