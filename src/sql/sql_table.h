// SPDX-License-Identifier: GPL-3.0-or-later
// What the virtual tables share: the database they are in, a cursor's beginning, finding an object
// by a value.
//
// Does not know: which columns there are. Owns: nothing.
#ifndef OURO_SQL_SQL_TABLE_H
#define OURO_SQL_SQL_TABLE_H

#include <sqlite3.h>

#include "sql/sql_source.h"
#include "sql/sql_spill.h"

struct sql {
    sqlite3 *db;
    struct sql_spill spill;
    sqlite3_stmt *query;
    struct sql_source source;
    uint32_t *modules; // by type: how many bytes of its name are the module, + 1; 0: not looked at
    struct sql_rows_context *rows; // one a table of source.rows, SQL_ROWS_MOST at most
    bool compares;                 // texts of previews are grouped by: none may be cut
    bool connects;                 // SQLite is being told what a table looks like
    struct err err;                // why the query was stopped, where it was not SQLite's doing
};

#define SQL_SUBTYPE_ADDRESS 65u // of a function's result that is an object
#ifdef SQLITE_RESULT_SUBTYPE    // from 3.45 on; before, every function may have them
#define SQL_RESULT_SUBTYPE SQLITE_RESULT_SUBTYPE
#else
#define SQL_RESULT_SUBTYPE 0
#endif

struct sql_table { // a sqlite3_vtab
    sqlite3_vtab base;
    struct sql *sql;
};

struct cursor { // a sqlite3_vtab_cursor; each table's own begins with it
    sqlite3_vtab_cursor base;
    uint64_t at, end; // a node, an edge, or a type
};

extern const sqlite3_module sql_objects, sql_refs, sql_types, sql_list_items, sql_dict_items,
    sql_attributes, sql_rows;

// The object's preview, of at most `width` columns. Where previews are compared (GROUP BY, DISTINCT)
// texts and numbers are whole, and what is not shown whole is followed by its address, which makes it
// equal to nothing.
void sql_preview(const struct sql *sql, node n, size_t width, struct text *out);

// As CREATE TABLE.
extern const char sql_objects_schema[], sql_refs_schema[], sql_types_schema[],
    sql_list_items_schema[], sql_dict_items_schema[], sql_attributes_schema[];

// A table of sql_rows: its module's context.
struct sql_rows_context {
    struct sql *sql;
    size_t number; // of source.rows
};

static inline struct sql *cursor_sql(sqlite3_vtab_cursor *cursor)
{
    return ((struct sql_table *)cursor->pVtab)->sql;
}

// Opens a table with these columns, and a cursor of this size.
int table_connect(sqlite3 *db, void *sql, const char *declaration, sqlite3_vtab **out);
int table_disconnect(sqlite3_vtab *table);
int cursor_new(size_t size, sqlite3_vtab_cursor **out);
int cursor_close(sqlite3_vtab_cursor *cursor);
int cursor_eof(sqlite3_vtab_cursor *cursor);
int cursor_row_id(sqlite3_vtab_cursor *cursor, sqlite3_int64 *id);

// The usable `column = value` of a query, or -1; and making it the first argument of xFilter.
int find_equal(const sqlite3_index_info *info, int column);
void take_equal(sqlite3_index_info *info, int constraint);

// The object that a value names: an address as a number, or as text; NODE_NONE.
node value_node(const struct heap *heap, sqlite3_value *value);
void result_address(sqlite3_context *to, const struct heap *heap, node n);

// The module of a type: "builtins" for those without. Looked up once a type.
void result_module(sqlite3_context *to, struct sql *sql, uint32_t type);

// Makes the references backwards where they are missing. SQLITE_ERROR: sql->err says why.
int need_reverse(struct sql *sql);
// The answer of a column that could not be worked out.
int result_failed(sqlite3_context *to, const struct sql *sql);

#endif
