// SPDX-License-Identifier: GPL-3.0-or-later
// What the virtual tables share: see sql_table.h.
#include "sql/sql_table.h"

#include <stdlib.h>
#include <string.h>

#include "heap/names/edge.h"
#include "py/kinds/trait.h"
#include "py/load.h"
#include "py/objects/type.h"

int table_connect(sqlite3 *db, void *sql, const char *declaration, sqlite3_vtab **out)
{
    ((struct sql *)sql)->connects = true;
    int status = sqlite3_declare_vtab(db, declaration);
    ((struct sql *)sql)->connects = false;
    struct sql_table *table = status == SQLITE_OK ? sqlite3_malloc(sizeof *table) : NULL;
    if (!table)
        return status == SQLITE_OK ? SQLITE_NOMEM : status;
    *table = (struct sql_table){ .sql = sql };
    *out = &table->base;
    return SQLITE_OK;
}

int table_disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

int cursor_new(size_t size, sqlite3_vtab_cursor **out)
{
    *out = calloc(1, size);
    return *out ? SQLITE_OK : SQLITE_NOMEM;
}

int cursor_close(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}

int cursor_eof(sqlite3_vtab_cursor *cursor)
{
    return ((struct cursor *)cursor)->at >= ((struct cursor *)cursor)->end;
}

int cursor_row_id(sqlite3_vtab_cursor *cursor, sqlite3_int64 *id)
{
    *id = (sqlite3_int64)((struct cursor *)cursor)->at;
    return SQLITE_OK;
}

int find_equal(const sqlite3_index_info *info, int column)
{
    for (int i = 0; i < info->nConstraint; i++)
        if (info->aConstraint[i].usable && info->aConstraint[i].iColumn == column
            && info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ)
            return i;
    return -1;
}

void take_equal(sqlite3_index_info *info, int constraint)
{
    info->aConstraintUsage[constraint].argvIndex = 1;
    info->aConstraintUsage[constraint].omit = 1;
}

node value_node(const struct heap *heap, sqlite3_value *value)
{
    if (sqlite3_value_type(value) == SQLITE_INTEGER)
        return heap_node_of(heap, (addr)sqlite3_value_int64(value));
    if (sqlite3_value_type(value) != SQLITE_TEXT)
        return NODE_NONE;
    const char *text = (const char *)sqlite3_value_text(value);
    char *end = NULL;
    addr at = text ? strtoull(text, &end, 0) : 0;
    return text && *text && !*end ? heap_node_of(heap, at) : NODE_NONE;
}

void result_address(sqlite3_context *to, const struct heap *heap, node n)
{
    sqlite3_result_int64(to, (sqlite3_int64)heap_addr(heap, n));
}

void result_module(sqlite3_context *to, struct sql *sql, uint32_t type)
{
    const struct heap *heap = sql->source.heap;
    if (!sql->modules)
        sql->modules = calloc((size_t)heap_type_count(heap) + 1, sizeof *sql->modules);
    if (!sql->modules) {
        sqlite3_result_error_nomem(to);
        return;
    }
    if (!sql->modules[type])
        sql->modules[type] = (uint32_t)heap_type_module(heap, type) + 1;
    uint32_t size = sql->modules[type] - 1;
    const char *name = size ? heap_type_name(heap, type) : "builtins";
    sqlite3_result_text(to, name, size ? (int)size : -1, SQLITE_STATIC);
}

int need_reverse(struct sql *sql)
{
    bool there = sql->source.reverse && sql->source.reverse(sql->source.context, &sql->err);
    return there ? SQLITE_OK : SQLITE_ERROR;
}

int result_failed(sqlite3_context *to, const struct sql *sql)
{
    sqlite3_result_error(to, sql->err.text, -1);
    return SQLITE_ERROR;
}

#define COMPARED_WIDTH ((size_t)1 << 16)
#define ATOMS (TRAIT_TEXT | TRAIT_BYTES | TRAIT_INT | TRAIT_BOOL | TRAIT_FLOAT | TRAIT_COMPLEX)

// Whether a preview shows the whole value: no cut text, no items, no object in brackets.
static bool sql_is_whole(const struct heap *heap, node n, const char *preview)
{
    if (strlen(preview) >= COMPARED_WIDTH) // columns are bytes, or fewer than bytes
        return false;
    if (type_is(type_row(heap->py->types, heap_type(heap, n)), ATOMS))
        return true;
    return !strstr(preview, "...") && !strchr(preview, '<');
}

void sql_preview(const struct sql *sql, node n, size_t width, struct text *out)
{
    const struct heap *heap = sql->source.heap;
    size_t from = out->size;
    heap_preview(heap, n, sql->compares ? COMPARED_WIDTH : width, out);
    if (sql->compares && !sql_is_whole(heap, n, text_string(out) + from))
        text_add_format(out, " at 0x%llx", (unsigned long long)heap_addr(heap, n));
}
