// SPDX-License-Identifier: GPL-3.0-or-later
// The table `objects`: one row per object. The rowid is its number.
#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "heap/analysis/doom.h"
#include "heap/names/edge.h"
#include "sql/sql_table.h"

#define PREVIEW_WIDTH 120

enum {
    OBJECT,
    TYPE,
    MODULE,
    GEN,
    REFCOUNT,
    BYTES,
    OWN,
    TRACKED,
    FINALIZED,
    IMMORTAL,
    EVIDENCE,
    INTERPRETER,
    GARBAGE,
    REFERENTS,
    REFERRERS,
    RETAINED,
    DOMINATOR,
    PREVIEW,
    STATE,
};

const char sql_objects_schema[] =
    "CREATE TABLE objects(object ADDRESS, type TEXT, module TEXT, gen, refcount INTEGER, "
    "bytes BYTES, own BYTES, tracked BOOLEAN, finalized BOOLEAN, immortal BOOLEAN, evidence TEXT, "
    "interpreter INTEGER, garbage BOOLEAN, referents INTEGER, referrers INTEGER HIDDEN, "
    "retained BYTES HIDDEN, dominator ADDRESS HIDDEN, preview TEXT HIDDEN, state TEXT HIDDEN)";

enum table_objects_plan { ALL, ONE, OF_TYPE };

struct objects {
    struct cursor cursor;
    uint8_t *types; // by type: whether it is wanted; null: all are
    struct dooms dooms;
};

static int table_objects_connect(sqlite3 *db, void *sql, UNUSED int argc,
                                 UNUSED const char *const *argv, sqlite3_vtab **out,
                                 UNUSED char **error)
{
    return table_connect(db, sql, sql_objects_schema, out);
}

static int table_objects_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    double count = ((struct sql_table *)table)->sql->source.heap->node_count;
    int one = find_equal(info, OBJECT), type = find_equal(info, TYPE);
    info->idxNum = one >= 0 ? ONE : type >= 0 ? OF_TYPE : ALL;
    info->estimatedCost = one >= 0 ? 2 : type >= 0 ? count / 10 + 2 : count + 2;
    info->estimatedRows = one >= 0 ? 1 : (sqlite3_int64)(type >= 0 ? count / 50 : count) + 1;
    if (one >= 0)
        info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    if (one >= 0 || type >= 0)
        take_equal(info, one >= 0 ? one : type);
    return SQLITE_OK;
}

static int table_objects_open_cursor(UNUSED sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    return cursor_new(sizeof(struct objects), out);
}

static int table_objects_close_cursor(sqlite3_vtab_cursor *cursor)
{
    free(((struct objects *)cursor)->types);
    return cursor_close(cursor);
}

static bool want_type(struct objects *objects, const struct heap *heap, sqlite3_value *value)
{
    const char *name = (const char *)sqlite3_value_text(value);
    uint32_t count = heap_type_count(heap);
    objects->types = calloc((size_t)count + 1, 1);
    for (uint32_t i = 0; objects->types && i < count; i++)
        objects->types[i] = name && !strcmp(heap_type_name(heap, i), name);
    return objects->types;
}

static void skip_others(struct objects *objects, const struct heap *heap)
{
    struct cursor *c = &objects->cursor;
    while (objects->types && c->at < c->end && !objects->types[heap_type(heap, (node)c->at)])
        c->at++;
}

static int table_objects_filter(sqlite3_vtab_cursor *cursor, int plan, UNUSED const char *text,
                                UNUSED int argc, sqlite3_value **argv)
{
    struct objects *objects = (struct objects *)cursor;
    const struct heap *heap = cursor_sql(cursor)->source.heap;
    free(objects->types);
    objects->types = NULL;
    objects->cursor.at = 0;
    dooms_open(&objects->dooms, heap);
    objects->cursor.end = heap->node_count;
    if (plan == ONE) {
        node n = value_node(heap, argv[0]);
        objects->cursor.at = n == NODE_NONE ? 0 : n;
        objects->cursor.end = n == NODE_NONE ? 0 : (uint64_t)n + 1;
    }
    if (plan == OF_TYPE && !want_type(objects, heap, argv[0]))
        return SQLITE_NOMEM;
    skip_others(objects, heap);
    return SQLITE_OK;
}

static int table_objects_next(sqlite3_vtab_cursor *cursor)
{
    ((struct cursor *)cursor)->at++;
    skip_others((struct objects *)cursor, cursor_sql(cursor)->source.heap);
    return SQLITE_OK;
}

// --- columns ------------------------------------------------------------------------------------

static void result_name(sqlite3_context *to, const char *name, size_t size)
{
    sqlite3_result_text(to, name, (int)size, SQLITE_STATIC); // the heap outlives the query
}

static void result_gen(sqlite3_context *to, unsigned gen)
{
    if (gen == GEN_PERMANENT)
        result_name(to, "permanent", 9);
    else if (gen < GEN_PERMANENT)
        sqlite3_result_int(to, (int)gen);
}

static void result_refcount(sqlite3_context *to, const struct heap *heap, node n)
{
    int64_t refcount = heap->flags[n] & NODE_IMMORTAL ? -1 : heap_refcount(heap, n);
    if (refcount >= 0)
        sqlite3_result_int64(to, refcount);
}

static void result_evidence(sqlite3_context *to, const struct heap *heap, node n)
{
    static const char *const names[] = { "decoded", "traversed", "guessed", "disputed" };
    const char *name = names[heap_evidence(heap, n)];
    result_name(to, name, strlen(name));
}

static int result_retained(struct sql *sql, sqlite3_context *to, int column, node n)
{
    const struct sql_source *source = &sql->source;
    if (column == RETAINED && !heap_is_whole(source->heap)) // unknown: more may hold it
        return SQLITE_OK;
    const struct dominate *dominate = source->dominate(source->context, &sql->err);
    if (!dominate)
        return result_failed(to, sql);
    if (column == RETAINED && dominate->parent[n] != DOM_NONE)
        sqlite3_result_int64(to, (sqlite3_int64)dominate->retained[n]);
    if (column == DOMINATOR && dominate->parent[n] < source->heap->node_count)
        result_address(to, source->heap, dominate->parent[n]);
    return SQLITE_OK;
}

static int result_referrers(struct sql *sql, sqlite3_context *to, node n)
{
    if (need_reverse(sql) != SQLITE_OK)
        return result_failed(to, sql);
    const struct csr *reverse = &sql->source.heap->reverse;
    sqlite3_result_int64(to, (sqlite3_int64)(csr_end(reverse, n) - csr_first(reverse, n)));
    return SQLITE_OK;
}

static int result_garbage(struct sql *sql, sqlite3_context *to, node n)
{
    const struct collection *garbage = sql->source.garbage(sql->source.context, &sql->err);
    if (!garbage)
        return result_failed(to, sql);
    sqlite3_result_int(to, collect_is_unreachable(garbage, n));
    return SQLITE_OK;
}

static void result_preview(sqlite3_context *to, const struct sql *sql, node n)
{
    struct text text = TEXT_INIT;
    sql_preview(sql, n, PREVIEW_WIDTH, &text);
    sqlite3_result_text(to, text_string(&text), (int)text.size, SQLITE_TRANSIENT);
    text_fini(&text);
}

// What the object is in the middle of; null for nearly all.
static void result_state(sqlite3_context *to, const struct objects *objects, node n)
{
    const char *text = doom_text(doom_of(&objects->dooms, n));
    if (text)
        result_name(to, text, strlen(text));
}

static void result_interpreter(sqlite3_context *to, const struct heap *heap, node n)
{
    if (heap_interpreter(heap, n) >= 0)
        sqlite3_result_int64(to, heap->py->interpreters[heap_interpreter(heap, n)].id);
}

static void result_referents(sqlite3_context *to, const struct heap *heap, node n)
{
    sqlite3_result_int64(
        to, (sqlite3_int64)(csr_end(&heap->forward, n) - csr_first(&heap->forward, n)));
}

static int table_objects_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    struct sql *sql = cursor_sql(cursor);
    const struct heap *heap = sql->source.heap;
    node n = (node)((struct cursor *)cursor)->at;
    const char *type = heap_type_name(heap, heap_type(heap, n));
    switch (column) {
    case OBJECT:
        result_address(to, heap, n);
        break;
    case TYPE:
        result_name(to, type, strlen(type));
        break;
    case MODULE:
        result_module(to, sql, heap_type(heap, n));
        break;
    case GEN:
        result_gen(to, heap->gen[n]);
        break;
    case REFCOUNT:
        result_refcount(to, heap, n);
        break;
    case BYTES:
        sqlite3_result_int64(to, (sqlite3_int64)heap_size(heap, n));
        break;
    case OWN:
        sqlite3_result_int64(to, (sqlite3_int64)heap_own(heap, n));
        break;
    case TRACKED:
        sqlite3_result_int(to, (heap->flags[n] & NODE_TRACKED) != 0);
        break;
    case FINALIZED:
        sqlite3_result_int(to, (heap->flags[n] & NODE_FINALIZED) != 0);
        break;
    case IMMORTAL:
        sqlite3_result_int(to, (heap->flags[n] & NODE_IMMORTAL) != 0);
        break;
    case EVIDENCE:
        result_evidence(to, heap, n);
        break;
    case INTERPRETER:
        result_interpreter(to, heap, n);
        break;
    case GARBAGE:
        return result_garbage(sql, to, n);
    case REFERENTS:
        result_referents(to, heap, n);
        break;
    case REFERRERS:
        return result_referrers(sql, to, n);
    case PREVIEW:
        result_preview(to, sql, n);
        break;
    case STATE:
        result_state(to, (struct objects *)cursor, n);
        break;
    default:
        return result_retained(sql, to, column, n);
    }
    return SQLITE_OK;
}

const sqlite3_module sql_objects = {
    .xConnect = table_objects_connect,
    .xBestIndex = table_objects_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = table_objects_open_cursor,
    .xClose = table_objects_close_cursor,
    .xFilter = table_objects_filter,
    .xNext = table_objects_next,
    .xEof = cursor_eof,
    .xColumn = table_objects_column,
    .xRowid = cursor_row_id,
};
