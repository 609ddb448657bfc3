// SPDX-License-Identifier: GPL-3.0-or-later
// Counts over moments: what is said of them, and what is added up.
#include <string.h>

#include "heap/analysis/series.h"
#include "unit.h"

static void test_verdicts(void)
{
    static const struct {
        uint64_t counts[4];
        size_t moments;
        enum series_verdict verdict;
    } rows[] = {
        { { 5, 5, 5, 5 }, 4, SERIES_CONSTANT },
        { { 1, 2, 3, 4 }, 4, SERIES_GROWS },
        { { 4, 3, 2, 1 }, 4, SERIES_SHRINKS },
        { { 1, 1, 9, 9 }, 4, SERIES_GREW_ONCE },
        { { 9, 9, 1, 1 }, 4, SERIES_SHRANK_ONCE },
        { { 1, 2, 2, 3 }, 4, SERIES_UP },
        { { 3, 2, 2, 1 }, 4, SERIES_DOWN },
        { { 1, 3, 2, 4 }, 4, SERIES_SAW },
        { { 1, 2 }, 2, SERIES_GROWS },
        { { 7 }, 1, SERIES_CONSTANT },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_EQUAL(series_judge(rows[i].counts, rows[i].moments), rows[i].verdict);
}

static void test_rows(void)
{
    struct err err = ERR_INIT;
    struct series series;
    series_init(&series, 3);
    UNIT_OK(series_add(&series, "a", 0, 2, 20, 7, &err), &err); // not the last moment: no object
    UNIT_OK(series_add(&series, "b", 1, 5, 50, NODE_NONE, &err), &err);
    UNIT_OK(series_add(&series, "a", 2, 3, 30, 8, &err), &err);
    UNIT_OK(series_add(&series, "a", 2, 1, 10, NODE_NONE, &err), &err);
    CU_ASSERT_EQUAL_FATAL(series.count, 2);
    const struct series_row *a = &series.rows[0], *b = &series.rows[1];
    CU_ASSERT_STRING_EQUAL(a->name, "a");
    CU_ASSERT(a->counts[0] == 2 && a->counts[1] == 0 && a->counts[2] == 4);
    CU_ASSERT(a->first_bytes == 20 && a->last_bytes == 40);
    CU_ASSERT_EQUAL(a->object, 8);
    CU_ASSERT(b->counts[1] == 5 && !b->first_bytes && !b->last_bytes);
    CU_ASSERT_EQUAL(b->object, NODE_NONE);
    series_fini(&series);
}

static void test_hours(void)
{
    const int64_t good[] = { 1000, 1801000, 3601000 }, same[] = { 1000, 1000 },
                  unknown[] = { 0, 3600000 };
    CU_ASSERT_DOUBLE_EQUAL(series_hours(good, 3), 1.0, 1e-9);
    CU_ASSERT_EQUAL(series_hours(same, 2), 0);
    CU_ASSERT_EQUAL(series_hours(unknown, 2), 0);
    CU_ASSERT_EQUAL(series_hours(NULL, 0), 0);
}

static void test_limits(void)
{
    double hours;
    CU_ASSERT_EQUAL(series_reaches(100, 50, 10, true, &hours), REACH_COMES);
    CU_ASSERT_DOUBLE_EQUAL(hours, 5, 1e-9);
    CU_ASSERT_EQUAL(series_reaches(100, 100, 10, true, &hours), REACH_PASSED);
    CU_ASSERT_EQUAL(hours, 0);
    CU_ASSERT_EQUAL(series_reaches(100, 50, 0, true, &hours), REACH_NEVER);
    CU_ASSERT_EQUAL(series_reaches(100, 50, -1, true, &hours), REACH_NEVER);
    CU_ASSERT_EQUAL(series_reaches(UINT64_MAX, 0, 1, true, &hours), REACH_NEVER); // too far away
    CU_ASSERT_EQUAL(series_reaches(100, 50, 10, false, &hours), REACH_UNKNOWN);
}

UNIT_SUITE(series, { "how counts change", test_verdicts },
           { "counts of a name are added up by moment", test_rows },
           { "hours, where times ascend", test_hours }, { "when a limit is reached", test_limits })
