// SPDX-License-Identifier: GPL-3.0-or-later
// Maps: numbers and names to numbers.
#include "unit.h"

#include <string.h>

#include "base/err.h"
#include "base/map.h"
#include "base/names.h"

static void test_map(void)
{
    struct map map = MAP_INIT;
    CU_ASSERT_EQUAL(map_get(&map, 0), MAP_NONE);
    CU_ASSERT_TRUE(map_put(&map, 0, 7, NULL));
    CU_ASSERT_TRUE(map_put(&map, UINT64_MAX, 8, NULL));
    CU_ASSERT_EQUAL(map_get(&map, 0), 7);
    CU_ASSERT_EQUAL(map_get(&map, UINT64_MAX), 8);
    CU_ASSERT_EQUAL(map_get(&map, 1), MAP_NONE);
    CU_ASSERT_TRUE(map_put(&map, 0, 9, NULL));
    CU_ASSERT_EQUAL(map_get(&map, 0), 9);
    CU_ASSERT_EQUAL(map.count, 2);
    map_fini(&map);
    CU_ASSERT_EQUAL(map_get(&map, 0), MAP_NONE);
}

// Addresses as a heap has them: sixteen bytes apart, a page apart, far apart.
static void check_many(uint64_t step)
{
    enum { N = 20000 };
    struct map map = MAP_INIT;
    size_t wrong = 0;
    for (uint32_t i = 0; i < N; i++)
        wrong += !map_put(&map, UINT64_C(0x7f0000000000) + i * step, i, NULL);
    for (uint32_t i = 0; i < N; i++) {
        wrong += map_get(&map, UINT64_C(0x7f0000000000) + i * step) != i;
        wrong += map_get(&map, UINT64_C(0x7f0000000000) + i * step + 1) != MAP_NONE;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(map.count, N);
    map_fini(&map);
}

static void test_many(void)
{
    check_many(16);
    check_many(4096);
    check_many(UINT64_C(1) << 32);
}

static void test_reserve(void)
{
    struct err err = ERR_INIT;
    struct map map = MAP_INIT;
    UNIT_OK(map_reserve(&map, 1000, &err), &err);
    size_t slots = map.slots;
    for (uint32_t i = 0; i < 1000; i++)
        map_put(&map, i, i, NULL);
    CU_ASSERT_EQUAL(map.slots, slots);
    CU_ASSERT_FALSE(map_reserve(&map, SIZE_MAX / 2, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_MEMORY);
    CU_ASSERT_EQUAL(map_get(&map, 999), 999);
    map_fini(&map);
}

static void test_names(void)
{
    struct names names = NAMES_INIT;
    CU_ASSERT_EQUAL(names_get(&names, "x", 1), NAMES_NONE);
    uint32_t value;
    const char *kept;
    char word[] = "list";
    CU_ASSERT_TRUE(names_intern(&names, word, 4, &value, &kept, NULL));
    CU_ASSERT_EQUAL(value, 0);
    word[0] = 'm'; // the names keep their own copy
    CU_ASSERT_STRING_EQUAL(kept, "list");
    CU_ASSERT_TRUE(names_intern(&names, "list of", 7, &value, NULL, NULL));
    CU_ASSERT_EQUAL(value, 1);
    CU_ASSERT_TRUE(names_intern(&names, "list", 4, &value, NULL, NULL));
    CU_ASSERT_EQUAL(value, 0);
    CU_ASSERT_TRUE(names_put(&names, "", 0, 41, NULL));
    CU_ASSERT_EQUAL(names_get(&names, "", 0), 41);
    CU_ASSERT_TRUE(names_put(&names, "a\0b", 3, 42, NULL));
    CU_ASSERT_EQUAL(names_get(&names, "a", 1), NAMES_NONE);
    CU_ASSERT_EQUAL(names_get(&names, "a\0b", 3), 42);
    names_fini(&names);
}

static void test_many_names(void)
{
    struct names names = NAMES_INIT;
    size_t wrong = 0;
    char word[32];
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t value;
        int size = snprintf(word, sizeof word, "module%u.Class%u", i % 50, i);
        wrong += !names_intern(&names, word, (size_t)size, &value, NULL, NULL) || value != i;
    }
    for (uint32_t i = 0; i < 5000; i++) {
        int size = snprintf(word, sizeof word, "module%u.Class%u", i % 50, i);
        wrong += names_get(&names, word, (size_t)size) != i;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    names_fini(&names);
}

UNIT_SUITE(map, { "puts, replaces, misses", test_map },
           { "addresses at several strides", test_many },
           { "reserves, refuses the absurd", test_reserve }, { "names", test_names },
           { "many names", test_many_names })
