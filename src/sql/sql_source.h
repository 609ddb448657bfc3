// SPDX-License-Identifier: GPL-3.0-or-later
// What the tables are read from.
//
// Does not know: who works out what takes a while. Borrows: all of it, while a query is open.
#ifndef OURO_SQL_SQL_SOURCE_H
#define OURO_SQL_SQL_SOURCE_H

#include "base/text.h"
#include "heap/analysis/collect.h"
#include "heap/analysis/dominate.h"
#include "heap/heap.h"

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
    const struct progress *progress;
    uint64_t memory_most; // bytes that SQLite may use
};

#endif
