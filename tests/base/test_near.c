// SPDX-License-Identifier: GPL-3.0-or-later
// Words that are near to what was typed.
#include <string.h>

#include "base/near.h"
#include "unit.h"

static size_t test_near_of(const char *a, const char *b)
{
    return near_distance(a, strlen(a), b, strlen(b));
}

static void test_near_distances(void)
{
    CU_ASSERT_EQUAL(test_near_of("", ""), 0);
    CU_ASSERT_EQUAL(test_near_of("", "abc"), 3);
    CU_ASSERT_EQUAL(test_near_of("types", "types"), 0);
    CU_ASSERT_EQUAL(test_near_of("tyeps", "types"), 1); // neighbors swapped
    CU_ASSERT_EQUAL(test_near_of("findngs", "findings"), 1);
    CU_ASSERT_EQUAL(test_near_of("kitten", "sitting"), 3);
    CU_ASSERT_EQUAL(test_near_of("0123456789012345678901234567890123456789x", "x"), NEAR_MOST + 1);
}

static const char *test_near_meant(const char *typed)
{
    static const char *const words[] = { "type", "types", "size", "sql", "retained" };
    struct near near = near_begin(typed, strlen(typed));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        near_look(&near, words[i]);
    near_look(&near, NULL);
    return near.best ? near.best : "";
}

static void test_near_words(void)
{
    CU_ASSERT_STRING_EQUAL(test_near_meant("tyeps"), "types");
    CU_ASSERT_STRING_EQUAL(test_near_meant("tpe"), "type");
    CU_ASSERT_STRING_EQUAL(test_near_meant("siez"), "size");
    CU_ASSERT_STRING_EQUAL(test_near_meant("retaind"), "retained");
    CU_ASSERT_STRING_EQUAL(test_near_meant("x"), ""); // not everything is near to a short word
    CU_ASSERT_STRING_EQUAL(test_near_meant("sq"), "");
    CU_ASSERT_STRING_EQUAL(test_near_meant("nothing"), "");
}

UNIT_SUITE(near, { "distances", test_near_distances },
           { "the word that was meant", test_near_words })
