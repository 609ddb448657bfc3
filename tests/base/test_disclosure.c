// SPDX-License-Identifier: GPL-3.0-or-later
// What passes where only the shape of a target may be shown.
#include <string.h>

#include "base/disclosure.h"
#include "unit.h"

static void test_texts(void)
{
    CU_ASSERT_STRING_EQUAL(disclose_text(DISCLOSE_ALL, "hush"), "hush");
    CU_ASSERT_PTR_NULL(disclose_text(DISCLOSE_SHAPE, "hush"));
    CU_ASSERT_PTR_NULL(disclose_text(DISCLOSE_ALL, NULL));
    CU_ASSERT(discloses_values(DISCLOSE_ALL) && !discloses_values(DISCLOSE_SHAPE));
    CU_ASSERT_EQUAL(DISCLOSE_ALL, 0); // what nobody asked about
}

static void test_paths(void)
{
    CU_ASSERT_STRING_EQUAL(disclose_path(DISCLOSE_ALL, "/home/hush/a.so"), "/home/hush/a.so");
    CU_ASSERT_STRING_EQUAL(disclose_path(DISCLOSE_SHAPE, "/home/hush/a.so"), "a.so");
    CU_ASSERT_STRING_EQUAL(disclose_path(DISCLOSE_SHAPE, "a.so"), "a.so");
    CU_ASSERT_STRING_EQUAL(disclose_path(DISCLOSE_SHAPE, "/home/hush/"), "");
    CU_ASSERT_PTR_NULL(disclose_path(DISCLOSE_SHAPE, NULL));
}

static void test_paths_within(void)
{
    char whole[] = "DWARF of /home/hush/a.so", none[] = "offsets", kept[] = "of /home/hush/a.so";
    disclose_path_within(DISCLOSE_SHAPE, whole);
    disclose_path_within(DISCLOSE_SHAPE, none);
    disclose_path_within(DISCLOSE_ALL, kept);
    CU_ASSERT_STRING_EQUAL(whole, "DWARF of a.so");
    CU_ASSERT_STRING_EQUAL(none, "offsets");
    CU_ASSERT_STRING_EQUAL(kept, "of /home/hush/a.so");
}

UNIT_SUITE(disclosure, { "no text passes", test_texts },
           { "of a path the last part passes", test_paths },
           { "of a sentence with a path all but the folders", test_paths_within })
