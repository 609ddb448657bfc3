// SPDX-License-Identifier: GPL-3.0-or-later
// A session as the source of SQL's tables: the heap's arrays, and what is computed when a query
// first needs it.
//
// Does not know: the query. Owns: the rows of the commands (sql_tables.h), until closed. Borrows: the
// session. Must stay where it is while open.
#ifndef OURO_CMD_TABLES_SQL_SESSION_H
#define OURO_CMD_TABLES_SQL_SESSION_H

#include "cmd/tables/sql_tables.h"

struct sql_session {
    struct sql_tables tables;
    struct sql_source source; // for sql_open()
};

// The first path from a root to the object, as its steps' names one after the other; "": none. The
// context is the session.
bool sql_session_path(void *context, node n, struct text *out, struct err *err);

bool sql_session_open(struct sql_session *sql, struct session *session, struct err *err);
void sql_session_close(struct sql_session *sql);

#endif
