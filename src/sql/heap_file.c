// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a database file: see heap_file.h. Two prepared INSERTs in one transaction; values shared
// by many rows (a type's name) are bound without a copy.
#include "sql/heap_file.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "heap/names/edge.h"
#include "sql/sql.h"

#define LOOK_EVERY 16384 // objects between two looks at progress

struct heap_file {
    const struct heap_file_source *source;
    sqlite3 *db;
    sqlite3_stmt *object, *ref, *type;
    struct heap_file_tally {
        uint64_t count, bytes;
    } * types;
    uint64_t objects, refs;
    struct heap_edges edges;
    bool failed; // a value could not be bound, or a row not written
};

static const char heap_file_schema[] =
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384; "
    "PRAGMA locking_mode=EXCLUSIVE; BEGIN; "
    "CREATE TABLE objects(object INTEGER PRIMARY KEY, type TEXT, gen, refcount INTEGER, "
    "bytes INTEGER, tracked INTEGER, collectable INTEGER, evidence TEXT); "
    "CREATE TABLE types(type TEXT, count INTEGER, bytes INTEGER);";

static const char heap_file_refs[] =
    "CREATE TABLE refs(source INTEGER, target INTEGER, visited INTEGER)";
static const char heap_file_edges[] = "CREATE TABLE refs(source INTEGER, target INTEGER, "
                                      "visited INTEGER, borrowed INTEGER, edge TEXT, slot INTEGER)";

static void heap_file_number(struct heap_file *file, sqlite3_stmt *row, int at, uint64_t value)
{
    file->failed |= sqlite3_bind_int64(row, at, (sqlite3_int64)value) != SQLITE_OK;
}

static void heap_file_text(struct heap_file *file, sqlite3_stmt *row, int at, const char *text)
{
    file->failed |= sqlite3_bind_text(row, at, text, -1, SQLITE_STATIC) != SQLITE_OK;
}

static void heap_file_null(struct heap_file *file, sqlite3_stmt *row, int at)
{
    file->failed |= sqlite3_bind_null(row, at) != SQLITE_OK;
}

static void heap_file_row(struct heap_file *file, sqlite3_stmt *row)
{
    file->failed |= sqlite3_step(row) != SQLITE_DONE || sqlite3_reset(row) != SQLITE_OK;
}

static void heap_file_put_object(struct heap_file *file, node n)
{
    static const char *const evidence[] = { "decoded", "traversed", "guessed", "disputed" };
    const struct heap *heap = file->source->heap;
    sqlite3_stmt *row = file->object;
    uint32_t type = heap_type(heap, n);
    int64_t refcount = heap->flags[n] & NODE_IMMORTAL ? -1 : heap_refcount(heap, n);
    heap_file_number(file, row, 1, heap_addr(heap, n));
    heap_file_text(file, row, 2, heap_type_name(heap, type));
    if (heap->gen[n] == GEN_PERMANENT)
        heap_file_text(file, row, 3, "permanent");
    else if (heap->gen[n] < GEN_PERMANENT)
        heap_file_number(file, row, 3, heap->gen[n]);
    else
        heap_file_null(file, row, 3);
    if (refcount < 0)
        heap_file_null(file, row, 4);
    else
        heap_file_number(file, row, 4, (uint64_t)refcount);
    heap_file_number(file, row, 5, heap_size(heap, n));
    heap_file_number(file, row, 6, (heap->flags[n] & NODE_TRACKED) != 0);
    heap_file_number(file, row, 7, collect_is_unreachable(file->source->garbage, n));
    heap_file_text(file, row, 8, evidence[heap_evidence(heap, n)]);
    heap_file_row(file, row);
    file->objects++;
    file->types[type].count++;
    file->types[type].bytes += heap_own(heap, n);
}

static void heap_file_put_refs(struct heap_file *file, node n)
{
    const struct heap *heap = file->source->heap;
    heap_file_number(file, file->ref, 1, heap_addr(heap, n));
    for (uint64_t e = csr_first(&heap->forward, n); e < csr_end(&heap->forward, n); e++) {
        uint32_t word = heap->forward.to[e];
        if (word & EDGE_HOLDS && !file->source->all)
            continue;
        heap_file_number(file, file->ref, 2, heap_addr(heap, word & EDGE_NODE));
        heap_file_number(file, file->ref, 3, !(word & EDGE_HOLDS));
        heap_file_row(file, file->ref);
        file->refs++;
    }
}

static bool heap_file_put_edges(struct heap_file *file, node n, struct err *err)
{
    const struct heap *heap = file->source->heap;
    struct heap_edges *edges = &file->edges;
    edges->count = 0;
    text_clear(&edges->names);
    if (!heap_referents(heap, n, SIZE_MAX, edges, err))
        return false;
    heap_file_number(file, file->ref, 1, heap_addr(heap, n));
    for (size_t i = 0; i < edges->count; i++) {
        const struct heap_edge *edge = &edges->items[i];
        if (edge->flags & EDGE_HOLDS && !file->source->all)
            continue;
        heap_file_number(file, file->ref, 2, heap_addr(heap, edge->to));
        heap_file_number(file, file->ref, 3, !(edge->flags & EDGE_HOLDS));
        heap_file_number(file, file->ref, 4, (edge->flags & EDGE_BORROWED) != 0);
        heap_file_text(file, file->ref, 5, heap_edge_name(edges, i));
        if (edge->slot)
            heap_file_number(file, file->ref, 6, edge->slot);
        else
            heap_file_null(file, file->ref, 6);
        heap_file_row(file, file->ref);
        file->refs++;
    }
    return true;
}

static bool heap_file_put_objects(struct heap_file *file, struct err *err)
{
    const struct heap_file_source *source = file->source;
    for (node n = 0; !file->failed && n < source->heap->node_count; n++) {
        if (n % LOOK_EVERY == 0
            && !progress_step(source->progress, "writing", n, source->heap->node_count))
            return err_set(err, ERR_CANCELLED, "the export was cancelled");
        if (!source->has(source->context, n))
            continue;
        heap_file_put_object(file, n);
        if (!source->edges)
            heap_file_put_refs(file, n);
        else if (!heap_file_put_edges(file, n, err))
            return false;
    }
    return true;
}

static void heap_file_put_types(struct heap_file *file)
{
    const struct heap *heap = file->source->heap;
    for (uint32_t t = 0; !file->failed && t < heap_type_count(heap); t++) {
        if (!file->types[t].count)
            continue;
        heap_file_text(file, file->type, 1, heap_type_name(heap, t));
        heap_file_number(file, file->type, 2, file->types[t].count);
        heap_file_number(file, file->type, 3, file->types[t].bytes);
        heap_file_row(file, file->type);
    }
}

// --- other tables -------------------------------------------------------------------------------

// Creates a table like that of `from`: columns by their names, values without a type.
static sqlite3_stmt *heap_file_table(struct heap_file *file, const struct sql *sql,
                                     const char *name)
{
    struct text create = TEXT_INIT, insert = TEXT_INIT;
    sqlite3_stmt *row = NULL;
    text_add_format(&create, "CREATE TABLE \"%s\"(", name);
    text_add_format(&insert, "INSERT INTO \"%s\" VALUES(", name);
    for (size_t i = 0; i < sql_column_count(sql); i++) {
        text_add_format(&create, "%s\"%s\"", i ? ", " : "", sql_column_name(sql, i));
        text_add_format(&insert, "%s?", i ? "," : "");
    }
    text_add_string(&create, ")");
    text_add_string(&insert, ")");
    file->failed |=
        !text_ok(&create, NULL) || !text_ok(&insert, NULL)
        || sqlite3_exec(file->db, text_string(&create), NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_prepare_v2(file->db, text_string(&insert), -1, &row, NULL) != SQLITE_OK;
    text_fini(&create);
    text_fini(&insert);
    return row;
}

static void heap_file_value(struct heap_file *file, sqlite3_stmt *row, int at,
                            const struct sql_value *value)
{
    int status = SQLITE_OK;
    switch (value->kind) {
    case SQL_INTEGER:
        status = sqlite3_bind_int64(row, at, value->integer);
        break;
    case SQL_REAL:
        status = sqlite3_bind_double(row, at, value->real);
        break;
    case SQL_TEXT:
        status = sqlite3_bind_text(row, at, value->text, (int)value->size, SQLITE_TRANSIENT);
        break;
    case SQL_BLOB:
        status = sqlite3_bind_blob(row, at, value->text, (int)value->size, SQLITE_TRANSIENT);
        break;
    default:
        status = sqlite3_bind_null(row, at);
    }
    file->failed |= status != SQLITE_OK;
}

static bool heap_file_copy(struct heap_file *file, struct sql *sql, const char *name,
                           struct err *err)
{
    bool more;
    if (!sql_step(sql, &more, err)) // some sources know their columns only now
        return false;
    sqlite3_stmt *row = heap_file_table(file, sql, name);
    bool ok = true;
    while (ok && more && !file->failed) {
        for (size_t i = 0; i < sql_column_count(sql); i++) {
            struct sql_value value = sql_value(sql, i);
            heap_file_value(file, row, (int)i + 1, &value);
        }
        heap_file_row(file, row);
        ok = sql_step(sql, &more, err);
    }
    sqlite3_finalize(row);
    return ok;
}

// The names are the user's: an invalid one is refused before it becomes part of a query.
static bool heap_file_put_table(struct heap_file *file, const struct sql_source *from,
                                const char *name, struct err *err)
{
    static const char ours[] = " objects refs types ";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
    char word[80], query[120];
    snprintf(word, sizeof word, " %s ", name);
    if (!name[0] || name[strspn(name, letters)] || strlen(name) > 40)
        return err_set(err, ERR_USAGE, "'%s' is not a table of sql", name);
    if (strstr(ours, word))
        return err_set(err, ERR_USAGE, "the table %s is in the file anyway", name);
    snprintf(query, sizeof query, "SELECT * FROM \"%s\"", name);
    struct sql *sql = NULL;
    bool ok = sql_open(&sql, from, query, err) && heap_file_copy(file, sql, name, err);
    sql_close(sql);
    return ok;
}

static bool heap_file_put_tables(struct heap_file *file, const struct sql_source *from,
                                 const char *tables, struct err *err)
{
    char name[64];
    for (const char *at = tables; at && *at;) {
        size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
                 at);
        if (!heap_file_put_table(file, from, name, err))
            return false;
        at += length + (at[length] == ',');
    }
    return true;
}

static bool heap_file_prepare(struct heap_file *file, const char *path)
{
    bool edges = file->source->edges;
    const char *const inserts[] = { "INSERT INTO objects VALUES(?,?,?,?,?,?,?,?)",
                                    edges ? "INSERT INTO refs VALUES(?,?,?,?,?,?)"
                                          : "INSERT INTO refs VALUES(?,?,?)",
                                    "INSERT INTO types VALUES(?,?,?)" };
    sqlite3_stmt **const rows[] = { &file->object, &file->ref, &file->type };
    if (sqlite3_open_v2(path, &file->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK
        || sqlite3_exec(file->db, heap_file_schema, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_exec(file->db, edges ? heap_file_edges : heap_file_refs, NULL, NULL, NULL)
               != SQLITE_OK)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (sqlite3_prepare_v2(file->db, inserts[i], -1, rows[i], NULL) != SQLITE_OK)
            return false;
    return true;
}

static bool heap_file_fill(struct heap_file *file, const char *path, const struct sql_source *from,
                           const char *tables, struct err *err)
{
    bool ok = heap_file_prepare(file, path);
    // Tables first: an invalid name is reported before millions of rows are written.
    if (ok && (!heap_file_put_tables(file, from, tables, err) || !heap_file_put_objects(file, err)))
        return false;
    if (ok)
        heap_file_put_types(file);
    ok = ok && !file->failed
         && sqlite3_exec(file->db,
                         "CREATE INDEX refs_source ON refs(source); "
                         "CREATE INDEX refs_target ON refs(target); COMMIT",
                         NULL, NULL, NULL)
                == SQLITE_OK;
    return ok || err_set(err, ERR_IO, "%s: %s", path, sqlite3_errmsg(file->db));
}

bool heap_file_write(const char *path, const struct heap_file_source *source,
                     const struct sql_source *from, const char *tables, uint64_t *objects,
                     uint64_t *refs, struct err *err)
{
    struct heap_file file = { .source = source };
    file.types = calloc((size_t)heap_type_count(source->heap) + 1, sizeof *file.types);
    if (!file.types)
        return err_memory(err, "counting types");
    bool ok = heap_file_fill(&file, path, from, tables, err);
    sqlite3_finalize(file.object);
    sqlite3_finalize(file.ref);
    sqlite3_finalize(file.type);
    heap_edges_fini(&file.edges);
    if (sqlite3_close(file.db) != SQLITE_OK && ok)
        ok = err_set(err, ERR_IO, "%s: the database could not be closed", path);
    free(file.types);
    *objects = file.objects;
    *refs = file.refs;
    return ok;
}
