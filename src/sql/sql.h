// SPDX-License-Identifier: GPL-3.0-or-later
// The heap as SQLite's virtual tables, for questions that no command asks.
//
//      objects(object, type, module, gen, refcount, bytes, tracked, finalized, immortal, evidence,
//              interpreter, garbage, referents; on demand: referrers, retained, dominator, preview)
//      refs(source, target, visited, borrowed; on demand: edge, slot)
//      types(type, module, count, bytes, garbage)
//      list_items(list, idx, item)  dict_items(dict, key, value)  attributes(object, name, value)
//
// and those that the source works out (sql_source.h: the commands' rows).
//
// Nothing is copied into the database: a row is read from the heap's arrays when SQLite comes to
// it, a column when the query names it. `object = X` is a look-up, `source = X` and `target = X`
// walk the references of one object in either direction. Only SELECT is allowed.
//
// Does not know: sessions, reports. What takes a while to work out is asked of the source.
// Owns: the database, until sql_close(). Borrows: the source, and all it points to.
#ifndef OURO_SQL_SQL_H
#define OURO_SQL_SQL_H

#include "sql/sql_source.h"

// SQL_NAME: of a type, a reference ...: made harmless when it was made.
enum sql_meaning { SQL_PLAIN, SQL_ADDRESS, SQL_BYTES, SQL_BOOL, SQL_NAME };

struct sql;

// One query, ready to be stepped through. Fails with SQLite's own words where it cannot be read.
bool sql_open(struct sql **sql, const struct sql_source *source, const char *query,
              struct err *err);
void sql_close(struct sql *sql); // null is fine

size_t sql_column_count(const struct sql *sql);
const char *sql_column_name(const struct sql *sql, size_t i);
enum sql_meaning sql_column_meaning(const struct sql *sql, size_t i); // of a column taken as it is

// The next row; *row false: there is none.
bool sql_step(struct sql *sql, bool *row, struct err *err);
struct sql_value sql_value(const struct sql *sql, size_t i);

#endif
