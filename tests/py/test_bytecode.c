// SPDX-License-Identifier: GPL-3.0-or-later
// One function as three versions compile it:
//
//      def f(self, x):
//          self.todo.append(x)
//          for y in x:
//              LOG[y] = 1
//          self.n += 1
#include <string.h>

#include "py/runtime/bytecode.h"
#include "unit.h"

struct expected {
    enum bytecode_what what;
    uint64_t offset;
    uint32_t number;
};

#define MANY 64

static const struct bytecode_table *table_of(uint32_t version)
{
    const struct bytecode_table *table = bytecode_tables;
    while (table->version && table->version >> 16 != version >> 16)
        table++;
    return table;
}

// What anybody asks about: instructions that only move the stack are left out.
static size_t read_all(uint32_t version, const uint8_t *bytes, size_t size, struct expected *told)
{
    static struct python py;
    py = (struct python){ .version = version };
    rules_set(&py.rules, version, &py.layout);
    struct bytecode bytecode = {
        .py = &py, .table = table_of(version), .bytes = bytes, .size = size, .local_count = 3
    };
    struct instruction now;
    size_t count = 0;
    CU_ASSERT_EQUAL_FATAL(bytecode.table->version >> 16, version >> 16);
    while (count < MANY && bytecode_next(&bytecode, &now)) {
        bool is_told = now.what == BYTECODE_LOAD_ATTR || now.what == BYTECODE_LOAD_METHOD
                       || now.what == BYTECODE_CALL || now.what == BYTECODE_STORE_ITEM
                       || now.what == BYTECODE_LOAD_GLOBAL || now.what == BYTECODE_IN_PLACE
                       || now.what == BYTECODE_STORE_ATTR || now.what == BYTECODE_JUMP
                       || now.what == BYTECODE_JUMP_BACK || now.what == BYTECODE_RETURN;
        if (is_told)
            told[count++] = (struct expected){ now.what, now.offset, now.number };
    }
    return count;
}

static void check(uint32_t version, const uint8_t *bytes, size_t size,
                  const struct expected *expected, size_t count)
{
    struct expected told[MANY];
    size_t found = read_all(version, bytes, size, told);
    CU_ASSERT_EQUAL(found, count);
    for (size_t i = 0; i < found && i < count; i++) {
        CU_ASSERT_EQUAL(told[i].what, expected[i].what);
        CU_ASSERT_EQUAL(told[i].offset, expected[i].offset);
        CU_ASSERT_EQUAL(told[i].number, expected[i].number);
    }
}

static const uint8_t bytes_2_7[] = {
    124, 0,   0,  106, 0, 0,   106, 1, 0,   124, 1, 0,   131, 1,  0,   1, 120, 24, 0,   124, 1,
    0,   68,  93, 16,  0, 125, 2,   0, 100, 1,   0, 116, 2,   0,  124, 2, 0,   60, 113, 23,  0,
    87,  124, 0,  0,   4, 106, 3,   0, 100, 1,   0, 55,  2,   95, 3,   0, 100, 0,  0,   83,
};

static void test_2_7(void)
{
    const struct expected expected[] = {
        { BYTECODE_LOAD_ATTR, 3, 0 },   { BYTECODE_LOAD_ATTR, 6, 1 },
        { BYTECODE_CALL, 12, 1 },       { BYTECODE_LOAD_GLOBAL, 32, 2 },
        { BYTECODE_STORE_ITEM, 38, 0 }, { BYTECODE_JUMP, 39, 23 },
        { BYTECODE_LOAD_ATTR, 47, 3 },  { BYTECODE_IN_PLACE, 53, 0 },
        { BYTECODE_STORE_ATTR, 55, 3 }, { BYTECODE_RETURN, 61, 0 },
    };
    check(PYMINOR(2, 7), bytes_2_7, sizeof bytes_2_7, expected, sizeof expected / sizeof *expected);
}

static const uint8_t bytes_3_8[] = {
    124, 0, 106, 0, 160, 1,  124, 1, 161, 1, 1,   0, 124, 1, 68, 0, 93, 12, 125, 2, 100, 1, 116, 2,
    124, 2, 60,  0, 113, 16, 124, 0, 4,   0, 106, 3, 100, 1, 55, 0, 2,  0,  95,  3, 100, 0, 83,  0,
};

static void test_3_8(void)
{
    const struct expected expected[] = {
        { BYTECODE_LOAD_ATTR, 2, 0 },   { BYTECODE_LOAD_METHOD, 4, 1 },
        { BYTECODE_CALL, 8, 1 },        { BYTECODE_LOAD_GLOBAL, 22, 2 },
        { BYTECODE_STORE_ITEM, 26, 0 }, { BYTECODE_JUMP, 28, 16 },
        { BYTECODE_LOAD_ATTR, 34, 3 },  { BYTECODE_IN_PLACE, 38, 0 },
        { BYTECODE_STORE_ATTR, 42, 3 }, { BYTECODE_RETURN, 46, 0 },
    };
    check(PYMINOR(3, 8), bytes_3_8, sizeof bytes_3_8, expected, sizeof expected / sizeof *expected);
}

// With caches between the instructions; PRECALL says nothing.
static const uint8_t bytes_3_11[] = {
    151, 0, 124, 0, 106, 0,  0,   0, 0,  0, 0,   0,  0,   0, 160, 1, 0,   0, 0,   0, 0,   0, 0,  0,
    0,   0, 0,   0, 0,   0,  0,   0, 0,  0, 0,   0,  124, 1, 166, 1, 0,   0, 171, 1, 0,   0, 0,  0,
    0,   0, 0,   0, 1,   0,  124, 1, 68, 0, 93,  12, 125, 2, 100, 1, 116, 4, 0,   0, 0,   0, 0,  0,
    0,   0, 0,   0, 124, 2,  60,  0, 0,  0, 140, 13, 124, 0, 120, 1, 106, 3, 0,   0, 0,   0, 0,  0,
    0,   0, 100, 1, 122, 13, 0,   0, 99, 2, 95,  3,  0,   0, 0,   0, 0,   0, 0,   0, 100, 0, 83, 0,
};

static void test_3_11(void)
{
    const struct expected expected[] = {
        { BYTECODE_LOAD_ATTR, 4, 0 },    { BYTECODE_LOAD_METHOD, 14, 1 },
        { BYTECODE_CALL, 42, 1 },        { BYTECODE_LOAD_GLOBAL, 64, 2 },
        { BYTECODE_STORE_ITEM, 78, 0 },  { BYTECODE_JUMP_BACK, 82, 58 },
        { BYTECODE_LOAD_ATTR, 88, 3 },   { BYTECODE_IN_PLACE, 100, 13 },
        { BYTECODE_STORE_ATTR, 106, 3 }, { BYTECODE_RETURN, 118, 0 },
    };
    check(PYMINOR(3, 11), bytes_3_11, sizeof bytes_3_11, expected,
          sizeof expected / sizeof *expected);
}

// EXTENDED_ARG 1, LOAD_GLOBAL 5: number 261 up to 3.10; from 3.11 on its lowest bit is a flag.
static void test_extended(void)
{
    const uint8_t bytes[] = { 144, 1, 116, 5, 83, 0 };
    struct expected told[MANY];
    CU_ASSERT_EQUAL(read_all(PYMINOR(3, 8), bytes, sizeof bytes, told), 2);
    CU_ASSERT_EQUAL(told[0].number, 261);
    CU_ASSERT_EQUAL(told[0].offset, 2);
    CU_ASSERT_EQUAL(read_all(PYMINOR(3, 11), bytes, 4, told), 1);
    CU_ASSERT_EQUAL(told[0].number, 130);
}

// An instruction that is cut off is none, and caches may reach beyond the end.
static void test_cut(void)
{
    struct expected told[MANY];
    CU_ASSERT_EQUAL(read_all(PYMINOR(2, 7), bytes_2_7, 5, told), 0);
    CU_ASSERT_EQUAL(read_all(PYMINOR(3, 8), bytes_3_8, 3, told), 0);
    CU_ASSERT_EQUAL(read_all(PYMINOR(3, 11), bytes_3_11, 6, told), 1);
    CU_ASSERT_EQUAL(read_all(PYMINOR(3, 11), bytes_3_11, 0, told), 0);
}

UNIT_SUITE(bytecode, { "2.7: one byte or three", test_2_7 }, { "3.8: two bytes", test_3_8 },
           { "3.11: caches", test_3_11 }, { "large numbers", test_extended },
           { "cut off", test_cut })
