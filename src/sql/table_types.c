// SPDX-License-Identifier: GPL-3.0-or-later
// The table `types`: one row per type that has objects, counted when a query reads it.
#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "sql/sql_table.h"

enum { TYPE, MODULE, COUNT, BYTES, GARBAGE };

const char sql_types_schema[] =
    "CREATE TABLE types(type TEXT, module TEXT, count INTEGER, bytes BYTES, garbage INTEGER)";

struct table_types_tally {
    uint64_t count, bytes, garbage;
};

struct types_cursor {
    struct cursor cursor;
    struct table_types_tally *tallies; // by type
    bool has_garbage;
};

static int table_types_connect(sqlite3 *db, void *sql, UNUSED int argc,
                               UNUSED const char *const *argv, sqlite3_vtab **out,
                               UNUSED char **error)
{
    return table_connect(db, sql, sql_types_schema, out);
}

static int table_types_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    const struct heap *heap = ((struct sql_table *)table)->sql->source.heap;
    info->estimatedCost = heap->node_count / 10.0 + 2;
    info->estimatedRows = heap_type_count(heap) + 1;
    return SQLITE_OK;
}

static int table_types_open_cursor(UNUSED sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    return cursor_new(sizeof(struct types_cursor), out);
}

static int table_types_close_cursor(sqlite3_vtab_cursor *cursor)
{
    free(((struct types_cursor *)cursor)->tallies);
    return cursor_close(cursor);
}

static void skip_empty(struct types_cursor *types)
{
    struct cursor *c = &types->cursor;
    while (c->at < c->end && !types->tallies[c->at].count)
        c->at++;
}

static bool table_types_count(struct types_cursor *types, const struct heap *heap)
{
    types->tallies = calloc((size_t)heap_type_count(heap) + 1, sizeof *types->tallies);
    for (node n = 0; types->tallies && n < heap->node_count; n++) {
        struct table_types_tally *tally = &types->tallies[heap_type(heap, n)];
        tally->count++;
        tally->bytes += heap_own(heap, n);
    }
    return types->tallies;
}

static int table_types_filter(sqlite3_vtab_cursor *cursor, UNUSED int plan, UNUSED const char *text,
                              UNUSED int argc, UNUSED sqlite3_value **argv)
{
    struct types_cursor *types = (struct types_cursor *)cursor;
    const struct heap *heap = cursor_sql(cursor)->source.heap;
    if (!types->tallies && !table_types_count(types, heap))
        return SQLITE_NOMEM;
    types->cursor.at = 0;
    types->cursor.end = heap_type_count(heap);
    skip_empty(types);
    return SQLITE_OK;
}

static int table_types_next(sqlite3_vtab_cursor *cursor)
{
    ((struct cursor *)cursor)->at++;
    skip_empty((struct types_cursor *)cursor);
    return SQLITE_OK;
}

static bool count_garbage(struct types_cursor *types, struct sql *sql)
{
    const struct heap *heap = sql->source.heap;
    const struct collection *garbage = sql->source.garbage(sql->source.context, &sql->err);
    for (node n = 0; garbage && n < heap->node_count; n++)
        types->tallies[heap_type(heap, n)].garbage += collect_is_unreachable(garbage, n);
    types->has_garbage = garbage;
    return garbage;
}

static int table_types_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    struct types_cursor *types = (struct types_cursor *)cursor;
    struct sql *sql = cursor_sql(cursor);
    const struct heap *heap = sql->source.heap;
    uint32_t at = (uint32_t)types->cursor.at;
    const char *name = heap_type_name(heap, at);
    if (column == GARBAGE && !types->has_garbage && !count_garbage(types, sql))
        return result_failed(to, sql);
    const struct table_types_tally *tally = &types->tallies[at];
    if (column == TYPE)
        sqlite3_result_text(to, name, (int)strlen(name), SQLITE_STATIC);
    else if (column == MODULE)
        result_module(to, sql, at);
    else
        sqlite3_result_int64(to, (sqlite3_int64)(column == COUNT   ? tally->count
                                                 : column == BYTES ? tally->bytes
                                                                   : tally->garbage));
    return SQLITE_OK;
}

const sqlite3_module sql_types = {
    .xConnect = table_types_connect,
    .xBestIndex = table_types_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = table_types_open_cursor,
    .xClose = table_types_close_cursor,
    .xFilter = table_types_filter,
    .xNext = table_types_next,
    .xEof = cursor_eof,
    .xColumn = table_types_column,
    .xRowid = cursor_row_id,
};
