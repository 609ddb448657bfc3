// SPDX-License-Identifier: GPL-3.0-or-later
// The table `refs`: one row per reference, found from either end.
#include <string.h>

#include "base/unused.h"
#include "heap/names/edge.h"
#include "sql/sql_table.h"

enum { SOURCE, TARGET, VISITED, BORROWED, EDGE, SLOT };

const char sql_refs_schema[] =
    "CREATE TABLE refs(source ADDRESS, target ADDRESS, visited BOOLEAN, borrowed BOOLEAN, "
    "edge TEXT HIDDEN, slot ADDRESS HIDDEN)";

#define FEW 4096 // references of one object: cheaper to search than the reverse graph is to build

enum table_refs_plan { ALL, FROM_SOURCE, INTO_TARGET, BETWEEN };

struct refs_cursor {
    struct cursor cursor; // edges of one of the two graphs
    node owner;           // whose edges these are in that graph
    node wanted;          // BETWEEN: only references from or to this object; else NODE_NONE
    bool backwards;
    // The references of `named`, with names: rows of one source are consecutive.
    struct heap_edges edges;
    node named;
};

static int table_refs_connect(sqlite3 *db, void *sql, UNUSED int argc,
                              UNUSED const char *const *argv, sqlite3_vtab **out,
                              UNUSED char **error)
{
    return table_connect(db, sql, sql_refs_schema, out);
}

static int table_refs_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    const struct heap *heap = ((struct sql_table *)table)->sql->source.heap;
    double edges = (double)heap->forward.edge_count, each = edges / (heap->node_count + 1.0) + 1;
    int source = find_equal(info, SOURCE), target = find_equal(info, TARGET);
    int used = source >= 0 ? source : target;
    if (source >= 0 && target >= 0) { // the end to follow it from is chosen once both are known
        info->idxNum = BETWEEN;
        info->estimatedCost = 2;
        info->estimatedRows = 1;
        take_equal(info, source);
        take_equal(info, target);
        info->aConstraintUsage[target].argvIndex = 2;
        return SQLITE_OK;
    }
    info->idxNum = source >= 0 ? FROM_SOURCE : target >= 0 ? INTO_TARGET : ALL;
    info->estimatedCost = used >= 0 ? each + 1 : edges + 1;
    info->estimatedRows = (sqlite3_int64)(used >= 0 ? each : edges) + 1;
    if (used >= 0)
        take_equal(info, used);
    return SQLITE_OK;
}

static int table_refs_open_cursor(UNUSED sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    int status = cursor_new(sizeof(struct refs_cursor), out);
    if (status == SQLITE_OK)
        ((struct refs_cursor *)*out)->named = NODE_NONE;
    return status;
}

static int table_refs_close(sqlite3_vtab_cursor *cursor)
{
    heap_edges_fini(&((struct refs_cursor *)cursor)->edges);
    return cursor_close(cursor);
}

static const struct csr *graph_of(const struct refs_cursor *refs, const struct heap *heap)
{
    return refs->backwards ? &heap->reverse : &heap->forward;
}

static void catch_up(struct refs_cursor *refs, const struct heap *heap)
{
    const struct csr *csr = graph_of(refs, heap);
    while (refs->cursor.at < refs->cursor.end && refs->cursor.at >= csr_end(csr, refs->owner))
        refs->owner++;
}

static void skip_unwanted(struct refs_cursor *refs, const struct heap *heap)
{
    const struct csr *csr = graph_of(refs, heap);
    while (refs->wanted != NODE_NONE && refs->cursor.at < refs->cursor.end
           && (csr->to[refs->cursor.at] & EDGE_NODE) != refs->wanted)
        refs->cursor.at++;
}

// Follows from the source, unless it has many references and the target has fewer.
static int table_refs_between(struct refs_cursor *refs, struct sql *sql, node source, node target)
{
    const struct heap *heap = sql->source.heap;
    refs->wanted = target;
    refs->owner = source;
    if (source == NODE_NONE || target == NODE_NONE) {
        refs->owner = 0;
        refs->cursor.at = refs->cursor.end = 0;
        return SQLITE_OK;
    }
    uint64_t out = csr_end(&heap->forward, source) - csr_first(&heap->forward, source);
    if (out > FEW) {
        if (need_reverse(sql) != SQLITE_OK)
            return SQLITE_ERROR;
        refs->backwards = csr_end(&heap->reverse, target) - csr_first(&heap->reverse, target) < out;
    }
    if (refs->backwards) {
        refs->wanted = source;
        refs->owner = target;
    }
    refs->cursor.at = csr_first(graph_of(refs, heap), refs->owner);
    refs->cursor.end = csr_end(graph_of(refs, heap), refs->owner);
    skip_unwanted(refs, heap);
    return SQLITE_OK;
}

static int table_refs_filter(sqlite3_vtab_cursor *cursor, int plan, UNUSED const char *text,
                             UNUSED int argc, sqlite3_value **argv)
{
    struct refs_cursor *refs = (struct refs_cursor *)cursor;
    struct sql *sql = cursor_sql(cursor);
    const struct heap *heap = sql->source.heap;
    refs->backwards = plan == INTO_TARGET;
    refs->wanted = NODE_NONE;
    refs->owner = 0;
    refs->cursor.at = 0;
    refs->cursor.end = heap->forward.edge_count;
    if (plan == BETWEEN)
        return table_refs_between(refs, sql, value_node(heap, argv[0]), value_node(heap, argv[1]));
    if (refs->backwards && need_reverse(sql) != SQLITE_OK)
        return SQLITE_ERROR;
    if (plan != ALL) {
        const struct csr *csr = graph_of(refs, heap);
        node n = value_node(heap, argv[0]);
        refs->owner = n == NODE_NONE ? 0 : n;
        refs->cursor.at = n == NODE_NONE ? 0 : csr_first(csr, n);
        refs->cursor.end = n == NODE_NONE ? 0 : csr_end(csr, n);
    }
    catch_up(refs, heap);
    return SQLITE_OK;
}

static int table_refs_next(sqlite3_vtab_cursor *cursor)
{
    ((struct cursor *)cursor)->at++;
    skip_unwanted((struct refs_cursor *)cursor, cursor_sql(cursor)->source.heap);
    catch_up((struct refs_cursor *)cursor, cursor_sql(cursor)->source.heap);
    return SQLITE_OK;
}

static void result_of_edge(sqlite3_context *to, const struct heap_edges *edges, size_t i,
                           int column)
{
    const char *name = heap_edge_name(edges, i);
    if (column == EDGE)
        sqlite3_result_text(to, name, (int)strlen(name), SQLITE_TRANSIENT);
    else if (edges->items[i].slot)
        sqlite3_result_int64(to, (sqlite3_int64)edges->items[i].slot);
}

// If there are several references between the same two objects, the n-th row gets the name or slot
// of the n-th.
static int result_edge_between(struct sql *sql, sqlite3_context *to, const struct refs_cursor *refs,
                               node source, node target, int column)
{
    const struct csr *csr = graph_of(refs, sql->source.heap);
    struct heap_edges edges = { 0 };
    bool ok = heap_edges_between(sql->source.heap, source, target, &edges, &sql->err);
    size_t nth = 0;
    uint32_t other = csr->to[refs->cursor.at] & EDGE_NODE;
    for (uint64_t e = csr_first(csr, refs->owner); e < refs->cursor.at; e++)
        nth += (csr->to[e] & EDGE_NODE) == other;
    if (ok && nth < edges.count)
        result_of_edge(to, &edges, nth, column);
    heap_edges_fini(&edges);
    return ok ? SQLITE_OK : result_failed(to, sql);
}

// Names all of the source's references at once: each search for a single one reads them all.
static int result_edge(struct sql *sql, sqlite3_context *to, struct refs_cursor *refs, node source,
                       node target, int column)
{
    const struct heap *heap = sql->source.heap;
    if (refs->backwards || refs->wanted != NODE_NONE)
        return result_edge_between(sql, to, refs, source, target, column);
    if (refs->named != source) {
        heap_edges_fini(&refs->edges);
        refs->named = NODE_NONE;
        if (!heap_referents(heap, source, SIZE_MAX, &refs->edges, &sql->err))
            return result_failed(to, sql);
        refs->named = source;
    }
    uint64_t i = refs->cursor.at - csr_first(&heap->forward, source);
    if (i >= refs->edges.count || refs->edges.items[i].to != target)
        return result_edge_between(sql, to, refs, source, target, column);
    result_of_edge(to, &refs->edges, i, column);
    return SQLITE_OK;
}

static int table_refs_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    struct refs_cursor *refs = (struct refs_cursor *)cursor;
    struct sql *sql = cursor_sql(cursor);
    const struct heap *heap = sql->source.heap;
    uint32_t word = graph_of(refs, heap)->to[refs->cursor.at];
    node other = word & EDGE_NODE;
    node source = refs->backwards ? other : refs->owner;
    node target = refs->backwards ? refs->owner : other;
    switch (column) {
    case SOURCE:
        result_address(to, heap, source);
        break;
    case TARGET:
        result_address(to, heap, target);
        break;
    case VISITED:
        sqlite3_result_int(to, !(word & EDGE_HOLDS));
        break;
    case BORROWED:
        sqlite3_result_int(to, (word & EDGE_BORROWED) != 0);
        break;
    default:
        return result_edge(sql, to, refs, source, target, column);
    }
    return SQLITE_OK;
}

const sqlite3_module sql_refs = {
    .xConnect = table_refs_connect,
    .xBestIndex = table_refs_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = table_refs_open_cursor,
    .xClose = table_refs_close,
    .xFilter = table_refs_filter,
    .xNext = table_refs_next,
    .xEof = cursor_eof,
    .xColumn = table_refs_column,
    .xRowid = cursor_row_id,
};
