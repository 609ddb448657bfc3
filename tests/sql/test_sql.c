// SPDX-License-Identifier: GPL-3.0-or-later
// Queries of a heap made of literals: five objects of two types.
#include <string.h>

#include "heap/heap.h"
#include "py/objects/type.h"
#include "base/unused.h"
#include "sql/sql.h"
#include "sql/sql_table.h"
#include "unit.h"

struct small {
    struct python py;
    struct heap heap;
    struct sql_source source;
    uint16_t type[5], size[5];
    uint8_t gen[5], flags[5];
};

static const struct collection *no_garbage(void *context, struct err *err)
{
    (void)context;
    err_set(err, ERR_UNSUPPORTED, "no collection here");
    return NULL;
}

static void add_type(struct small *s, addr at, const char *name)
{
    static const char *const names[3] = { NULL, NULL, NULL };
    static const enum type_kind kinds[3] = { TYPE_KIND_NONE, TYPE_KIND_PLAIN, TYPE_KIND_NONE };
    struct type row = { .at = at, .name = name, .tp_name = name };
    struct err err = ERR_INIT;
    UNIT_OK(types_add(&s->py, &row, kinds, names, &err), &err);
}

static void begin(struct small *s)
{
    struct err err = ERR_INIT;
    *s = (struct small){ .type = { 0, 1, 1, 0, 1 }, .size = { 56, 100, 200, 56, 300 } };
    UNIT_OK(types_new(&s->py.types, &err), &err);
    add_type(s, 0x100, "list");
    add_type(s, 0x200, "app.Node");
    add_type(s, 0x300, "app.Unused");
    s->heap = (struct heap){ .py = &s->py,
                             .node_count = 5,
                             .type_count = 3,
                             .type16 = s->type,
                             .size16 = s->size,
                             .gen = s->gen,
                             .flags = s->flags };
    s->source = (struct sql_source){ .heap = &s->heap, .garbage = no_garbage };
}

static void end(struct small *s)
{
    types_free(s->py.types);
}

// The whole answer: columns by ',', rows by ';'.
static void answer(const struct small *s, const char *query, struct text *out)
{
    struct sql *sql = NULL;
    struct err err = ERR_INIT;
    bool row = false;
    UNIT_OK(sql_open(&sql, &s->source, query, &err), &err);
    while (sql_step(sql, &row, &err) && row) {
        for (size_t i = 0; i < sql_column_count(sql); i++) {
            struct sql_value value = sql_value(sql, i);
            text_add_string(out, i ? "," : "");
            if (value.kind == SQL_INTEGER)
                text_add_format(out, "%lld", (long long)value.integer);
            else if (value.kind == SQL_TEXT)
                text_add(out, value.text, value.size);
        }
        text_add_char(out, ';');
    }
    CU_ASSERT_EQUAL(err.kind, ERR_NONE);
    sql_close(sql);
}

static void test_types(void)
{
    struct small s;
    struct text out = TEXT_INIT;
    begin(&s);
    answer(&s, "SELECT type, module, count, bytes FROM types ORDER BY bytes DESC", &out);
    CU_ASSERT_STRING_EQUAL(text_string(&out), "app.Node,app,3,600;list,builtins,2,112;");
    text_clear(&out);
    answer(&s, "SELECT count(*) FROM types WHERE module = 'app'", &out);
    CU_ASSERT_STRING_EQUAL(text_string(&out), "1;");
    text_clear(&out);
    answer(&s, ".tables", &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&out), "objects;refs;types;"));
    text_fini(&out);
    end(&s);
}

static void test_meanings(void)
{
    struct small s;
    struct sql *sql = NULL;
    struct err err = ERR_INIT;
    begin(&s);
    UNIT_OK(sql_open(&sql, &s.source, "SELECT type, bytes, bytes + 1 AS more FROM types", &err),
            &err);
    CU_ASSERT_EQUAL(sql_column_count(sql), 3);
    CU_ASSERT_EQUAL(sql_column_meaning(sql, 0), SQL_NAME);
    CU_ASSERT_EQUAL(sql_column_meaning(sql, 1), SQL_BYTES);
    CU_ASSERT_EQUAL(sql_column_meaning(sql, 2), SQL_PLAIN);
    CU_ASSERT_STRING_EQUAL(sql_column_name(sql, 2), "more");
    sql_close(sql);
    end(&s);
}

// What cannot be answered is refused in a sentence.
static void test_refused(void)
{
    static const struct {
        const char *query;
        enum err_kind kind;
        const char *sentence; // begins so
    } rows[] = {
        { "", ERR_USAGE, "sql: no query" },
        { "SELECT 1; SELECT 2", ERR_USAGE, "sql: one query at a time, not also:" },
        { "DELETE FROM types", ERR_USAGE, "sql: " },
        { "ATTACH 'x' AS x", ERR_USAGE, "sql: only SELECT: a heap does not change" },
        { "SELECT * FROM absent", ERR_USAGE, "sql: no such table: absent" },
    };
    struct small s;
    begin(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sql *sql = NULL;
        struct err err = ERR_INIT;
        CU_ASSERT_FALSE_FATAL(sql_open(&sql, &s.source, rows[i].query, &err));
        CU_ASSERT_EQUAL(err.kind, rows[i].kind);
        if (strncmp(err.text, rows[i].sentence, strlen(rows[i].sentence))) {
            fprintf(stderr, "  %s\n", err.text);
            CU_FAIL("another sentence");
        }
    }
    end(&s);
}

// A column that its source cannot work out fails the query, with the source's own words.
static void test_source_fails(void)
{
    struct small s;
    struct sql *sql = NULL;
    struct err err = ERR_INIT;
    bool row = false;
    begin(&s);
    UNIT_OK(sql_open(&sql, &s.source, "SELECT type, garbage FROM types", &err), &err);
    CU_ASSERT_FALSE(sql_step(sql, &row, &err));
    CU_ASSERT_STRING_EQUAL(err.text, "no collection here");
    sql_close(sql);
    end(&s);
}

struct spilled {
    const struct sql *sql;
    uint64_t most;
};

static bool note_spilled(void *context, UNUSED const char *phase, UNUSED uint64_t done,
                         UNUSED uint64_t total)
{
    struct spilled *spilled = context;
    if (spilled->sql && spilled->sql->spill.bytes > spilled->most)
        spilled->most = spilled->sql->spill.bytes;
    return true;
}

// More rows than are sorted at a time: then they are merged one by one, and progress is asked between.
static void test_sorted_in_parts(void)
{
    static const char query[] =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
        "SELECT (i * 7919) % 200003, printf('%90d', i) FROM n ORDER BY 1";
    struct small s;
    struct spilled spilled = { 0 };
    struct err err = ERR_INIT;
    const struct progress progress = { note_spilled, &spilled };
    struct sql *sql = NULL;
    int64_t last = -1;
    size_t rows = 0, wrong = 0;
    bool row = true;
    begin(&s);
    s.source.progress = &progress;
    UNIT_OK(sql_open(&sql, &s.source, query, &err), &err);
    for (spilled.sql = sql; sql_step(sql, &row, &err) && row; rows++) {
        int64_t now = sql_value(sql, 0).integer;
        wrong += now <= last;
        last = now;
    }
    CU_ASSERT_EQUAL(err.kind, ERR_NONE);
    CU_ASSERT_EQUAL(rows, 200000);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(spilled.most > (UINT64_C(8) << 20));
    sql_close(sql);
    end(&s);
}

UNIT_SUITE(sql, { "more rows than are sorted at a time", test_sorted_in_parts },
           { "types are counted", test_types }, { "columns keep their meaning", test_meanings },
           { "what is no one SELECT is refused", test_refused },
           { "a source that fails fails the query", test_source_fails })
