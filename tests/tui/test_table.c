// SPDX-License-Identifier: GPL-3.0-or-later
// The table widget's rows: order, filter, cursor, search; without a terminal.
#include "tui/table.h"

#include <string.h>

#include "unit.h"

static const struct column columns[] = {
    { COL(name), 0, COLUMN_WIDE, NULL },
    { COL(count), 0, COLUMN_RIGHT, NULL },
    { COL(object), 0, COLUMN_JSON_ONLY, NULL }, // no text: there is no heap
    { .name = NULL },
};

static void add(struct table *table, const char *name, struct cell count)
{
    report_row(
        &table->report,
        (const struct cell[]){ cell_text(name), count, cell_object((node)table->report.row_count) },
        NULL);
}

static void fill(struct table *table)
{
    table_init(table, NULL);
    report_columns(&table->report, "test", columns);
    add(table, "b", cell_count(2));
    add(table, "a", cell_count(7));
    add(table, "d", cell_null());
    add(table, "c", cell_count(2));
    table_filled(table);
}

// The names in the order that is shown.
static const char *order(const struct table *table)
{
    static char names[32];
    size_t i = 0;
    for (; i < table->shown && i < sizeof names - 1; i++) {
        names[i] = table->report.cells[table_at(table, i) * 3].s[0];
    }
    names[i] = 0;
    return names;
}

static void test_sort(void)
{
    struct table table;
    struct err err = ERR_INIT;
    fill(&table);
    CU_ASSERT_STRING_EQUAL(order(&table), "badc");
    UNIT_OK(table_sort(&table, 1, false, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(order(&table), "bcad"); // equal ones keep their order, unknown is last
    UNIT_OK(table_sort(&table, 1, true, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(order(&table), "abcd");
    UNIT_OK(table_sort(&table, 0, true, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(order(&table), "dcba");
    UNIT_OK(table_sort(&table, -1, false, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(order(&table), "badc");
    CU_ASSERT_FALSE(table_sort(&table, 9, false, NULL, &err));
    table_fini(&table);
}

static void test_filter(void)
{
    struct table table;
    struct err err = ERR_INIT;
    fill(&table);
    table_to(&table, 3);
    UNIT_OK(table_filter(&table, "count=2", NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(order(&table), "bc");
    CU_ASSERT_EQUAL(table.cursor, 1); // still on c
    CU_ASSERT_EQUAL(table_hidden(&table), 2);
    UNIT_OK(table_sort(&table, 0, true, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(order(&table), "cb");
    CU_ASSERT_FALSE(table_filter(&table, "(", NULL, &err));
    CU_ASSERT_STRING_EQUAL(order(&table), "cb"); // what was there stays
    UNIT_OK(table_filter(&table, NULL, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(order(&table), "dcba");
    UNIT_OK(table_filter(&table, "=nobody", NULL, &err), &err);
    CU_ASSERT_EQUAL(table.shown, 0);
    CU_ASSERT_PTR_NULL(table_row(&table));
    table_move(&table, 5);
    CU_ASSERT_EQUAL(table.cursor, 0);
    table_fini(&table);
}

static void test_search(void)
{
    struct table table;
    struct err err = ERR_INIT;
    bool wrapped;
    fill(&table);
    UNIT_OK(table_search(&table, "^[cd]$", false, &wrapped, NULL, &err), &err);
    CU_ASSERT_EQUAL(table.cursor, 2);
    UNIT_OK(table_search(&table, "^[cd]$", false, &wrapped, NULL, &err), &err);
    CU_ASSERT_EQUAL(table.cursor, 3);
    CU_ASSERT_FALSE(wrapped);
    UNIT_OK(table_search(&table, "^b$", false, &wrapped, NULL, &err), &err);
    CU_ASSERT_EQUAL(table.cursor, 0);
    CU_ASSERT_TRUE(wrapped);
    UNIT_OK(table_search(&table, "^d$", true, &wrapped, NULL, &err), &err);
    CU_ASSERT_EQUAL(table.cursor, 2);
    CU_ASSERT_FALSE(table_search(&table, "nobody", false, &wrapped, NULL, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_NOT_FOUND);
    CU_ASSERT_EQUAL(table.cursor, 2);
    table_fini(&table);
}

static void test_object(void)
{
    struct table table;
    node n;
    fill(&table);
    CU_ASSERT_TRUE(table_object(&table, &n));
    CU_ASSERT_EQUAL(n, 0);
    table_move(&table, 2);
    CU_ASSERT_TRUE(table_object(&table, &n));
    CU_ASSERT_EQUAL(n, 2);
    table_move(&table, 100);
    CU_ASSERT_EQUAL(table.cursor, 3);
    table_move(&table, -100);
    CU_ASSERT_EQUAL(table.cursor, 0);
    CU_ASSERT_PTR_NOT_NULL(table_cell(&table, COL_count));
    CU_ASSERT_PTR_NULL(table_cell(&table, COL_size));
    table_fini(&table);
}

static bool stop(void *context, const char *phase, uint64_t done, uint64_t total)
{
    (void)phase, (void)total;
    return ++*(int *)context < 3 || !done;
}

static void test_million(void)
{
    enum { ROWS = 1000000 };
    struct table table;
    struct err err = ERR_INIT;
    table_init(&table, NULL);
    report_columns(&table.report, "test", columns);
    for (uint64_t i = 0; i < ROWS; i++) {
        add(&table, "x", cell_count(i * 7919 % ROWS));
    }
    table_filled(&table);
    UNIT_OK(table_sort(&table, 1, true, NULL, &err), &err);
    CU_ASSERT_EQUAL(table_row(&table)[1].u, ROWS - 1);
    UNIT_OK(table_filter(&table, "count 10..19", NULL, &err), &err);
    CU_ASSERT_FALSE(table_is_sifting(&table));
    CU_ASSERT_EQUAL(table.shown, 10);
    CU_ASSERT_EQUAL(table_row(&table)[1].u, 19);
    int calls = 0;
    struct progress progress = { stop, &calls };
    CU_ASSERT_FALSE(table_filter(&table, "count>5", &progress, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_CANCELLED);
    CU_ASSERT_EQUAL(table.shown, 10);
    CU_ASSERT_STRING_EQUAL(table.filter.line, "count 10..19");
    // As they came, the first rows are there at once, and what needs all waits for all.
    UNIT_OK(table_sort(&table, -1, false, NULL, &err), &err);
    UNIT_OK(table_filter(&table, "count>5", NULL, &err), &err);
    CU_ASSERT_TRUE(table_is_sifting(&table));
    CU_ASSERT(table.shown > 1000 && table.shown < ROWS / 100);
    table_sift(&table);
    CU_ASSERT(table.sifted < ROWS);
    calls = 0;
    CU_ASSERT_FALSE(table_complete(&table, &progress, &err));
    UNIT_OK(table_complete(&table, NULL, &err), &err);
    CU_ASSERT_EQUAL(table.shown, ROWS - 6);
    CU_ASSERT(table_row(&table)[1].u >= 10 && table_row(&table)[1].u < 20); // where it was
    table_to(&table, SIZE_MAX);
    UNIT_OK(table_filter(&table, NULL, NULL, &err), &err);
    CU_ASSERT_EQUAL(table.cursor, ROWS - 1);
    table_fini(&table);
}

UNIT_SUITE(table, { "sorts, stable, unknown last", test_sort },
           { "filters, and stays on its row", test_filter },
           { "searches around the end", test_search }, { "knows the object of a row", test_object },
           { "a million rows; cancelling leaves them as they were", test_million })
