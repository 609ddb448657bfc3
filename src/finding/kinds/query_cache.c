// SPDX-License-Identifier: GPL-3.0-or-later
// Query results that database libraries keep inside of their own objects.
//
// Not known here: other caches; the program's are containers like any other. Another library's
// object with such an attribute needs one more row below.
#include <stdlib.h>

#include "finding/finder.h"

#define ITEMS_LEAST 100

static const struct cache {
    const char *type, *attribute;
    const char *what; // follows "NAME holds N "
    const char *why;
    bool is_wrong; // whatever its size
} caches[] = {
    { "django.db.models.query.QuerySet", "_result_cache", "results of its query",
      "a QuerySet keeps what it fetched for as long as it lives; keep the query, not the result: "
      "queryset.all() queries again, queryset.iterator() keeps nothing",
      false },
    { "django.db.backends.base.base.BaseDatabaseWrapper", "queries_log", "queries that were made",
      "settings.DEBUG is on: Django then keeps the text of the last 9,000 queries of each "
      "connection; django.db.reset_queries() empties it",
      true },
    { "sqlalchemy.orm.session.Session", "_new", "objects that were never flushed",
      "objects added to a session stay until commit(), rollback(), expunge_all() or close()",
      false },
    { "sqlalchemy.orm.identity.WeakInstanceDict", "_modified",
      "objects whose changes were never flushed",
      "a session holds changed objects until commit(), rollback(), expunge_all() or close()",
      false },
    { "sqlalchemy.engine.cursor.BufferedRowCursorFetchStrategy", "_rowbuffer", "rows of a result",
      "a result that is not read to its end keeps its rows until close()", false },
    { "peewee.CursorWrapper", "row_cache", "rows of a result",
      "a query keeps its rows for as long as it lives; query.iterator() keeps none", false },
};
#define CACHE_COUNT (sizeof caches / sizeof *caches)

// The table's row for each type; CACHE_COUNT: none.
static uint8_t *find_types(const struct finder *f, uint64_t *bits)
{
    uint32_t count = heap_type_count(f->heap);
    uint8_t *rows = malloc((size_t)count + 1);
    for (uint32_t t = 0; rows && t < count; t++) {
        rows[t] = CACHE_COUNT;
        for (uint8_t i = 0; i < CACHE_COUNT && !(f->types[t].roles & ROLE_TYPE); i++)
            if (finder_derives(f, type_row(f->py->types, t), caches[i].type))
                rows[t] = i;
        *bits |= rows[t] < CACHE_COUNT ? f->types[t].bit : 0;
    }
    return rows;
}

// Results in a running function's locals are in use, however large.
static enum severity query_cache_judge(const struct finder *f, const struct cache *cache, node n,
                                       uint64_t bytes)
{
    enum home home = finder_home(f, n);
    enum severity severity = finder_severity(f, bytes, home);
    if (cache->is_wrong && severity == SEVERITY_INFO)
        return SEVERITY_LOW;
    return home == HOME_NONE && severity < SEVERITY_LOW ? SEVERITY_LOW : severity;
}

static bool query_cache_look_at(struct finder *f, const struct cache *cache, node n,
                                struct err *err)
{
    node items = heap_attribute(f->heap, n, cache->attribute);
    uint64_t length = items == NODE_NONE ? 0 : finder_length(f, items);
    if (length < ITEMS_LEAST)
        return true;
    uint64_t own = finder_retained(f, items), all = finder_retained(f, n);
    uint64_t bytes = own > all ? own : all;
    const struct finding finding = {
        .severity = query_cache_judge(f, cache, n, bytes),
        .bytes = bytes,
        .objects = length,
        .object = n,
        .what = finder_text(f, "%s (%s) holds %s %s: %s", finder_name(f, n), finder_type_name(f, n),
                            finder_count(f, length), cache->what, finder_size(f, bytes)),
        .why = cache->why,
        .next = finder_text(f, "path %s", finder_word(f, n)),
    };
    return finder_add(f, &finding, err);
}

static bool query_cache_find(struct finder *f, struct err *err)
{
    uint64_t bits = 0;
    uint8_t *rows = find_types(f, &bits);
    if (!rows)
        return err_memory(err, "the table of types");
    bool ok = !bits || finder_need_paths(f, err);
    for (node n = 0; ok && (n = finder_skip(f, bits, n)) < f->heap->node_count; n++) {
        uint8_t row = rows[heap_type(f->heap, n)];
        if (row < CACHE_COUNT && !finder_is_dead(f, n))
            ok = query_cache_look_at(f, &caches[row], n, err);
    }
    free(rows);
    return ok;
}

const struct finding_kind finding_query_cache = {
    .name = "query-cache",
    .help = "results and pending objects that Django, SQLAlchemy or peewee keep",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_evidence = true,
    .find = query_cache_find,
};
