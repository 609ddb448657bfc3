// SPDX-License-Identifier: GPL-3.0-or-later
// Saved queries for `sql`: files NAME.sql of the user's ($XDG_CONFIG_HOME/ouro/queries) and ouro's
// own, in this order. A first line `-- ...` says what the query answers.
//
// Does not know: SQL. Owns, borrows: nothing. A name is letters, digits, - and _.
#ifndef OURO_CMD_SESSION_QUERIES_H
#define OURO_CMD_SESSION_QUERIES_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

bool queries_is_name(const char *word);

// Whether there is a query of that name; what is none in name is none in fact.
bool queries_has(const char *data, const char *name);

// Appends the query of that name. data: the folder of ouro's own data; null: there is none.
bool queries_read(const char *data, const char *name, struct text *query, struct err *err);

// Appends a SELECT whose rows are the saved queries' names, what they answer, and whose they are.
bool queries_list(const char *data, struct text *query, struct err *err);

// Appends what a file holds, at most QUERY_MAX bytes.
#define QUERY_MAX ((size_t)1 << 20)
bool queries_read_file(const char *path, struct text *query, struct err *err);

#endif
