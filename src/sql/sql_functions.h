// SPDX-License-Identifier: GPL-3.0-or-later
// Functions for queries: value(object), attr(object, name), item(object, key), len(object),
// path(object), obj(name), and REGEXP.
//
// An object is an address as everywhere in sql. Does not know: tables. Owns: nothing.
#ifndef OURO_SQL_SQL_FUNCTIONS_H
#define OURO_SQL_SQL_FUNCTIONS_H

#include "sql/sql_table.h"

int sql_functions_add(struct sql *sql); // a status of SQLite's

#endif
