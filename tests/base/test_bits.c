// SPDX-License-Identifier: GPL-3.0-or-later
// Sets of bits: members, order, ranks; and searching in sorted rows.
#include "unit.h"

#include "base/bits.h"
#include "base/err.h"
#include "base/search.h"

static void test_members(void)
{
    struct err err = ERR_INIT;
    struct bits set;
    UNIT_OK(bits_init(&set, 130, &err), &err);
    CU_ASSERT_EQUAL(bits_count(&set), 0);
    CU_ASSERT_EQUAL(bits_next(&set, 0), 130);
    bits_set(&set, 0);
    bits_set(&set, 64);
    bits_set(&set, 129);
    CU_ASSERT_TRUE(bits_test(&set, 64));
    CU_ASSERT_FALSE(bits_test(&set, 63));
    CU_ASSERT_TRUE(bits_test_and_set(&set, 129));
    CU_ASSERT_FALSE(bits_test_and_set(&set, 128));
    CU_ASSERT_EQUAL(bits_count(&set), 4);
    bits_clear(&set, 128);
    CU_ASSERT_EQUAL(bits_next(&set, 1), 64);
    CU_ASSERT_EQUAL(bits_next(&set, 64), 64);
    CU_ASSERT_EQUAL(bits_next(&set, 65), 129);
    CU_ASSERT_EQUAL(bits_next(&set, 130), 130);
    CU_ASSERT_EQUAL(bits_previous(&set, 128), 64);
    CU_ASSERT_EQUAL(bits_previous(&set, 63), 0);
    CU_ASSERT_EQUAL(bits_previous(&set, 4000), 129);
    bits_clear(&set, 0);
    CU_ASSERT_EQUAL(bits_previous(&set, 63), 130);
    bits_fini(&set);
}

static void test_all(void)
{
    struct bits set;
    CU_ASSERT_TRUE_FATAL(bits_init(&set, 70, NULL));
    bits_set_all(&set);
    CU_ASSERT_EQUAL(bits_count(&set), 70);
    CU_ASSERT_EQUAL(bits_next(&set, 69), 69);
    bits_clear_all(&set);
    CU_ASSERT_EQUAL(bits_count(&set), 0);
    bits_fini(&set);
    CU_ASSERT_TRUE_FATAL(bits_init(&set, 0, NULL));
    bits_set_all(&set);
    CU_ASSERT_EQUAL(bits_next(&set, 0), 0);
    CU_ASSERT_EQUAL(bits_previous(&set, 0), 0);
    bits_fini(&set);
}

// Every third bit of a set that ends inside a run, at its end, and one word before.
static void check_ranks(size_t size)
{
    struct bits set;
    CU_ASSERT_TRUE_FATAL(bits_init(&set, size, NULL));
    for (size_t i = 0; i < size; i += 3)
        bits_set(&set, i);
    CU_ASSERT_TRUE_FATAL(bits_rank_build(&set, NULL));
    size_t wrong = 0;
    for (size_t i = 0; i <= size; i++)
        wrong += bits_rank(&set, i) != (i + 2) / 3;
    CU_ASSERT_EQUAL(wrong, 0);
    bits_fini(&set);
}

static void test_ranks(void)
{
    check_ranks(1);
    check_ranks(511);
    check_ranks(512);
    check_ranks(513);
    check_ranks(960);
    check_ranks(1024);
    check_ranks(5000);
}

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

UNIT_SUITE(bits, { "searching in sorted rows", test_search },
           { "members, next and previous", test_members }, { "all and none", test_all },
           { "ranks at the edges of runs", test_ranks })
