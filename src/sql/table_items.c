// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of containers' content, one row per item, fast to find by their first column:
//
//      list_items(list, idx, item)         lists and tuples
//      dict_items(dict, key, value)        both objects; in the dict's own order
//      attributes(object, name, value)     members and slots by name, and what is in the __dict__
#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "heap/names/attribute.h"
#include "heap/names/edge.h"
#include "py/objects/dict.h"
#include "py/objects/str.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "sql/sql_table.h"

enum { CONTAINER, KEY, VALUE };

const char sql_list_items_schema[] =
    "CREATE TABLE list_items(list ADDRESS, idx INTEGER, item ADDRESS)";
const char sql_dict_items_schema[] =
    "CREATE TABLE dict_items(dict ADDRESS, \"key\" ADDRESS, value ADDRESS)";
const char sql_attributes_schema[] =
    "CREATE TABLE attributes(object ADDRESS, name TEXT, value ADDRESS)";

#define NAME_WIDTH 4096 // bytes of an attribute's name

struct items_cursor {
    sqlite3_vtab_cursor base;
    node owner, end;         // the current container, and the first one not to look at
    uint64_t at, count;      // the item in it
    addr words;              // a list's items
    struct dict_table dict;  // of a dict; for attributes, of the __dict__
    struct heap_edges edges; // for attributes: the members
    uint64_t row;
};

static struct items_cursor *items_of(sqlite3_vtab_cursor *cursor)
{
    return (struct items_cursor *)cursor;
}

static const struct heap *items_heap(struct items_cursor *items)
{
    return cursor_sql(&items->base)->source.heap;
}

// --- what differs between the three -------------------------------------------------------------

static bool list_items_open(struct items_cursor *items, const struct heap *heap)
{
    const struct python *py = heap->py;
    addr at = heap_addr(heap, items->owner);
    uint32_t flags = type_row(py->types, heap_type(heap, items->owner))->flags;
    bool ok = flags & (TPFLAGS_LIST_SUBCLASS | TPFLAGS_TUPLE_SUBCLASS);
    if (!ok)
        return false;
    items->count = READ_OK(py, at, PyVarObject_ob_size, &ok);
    items->words = flags & TPFLAGS_LIST_SUBCLASS ? READ(py, at, PyListObject_ob_item)
                                                 : INSIDE(py, at, PyTupleObject_ob_item);
    return ok && items->words;
}

// A word that cannot be read ends the list, since its length may be wrong.
static bool list_items_find(struct items_cursor *items, const struct heap *heap)
{
    for (; items->at < items->count; items->at++) {
        bool ok = true;
        addr item = target_u64(heap->py->target, items->words + items->at * 8, &ok);
        if (!ok)
            return false;
        if (item)
            return true;
    }
    return false;
}

static bool items_open_dict(struct items_cursor *items, const struct heap *heap, node dict)
{
    const struct python *py = heap->py;
    int32_t size = py->layout.sizeof_PyDictObject;
    const uint8_t *o =
        size < 0 ? NULL : target_view(py->target, heap_addr(heap, dict), (size_t)size);
    return o && dict_open(py, o, &items->dict);
}

static bool dict_items_open(struct items_cursor *items, const struct heap *heap)
{
    bool ok = heap_is_dict(heap, items->owner) && items_open_dict(items, heap, items->owner);
    items->count = ok ? items->dict.count : 0;
    return ok;
}

static bool dict_items_find(struct items_cursor *items, UNUSED const struct heap *heap)
{
    while (items->at < items->count
           && !(dict_key(&items->dict, items->at) && dict_value(&items->dict, items->at)))
        items->at++;
    return items->at < items->count;
}

// Members first, then the __dict__.
static bool attributes_open(struct items_cursor *items, const struct heap *heap)
{
    if (!heap_referents(heap, items->owner, SIZE_MAX, &items->edges, NULL))
        return false;
    items->dict.count = 0;
    for (size_t i = 0; i < items->edges.count; i++)
        if (!strcmp(heap_edge_name(&items->edges, i), ".__dict__")
            && heap_is_dict(heap, items->edges.items[i].to)
            && !items_open_dict(items, heap, items->edges.items[i].to))
            items->dict.count = 0;
    items->count = items->edges.count + items->dict.count;
    return true;
}

static bool attributes_is_one(const struct items_cursor *items, const struct heap *heap)
{
    if (items->at >= items->edges.count) {
        uint64_t i = items->at - items->edges.count;
        addr key = dict_key(&items->dict, i);
        struct str_view view;
        return key && dict_value(&items->dict, i) && str_view(heap->py, key, &view);
    }
    const char *name = heap_edge_name(&items->edges, items->at);
    return name[0] == '.' && strcmp(name, ".__dict__") && strcmp(name, ".__class__")
           && !strpbrk(name + 1, "[( ");
}

static bool attributes_find(struct items_cursor *items, const struct heap *heap)
{
    while (items->at < items->count && !attributes_is_one(items, heap))
        items->at++;
    return items->at < items->count;
}

static void attributes_name(sqlite3_context *to, const struct items_cursor *items,
                            const struct heap *heap)
{
    if (items->at < items->edges.count) {
        const char *name = heap_edge_name(&items->edges, items->at) + 1;
        sqlite3_result_text(to, name, (int)strlen(name), SQLITE_TRANSIENT);
        return;
    }
    struct text text = TEXT_INIT;
    str_append(heap->py, dict_key(&items->dict, items->at - items->edges.count), NAME_WIDTH, &text);
    sqlite3_result_text(to, text_string(&text), (int)text.size, SQLITE_TRANSIENT);
    text_fini(&text);
}

struct items_kind {
    const sqlite3_module *module;
    const char *schema;
    bool (*open)(struct items_cursor *, const struct heap *); // false: not such a container
    bool (*find)(struct items_cursor *, const struct heap *); // moves to an item; false: none left
};

static const struct items_kind items_kinds[] = {
    { &sql_list_items, sql_list_items_schema, list_items_open, list_items_find },
    { &sql_dict_items, sql_dict_items_schema, dict_items_open, dict_items_find },
    { &sql_attributes, sql_attributes_schema, attributes_open, attributes_find },
};
enum { LIST, DICT, ATTRIBUTES };

static const struct items_kind *items_kind(const sqlite3_vtab *table)
{
    const struct items_kind *kind = items_kinds;
    while (kind->module != table->pModule)
        kind++;
    return kind;
}

// --- what they share ----------------------------------------------------------------------------

static int items_connect(sqlite3 *db, void *sql, int kind, sqlite3_vtab **out, char **error)
{
    if (heap_has_values(((struct sql *)sql)->source.heap))
        return table_connect(db, sql, items_kinds[kind].schema, out);
    *error = sqlite3_mprintf("this heap is redacted: what is in its objects is not there");
    return SQLITE_ERROR;
}

static int list_items_connect(sqlite3 *db, void *sql, UNUSED int argc,
                              UNUSED const char *const *argv, sqlite3_vtab **out, char **error)
{
    return items_connect(db, sql, LIST, out, error);
}

static int dict_items_connect(sqlite3 *db, void *sql, UNUSED int argc,
                              UNUSED const char *const *argv, sqlite3_vtab **out, char **error)
{
    return items_connect(db, sql, DICT, out, error);
}

static int attributes_connect(sqlite3 *db, void *sql, UNUSED int argc,
                              UNUSED const char *const *argv, sqlite3_vtab **out, char **error)
{
    return items_connect(db, sql, ATTRIBUTES, out, error);
}

static int items_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    const struct heap *heap = ((struct sql_table *)table)->sql->source.heap;
    double edges = (double)heap->forward.edge_count, each = edges / (heap->node_count + 1.0) + 1;
    int one = find_equal(info, CONTAINER);
    info->idxNum = one >= 0;
    info->estimatedCost = one >= 0 ? each + 1 : edges + heap->node_count + 1;
    info->estimatedRows = (sqlite3_int64)(one >= 0 ? each : edges) + 1;
    if (one >= 0)
        take_equal(info, one);
    return SQLITE_OK;
}

static int items_open_cursor(UNUSED sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    return cursor_new(sizeof(struct items_cursor), out);
}

static int items_close_cursor(sqlite3_vtab_cursor *cursor)
{
    heap_edges_fini(&items_of(cursor)->edges);
    return cursor_close(cursor);
}

static bool items_begin(struct items_cursor *items, const struct heap *heap,
                        const struct items_kind *kind)
{
    items->at = items->count = 0;
    heap_edges_fini(&items->edges);
    items->edges = (struct heap_edges){ 0 };
    return kind->open(items, heap) && kind->find(items, heap);
}

// Moves from the current item, or the container's first, to the next one that exists.
static void items_seek(struct items_cursor *items, bool begun)
{
    const struct heap *heap = items_heap(items);
    const struct items_kind *kind = items_kind(items->base.pVtab);
    if (begun && kind->find(items, heap))
        return;
    for (items->owner += begun; items->owner < items->end; items->owner++)
        if (items_begin(items, heap, kind))
            return;
}

static int items_filter(sqlite3_vtab_cursor *cursor, int one, UNUSED const char *text,
                        UNUSED int argc, sqlite3_value **argv)
{
    struct items_cursor *items = items_of(cursor);
    const struct heap *heap = items_heap(items);
    node n = one ? value_node(heap, argv[0]) : 0;
    items->owner = n == NODE_NONE ? 0 : n;
    items->end = n == NODE_NONE ? 0 : one ? n + 1 : heap->node_count;
    items->row = 0;
    items_seek(items, false);
    return SQLITE_OK;
}

static int items_next(sqlite3_vtab_cursor *cursor)
{
    struct items_cursor *items = items_of(cursor);
    items->at++;
    items->row++;
    items_seek(items, true);
    return SQLITE_OK;
}

static int items_eof(sqlite3_vtab_cursor *cursor)
{
    return items_of(cursor)->owner >= items_of(cursor)->end;
}

static int items_row_id(sqlite3_vtab_cursor *cursor, sqlite3_int64 *id)
{
    *id = (sqlite3_int64)items_of(cursor)->row;
    return SQLITE_OK;
}

static addr items_value(const struct items_cursor *items, const struct heap *heap, int kind)
{
    if (kind == LIST)
        return target_u64(heap->py->target, items->words + items->at * 8, NULL);
    if (kind == DICT)
        return dict_value(&items->dict, items->at);
    return items->at < items->edges.count
               ? heap_addr(heap, items->edges.items[items->at].to)
               : dict_value(&items->dict, items->at - items->edges.count);
}

static int items_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    struct items_cursor *items = items_of(cursor);
    const struct heap *heap = items_heap(items);
    int kind = (int)(items_kind(cursor->pVtab) - items_kinds);
    if (column == CONTAINER)
        result_address(to, heap, items->owner);
    else if (column == VALUE)
        sqlite3_result_int64(to, (sqlite3_int64)items_value(items, heap, kind));
    else if (kind == LIST)
        sqlite3_result_int64(to, (sqlite3_int64)items->at);
    else if (kind == DICT)
        sqlite3_result_int64(to, (sqlite3_int64)dict_key(&items->dict, items->at));
    else
        attributes_name(to, items, heap);
    return SQLITE_OK;
}

#define ITEMS_MODULE(connect)                                                                      \
    {                                                                                              \
        .xConnect = connect, .xBestIndex = items_best_index, .xDisconnect = table_disconnect,      \
        .xOpen = items_open_cursor, .xClose = items_close_cursor, .xFilter = items_filter,         \
        .xNext = items_next, .xEof = items_eof, .xColumn = items_column, .xRowid = items_row_id,   \
    }

const sqlite3_module sql_list_items = ITEMS_MODULE(list_items_connect);
const sqlite3_module sql_dict_items = ITEMS_MODULE(dict_items_connect);
const sqlite3_module sql_attributes = ITEMS_MODULE(attributes_connect);
