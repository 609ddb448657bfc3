// SPDX-License-Identifier: GPL-3.0-or-later
// The heap's objects and references copied into a database file of SQLite's, for other programs.
//
//      objects(object, type, gen, refcount, bytes, tracked, collectable, evidence)
//      refs(source, target, visited[, borrowed, edge, slot])
//      types(type, count, bytes)
//
// Columns are called as in `sql`, and addresses are numbers as there. gen is a number, "permanent",
// or null. The file is written without a journal: the caller names a file that does not exist yet,
// and removes it when this fails.
//
// Does not know: where the file is to go in the end. Borrows: all of heap_file_source.
// Cost: about 3 us per object with its references.
#ifndef OURO_SQL_HEAP_FILE_H
#define OURO_SQL_HEAP_FILE_H

#include "base/progress.h"
#include "heap/analysis/collect.h"
#include "heap/heap.h"
#include "sql/sql_source.h"

struct heap_file_source {
    const struct heap *heap;
    const struct collection *garbage;
    const struct progress *progress;
    bool all;   // also the references that are held without being visited
    bool edges; // with the references' names and where they lie
    bool (*has)(const void *context, node n); // which objects
    const void *context;
};

// `tables`: names of tables of `from` (sql.h) that are copied, too, as their rows are when they are
// asked for, separated by commas; null: none.
// *objects and *refs: how many rows were written. Cancelled: ERR_CANCELLED.
bool heap_file_write(const char *path, const struct heap_file_source *source,
                     const struct sql_source *from, const char *tables, uint64_t *objects,
                     uint64_t *refs, struct err *err);

#endif
