// SPDX-License-Identifier: GPL-3.0-or-later
// What the tables are read from.
//
// Does not know: how slow answers are computed. Owns: nothing. Borrows: all of it, while a query is open.
#ifndef OURO_SQL_SQL_SOURCE_H
#define OURO_SQL_SQL_SOURCE_H

#include "base/text.h"
#include "heap/analysis/collect.h"
#include "heap/analysis/dominate.h"
#include "heap/heap.h"

enum sql_kind { SQL_NULL, SQL_INTEGER, SQL_REAL, SQL_TEXT, SQL_BLOB };

struct sql_value {
    enum sql_kind kind;
    int64_t integer;
    double real;
    const char *text; // also of a blob; until the next value or step
    size_t size;
};

// Tables whose rows others work out when a query comes to them, and views over them.
struct sql_rows {
    // Table i: its name, and its columns as CREATE TABLE has them. False: there are no more.
    bool (*table)(void *context, size_t i, const char **name, const char **schema);
    // Its rows: *count of them, kept by the source until the query ends.
    bool (*open)(void *context, size_t i, uint64_t *count, struct err *err);
    struct sql_value (*value)(void *context, size_t i, uint64_t row, size_t column);
    void *context;
    const struct sql_view {
        const char *name, *query;
    } * views; // ended by a null name
};

struct sql_source {
    const struct heap *heap;
    void *context;
    // Worked out when a query first needs them. Null, or false: they cannot be had.
    const struct collection *(*garbage)(void *context, struct err *err);
    const struct dominate *(*dominate)(void *context, struct err *err);
    bool (*reverse)(void *context, struct err *err);
    // The object that a word names, and what keeps one alive, in a line; empty: nothing is known to.
    bool (*object)(void *context, const char *word, node *out, struct err *err);
    bool (*path)(void *context, node n, struct text *out, struct err *err);
    // "file:line" that allocated it, by tracemalloc; empty: it has no trace.
    bool (*line)(void *context, node n, struct text *out, struct err *err);
    // Bytes that go when all of these objects go, each once. marks: a bit per node.
    bool (*retained)(void *context, const uint64_t *marks, uint64_t *bytes, struct err *err);
    const struct sql_rows *rows; // null: none
    const struct progress *progress;
    uint64_t memory_most; // bytes that SQLite may use
};

#endif
