// SPDX-License-Identifier: GPL-3.0-or-later
// The filter's language, on literal rows.
#include "tui/filter.h"

#include <string.h>

#include "unit.h"

static const struct column columns[] = {
    { COL(type), 0, COLUMN_WIDE, NULL },
    { COL(count), 0, COLUMN_RIGHT, NULL },
    { COL(bytes), 0, COLUMN_RIGHT | COLUMN_HUMAN, NULL },
    { COL(gen0), 0, COLUMN_RIGHT, NULL },
    { .name = NULL },
};

static const struct cell rows[][4] = {
    { { .kind = CELL_TEXT, .s = "dict" },
      { .kind = CELL_COUNT, .u = 10 },
      { .kind = CELL_BYTES, .u = 2 << 20 },
      { .kind = CELL_COUNT, .u = 3 } },
    { { .kind = CELL_TEXT, .s = "app.Cache" },
      { .kind = CELL_COUNT, .u = 500 },
      { .kind = CELL_BYTES, .u = 1536 },
      { .kind = CELL_COUNT, .u = 0 } },
    { { .kind = CELL_TEXT, .s = "collections.deque" },
      { .kind = CELL_COUNT, .u = 20 },
      { .kind = CELL_NULL, .u = 0 },
      { .kind = CELL_INT, .i = -1 } },
};

// Which rows a line lets through, as bits; 99: the line was refused.
static unsigned kept(const char *line, int current)
{
    struct report report;
    struct filter filter;
    struct text scratch = TEXT_INIT;
    struct err err = ERR_INIT;
    unsigned bits = 0;
    report_init(&report, NULL, &report_store, NULL);
    report_columns(&report, "test", columns);
    if (!filter_parse(&filter, line, columns, 4, current, &err)) {
        report_fini(&report);
        return err.text[0] ? 99 : 98;
    }
    for (unsigned i = 0; i < 3; i++) {
        bits |= filter_holds(&filter, &report, rows[i], &scratch) ? 1u << i : 0;
    }
    filter_fini(&filter);
    text_fini(&scratch);
    report_fini(&report);
    return bits;
}

static void test_numbers(void)
{
    CU_ASSERT_EQUAL(kept(">1M", -1), 1);
    CU_ASSERT_EQUAL(kept("<2K", -1), 2);
    CU_ASSERT_EQUAL(kept("bytes>=1536", -1), 3);
    CU_ASSERT_EQUAL(kept("bytes > 1536", -1), 1);
    CU_ASSERT_EQUAL(kept("1.5K..1.5K", -1), 2);
    CU_ASSERT_EQUAL(kept("10..20", -1), 5);
    CU_ASSERT_EQUAL(kept(">10", -1), 6);
    CU_ASSERT_EQUAL(kept(">=10", -1), 7);
    CU_ASSERT_EQUAL(kept("<0x14", -1), 1);
    CU_ASSERT_EQUAL(kept("2MiB..3M", -1), 1);
}

static void test_columns(void)
{
    CU_ASSERT_EQUAL(kept("gen0 0..3", -1), 3);
    CU_ASSERT_EQUAL(kept("gen0<0", -1), 4);
    CU_ASSERT_EQUAL(kept("gen0>=-1", -1), 7);
    CU_ASSERT_EQUAL(kept(">2", 3), 1); // the column that the table is sorted by
    CU_ASSERT_EQUAL(kept(">2", 0), 7); // which holds no numbers: the first one that does
    CU_ASSERT_EQUAL(kept("count=500", -1), 2);
    CU_ASSERT_EQUAL(kept("type=dict", -1), 1);
    CU_ASSERT_EQUAL(kept("TYPE=dict", -1), 1);
    CU_ASSERT_EQUAL(kept("type~^app", -1), 2);
}

static void test_text(void)
{
    CU_ASSERT_EQUAL(kept("=dict", -1), 1);
    CU_ASSERT_EQUAL(kept("=dic", -1), 0);
    CU_ASSERT_EQUAL(kept("cache", -1), 2); // no capitals: any case
    CU_ASSERT_EQUAL(kept("CACHE", -1), 0);
    CU_ASSERT_EQUAL(kept("c.*e$", -1), 6);
    CU_ASSERT_EQUAL(kept("!cache", -1), 5);
    CU_ASSERT_EQUAL(kept("!type=dict & !cache", -1), 4);
    CU_ASSERT_EQUAL(kept("count>5 & bytes<1M & cache", -1), 2);
}

static void test_refused(void)
{
    CU_ASSERT_EQUAL(kept("(", -1), 99);
    CU_ASSERT_EQUAL(kept("", -1), 99);
    CU_ASSERT_EQUAL(kept(">", -1), 99);
    CU_ASSERT_EQUAL(kept("count > many", -1), 99);
    CU_ASSERT_EQUAL(kept("a & b & c & d & e & f & g & h & i", -1), 99);
}

UNIT_SUITE(filter, { "numbers, units, ranges", test_numbers },
           { "the column that is meant", test_columns },
           { "text and regular expressions", test_text },
           { "what is no filter gets a sentence", test_refused })
