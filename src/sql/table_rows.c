// SPDX-License-Identifier: GPL-3.0-or-later
// Tables whose rows the source computes, all at once, when a query first reads them.
#include "base/unused.h"
#include "sql/sql_table.h"

struct rows_table { // extends sqlite3_vtab
    struct sql_table table;
    size_t number;
};

struct rows_cursor {
    struct cursor cursor; // the current row
};

static size_t rows_number(const sqlite3_vtab_cursor *cursor)
{
    return ((const struct rows_table *)cursor->pVtab)->number;
}

static int rows_connect(sqlite3 *db, void *context, UNUSED int argc, UNUSED const char *const *argv,
                        sqlite3_vtab **out, UNUSED char **error)
{
    const struct sql_rows_context *rows = context;
    const struct sql_rows *source = rows->sql->source.rows;
    const char *name, *schema;
    if (!source->table(source->context, rows->number, &name, &schema))
        return SQLITE_ERROR;
    rows->sql->connects = true;
    int status = sqlite3_declare_vtab(db, schema);
    rows->sql->connects = false;
    struct rows_table *table = status == SQLITE_OK ? sqlite3_malloc(sizeof *table) : NULL;
    if (!table)
        return status == SQLITE_OK ? SQLITE_NOMEM : status;
    *table = (struct rows_table){ .table.sql = rows->sql, .number = rows->number };
    *out = &table->table.base;
    return SQLITE_OK;
}

// The number of rows is unknown until they are computed.
static int rows_best_index(UNUSED sqlite3_vtab *table, sqlite3_index_info *info)
{
    info->estimatedCost = 1000000;
    info->estimatedRows = 1000;
    return SQLITE_OK;
}

static int rows_open_cursor(UNUSED sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    return cursor_new(sizeof(struct rows_cursor), out);
}

static int rows_filter(sqlite3_vtab_cursor *cursor, UNUSED int plan, UNUSED const char *text,
                       UNUSED int argc, UNUSED sqlite3_value **argv)
{
    struct sql *sql = cursor_sql(cursor);
    const struct sql_rows *source = sql->source.rows;
    struct cursor *rows = (struct cursor *)cursor;
    rows->at = rows->end = 0;
    return source->open(source->context, rows_number(cursor), &rows->end, &sql->err) ? SQLITE_OK
                                                                                     : SQLITE_ERROR;
}

static int rows_next(sqlite3_vtab_cursor *cursor)
{
    ((struct cursor *)cursor)->at++;
    return SQLITE_OK;
}

static int rows_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    const struct sql_rows *source = cursor_sql(cursor)->source.rows;
    struct sql_value value = source->value(source->context, rows_number(cursor),
                                           ((struct cursor *)cursor)->at, (size_t)column);
    if (value.kind == SQL_INTEGER)
        sqlite3_result_int64(to, value.integer);
    else if (value.kind == SQL_REAL)
        sqlite3_result_double(to, value.real);
    else if (value.kind == SQL_TEXT)
        sqlite3_result_text(to, value.text, (int)value.size, SQLITE_TRANSIENT);
    return SQLITE_OK;
}

const sqlite3_module sql_rows = {
    .xConnect = rows_connect,
    .xBestIndex = rows_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = rows_open_cursor,
    .xClose = cursor_close,
    .xFilter = rows_filter,
    .xNext = rows_next,
    .xEof = cursor_eof,
    .xColumn = rows_column,
    .xRowid = cursor_row_id,
};
