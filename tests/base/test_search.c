// SPDX-License-Identifier: GPL-3.0-or-later
// Searching in sorted rows.
#include "unit.h"
#include "base/search.h"

static void test_search(void)
{
    static const struct {
        uint16_t other;
        uint32_t narrow;
        uint64_t wide;
    } rows[] = { { 9, 2, 5 }, { 8, 2, UINT64_C(1) << 40 }, { 7, 7, UINT64_MAX } };
    static const size_t stride = sizeof *rows;
    const size_t narrow = (size_t)((const char *)&rows->narrow - (const char *)rows);
    const size_t wide = (size_t)((const char *)&rows->wide - (const char *)rows);
    CU_ASSERT_EQUAL(search_u32(rows, 3, stride, narrow, 0), 0);
    CU_ASSERT_EQUAL(search_u32(rows, 3, stride, narrow, 2), 0); // the first of equal ones
    CU_ASSERT_EQUAL(search_u32(rows, 3, stride, narrow, 3), 2);
    CU_ASSERT_EQUAL(search_u32(rows, 3, stride, narrow, 8), 3);
    CU_ASSERT_EQUAL(search_u64(rows, 3, stride, wide, 6), 1);
    CU_ASSERT_EQUAL(search_u64(rows, 3, stride, wide, UINT64_MAX), 2);
    CU_ASSERT_EQUAL(search_u64(NULL, 0, stride, wide, 6), 0);
}

UNIT_SUITE(search, { "searching in sorted rows", test_search })
