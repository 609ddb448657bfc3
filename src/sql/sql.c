// SPDX-License-Identifier: GPL-3.0-or-later
// A database without data of its own, and one query on it: see sql.h.
#include "sql/sql.h"

#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "sql/sql_functions.h"
#include "sql/sql_table.h"

#define STEPS_BETWEEN 20000 // SQLite's instructions between two progress steps
#define SORTED_KIB "8192"   // sorted at a time, within some hundredths of a second
#define LONGEST (64 << 20)  // bytes of a text made by a query

// Allows only what a SELECT does.
static int authorize(void *context, int action, UNUSED const char *a, const char *b,
                     UNUSED const char *c, UNUSED const char *d)
{
    if (((struct sql *)context)->connects)
        return SQLITE_OK;
    if (action == SQLITE_FUNCTION)
        return b && !strcmp(b, "load_extension") ? SQLITE_DENY : SQLITE_OK;
    return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE
               ? SQLITE_OK
               : SQLITE_DENY;
}

// Not 0: stop the query.
static int sql_interrupt(void *context)
{
    struct sql *sql = context;
    uint64_t most = sql->source.memory_most;
    if (!progress_step(sql->source.progress, "running the query", 0, 0))
        err_set(&sql->err, ERR_CANCELLED, "the query was cancelled");
    else if (most && (uint64_t)sqlite3_memory_used() + sql->spill.bytes > most)
        err_set(&sql->err, ERR_MEMORY,
                "sql: the query needs more than %llu MiB; ask for fewer rows, or do not sort them",
                (unsigned long long)(most >> 20));
    return sql->err.kind != ERR_NONE;
}

// Makes "0x..." of a number.
static void address(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    char *text = sqlite3_mprintf("0x%llx", (unsigned long long)sqlite3_value_int64(argv[0]));
    sqlite3_result_text(to, text, -1, sqlite3_free);
}

static void lock_up(struct sql *sql)
{
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_limit(sql->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(sql->db, SQLITE_LIMIT_LENGTH, LONGEST);
    sqlite3_limit(sql->db, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_set_authorizer(sql->db, authorize, sql);
    sqlite3_progress_handler(sql->db, STEPS_BETWEEN, sql_interrupt, sql);
}

static const struct {
    const char *name, *schema;
    const sqlite3_module *module;
} sql_tables[] = {
    { "objects", sql_objects_schema, &sql_objects },
    { "refs", sql_refs_schema, &sql_refs },
    { "types", sql_types_schema, &sql_types },
    { "list_items", sql_list_items_schema, &sql_list_items },
    { "dict_items", sql_dict_items_schema, &sql_dict_items },
    { "attributes", sql_attributes_schema, &sql_attributes },
};
#define SQL_TABLES (sizeof sql_tables / sizeof *sql_tables)
#define SQL_ROWS_MOST 64 // tables of the source

static int open_views(struct sql *sql)
{
    int status = SQLITE_OK;
    for (const struct sql_view *view = sql->source.rows->views;
         status == SQLITE_OK && view && view->name; view++) {
        char *text = sqlite3_mprintf("CREATE TEMP VIEW %s AS %s", view->name, view->query);
        status = text ? sqlite3_exec(sql->db, text, NULL, NULL, NULL) : SQLITE_NOMEM;
        sqlite3_free(text);
    }
    return status;
}

static int open_row_tables(struct sql *sql)
{
    const struct sql_rows *rows = sql->source.rows;
    const char *name, *schema;
    int status = SQLITE_OK;
    sql->rows = calloc(SQL_ROWS_MOST, sizeof *sql->rows);
    if (!sql->rows)
        return SQLITE_NOMEM;
    for (size_t i = 0;
         status == SQLITE_OK && i < SQL_ROWS_MOST && rows->table(rows->context, i, &name, &schema);
         i++) {
        sql->rows[i] = (struct sql_rows_context){ sql, i };
        status = sqlite3_create_module(sql->db, name, &sql_rows, &sql->rows[i]);
    }
    return status == SQLITE_OK ? open_views(sql) : status;
}

static bool open_tables(struct sql *sql, struct err *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
    int status = sql_spill_open(&sql->spill);
    if (status == SQLITE_OK)
        status = sqlite3_open_v2(":memory:", &sql->db, flags, sql->spill.name);
    if (status == SQLITE_OK) // its files are ours: sorting rows leaves nothing on a disk
        status = sqlite3_exec(sql->db, "PRAGMA temp_store=FILE; PRAGMA cache_size=-" SORTED_KIB,
                              NULL, NULL, NULL);
    for (size_t i = 0; status == SQLITE_OK && i < SQL_TABLES; i++)
        status = sqlite3_create_module(sql->db, sql_tables[i].name, sql_tables[i].module, sql);
    if (status == SQLITE_OK && sql->source.rows)
        status = open_row_tables(sql);
    if (status == SQLITE_OK)
        status = sqlite3_create_function(sql->db, "address", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                         NULL, address, NULL, NULL);
    if (status == SQLITE_OK)
        status = sql_functions_add(sql);
    return status == SQLITE_OK || err_set(err, ERR_MEMORY, "sql: %s", sqlite3_errstr(status));
}

// Reports SQLite's message, unless we stopped it ourselves.
static bool sql_fail(struct sql *sql, enum err_kind kind, struct err *err)
{
    if (sql->err.kind != ERR_NONE) {
        if (err)
            *err = sql->err;
        return false;
    }
    int status = sqlite3_errcode(sql->db);
    if (status == SQLITE_AUTH)
        return err_set(err, kind, "sql: only SELECT: a heap does not change");
    return err_set(err, status == SQLITE_NOMEM ? ERR_MEMORY : kind, "sql: %s",
                   sqlite3_errmsg(sql->db));
}

static bool sql_prepare(struct sql *sql, const char *query, struct err *err)
{
    const char *rest = NULL;
    if (sqlite3_prepare_v2(sql->db, query, -1, &sql->query, &rest) != SQLITE_OK)
        return sql_fail(sql, ERR_USAGE, err);
    if (!sql->query)
        return err_set(err, ERR_USAGE, "sql: no query; try sql \"SELECT * FROM types\"");
    if (rest[strspn(rest, " \t\r\n;")])
        return err_set(err, ERR_USAGE, "sql: one query at a time, not also: %.40s", rest);
    return true;
}

static char *sql_add_schema(char *query, const char *name, const char *schema)
{
    return query ? sqlite3_mprintf("%z%s(%Q,%Q)", query, query[strlen(query) - 1] == ')' ? "," : "",
                                   name, schema)
                 : NULL;
}

// A query for all tables with their columns.
static char *sql_schemas(const struct sql_source *source)
{
    char *query = sqlite3_mprintf("WITH t(name, schema) AS (VALUES ");
    for (size_t i = 0; i < SQL_TABLES; i++)
        query = sql_add_schema(query, sql_tables[i].name, sql_tables[i].schema);
    const struct sql_rows *rows = source->rows;
    const char *name, *schema;
    for (size_t i = 0; rows && i < SQL_ROWS_MOST && rows->table(rows->context, i, &name, &schema);
         i++)
        query = sql_add_schema(query, name, schema);
    for (const struct sql_view *view = rows ? rows->views : NULL; view && view->name; view++) {
        char *view_schema = sqlite3_mprintf("CREATE VIEW %s AS %s", view->name, view->query);
        query = sql_add_schema(query, view->name, view_schema ? view_schema : "");
        sqlite3_free(view_schema);
    }
    return query;
}

// A query for `.tables` and `.schema` of SQLite's own shell.
static char *sql_schema(const struct sql_source *source, const char *query)
{
    size_t blank = strspn(query, " \t\r\n");
    query += blank;
    size_t size = strcspn(query, " \t\r\n;");
    bool schema = size == 7 && !strncmp(query, ".schema", size);
    if (!schema && !(size == 7 && !strncmp(query, ".tables", size)))
        return sqlite3_mprintf("%s", query - blank);
    char *schemas = sql_schemas(source);
    return schemas ? sqlite3_mprintf("%z) SELECT name%s FROM t", schemas, schema ? ", schema" : "")
                   : NULL;
}

// Whether it groups, or drops duplicates: texts that differ only beyond the cut would be taken for
// equal.
static bool sql_groups(const char *query)
{
    static const char *const words[] = { "group", "distinct", "union", "except", "intersect" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(query, words[i]))
            return true;
    return false;
}

bool sql_open(struct sql **out, const struct sql_source *source, const char *query, struct err *err)
{
    struct sql *sql = calloc(1, sizeof *sql);
    if (!sql)
        return err_memory(err, "a query");
    sql->source = *source;
    sql->compares = sql_groups(query);
    bool ok = open_tables(sql, err);
    if (ok) {
        lock_up(sql);
        char *text = sql_schema(source, query);
        ok = text ? sql_prepare(sql, text, err) : err_memory(err, "a query");
        sqlite3_free(text);
    }
    if (!ok) {
        sql_close(sql);
        return false;
    }
    *out = sql;
    return true;
}

void sql_close(struct sql *sql)
{
    if (!sql)
        return;
    sqlite3_finalize(sql->query);
    sqlite3_close(sql->db);
    sql_spill_close(&sql->spill);
    free(sql->modules);
    free(sql->rows);
    free(sql);
}

size_t sql_column_count(const struct sql *sql)
{
    return (size_t)sqlite3_column_count(sql->query);
}

const char *sql_column_name(const struct sql *sql, size_t i)
{
    const char *name = sqlite3_column_name(sql->query, (int)i);
    return name ? name : "?";
}

enum sql_meaning sql_column_meaning(const struct sql *sql, size_t i)
{
    const char *type = sqlite3_column_decltype(sql->query, (int)i);
    if (!type) // a function's type is known only with a row
        return sqlite3_value_subtype(sqlite3_column_value(sql->query, (int)i))
                       == SQL_SUBTYPE_ADDRESS
                   ? SQL_ADDRESS
                   : SQL_PLAIN;
    return !strcmp(type, "ADDRESS")   ? SQL_ADDRESS
           : !strcmp(type, "BYTES")   ? SQL_BYTES
           : !strcmp(type, "BOOLEAN") ? SQL_BOOL
           : !strcmp(type, "TEXT")    ? SQL_NAME
                                      : SQL_PLAIN;
}

bool sql_step(struct sql *sql, bool *row, struct err *err)
{
    int status = sqlite3_step(sql->query);
    *row = status == SQLITE_ROW;
    return status == SQLITE_ROW || status == SQLITE_DONE || sql_fail(sql, ERR_UNSUPPORTED, err);
}

struct sql_value sql_value(const struct sql *sql, size_t i)
{
    int at = (int)i;
    switch (sqlite3_column_type(sql->query, at)) {
    case SQLITE_INTEGER:
        return (struct sql_value){ .kind = SQL_INTEGER,
                                   .integer = sqlite3_column_int64(sql->query, at) };
    case SQLITE_FLOAT:
        return (struct sql_value){ .kind = SQL_REAL,
                                   .real = sqlite3_column_double(sql->query, at) };
    case SQLITE_TEXT:
        return (struct sql_value){ .kind = SQL_TEXT,
                                   .text = (const char *)sqlite3_column_text(sql->query, at),
                                   .size = (size_t)sqlite3_column_bytes(sql->query, at) };
    case SQLITE_BLOB:
        return (struct sql_value){ .kind = SQL_BLOB,
                                   .text = sqlite3_column_blob(sql->query, at),
                                   .size = (size_t)sqlite3_column_bytes(sql->query, at) };
    default:
        return (struct sql_value){ .kind = SQL_NULL };
    }
}
