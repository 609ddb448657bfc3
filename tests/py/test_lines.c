// SPDX-License-Identifier: GPL-3.0-or-later
// Line tables of one function, as CPython 3.8, 3.10 and 3.12 compiled it, beside what dis and
// co_lines() say of them.
//
//     2   def f(a,
//     3         b):
//     4       x = (a +
//     5            b)
//     6       try:
//     7           for i in range(3):
//     8               with open(i) as h:
//     9                   x += i
//    10       finally:
//    11           print(x,
//    12                 b)
//    18       return [y for y in
//    19               range(x)]
#include "py/runtime/frames.h"
#include "py/runtime/lines.h"
#include "unit.h"

#define FIRST 2
#define COUNT(array) (sizeof(array) / sizeof *(array))

// One expected line for each two bytes of code; 0: none.
static const uint8_t lnotab[] = {
    0, 2, 2, 1, 2, 255, 4, 2, 2, 1, 12, 1, 10, 1, 24, 2, 4, 1, 2, 255, 6, 7, 6, 1, 6, 255,
};
static const uint8_t lnotab_lines[] = {
    4, 5, 4, 4, 6, 7, 7,  7,  7,  7,  7,  8,  8,  8,  8,  8,  9,  9,  9,  9,  9,  9,
    9, 9, 9, 9, 9, 9, 11, 11, 12, 11, 11, 11, 18, 18, 18, 19, 19, 19, 18, 18, 18,
};

static const uint8_t linetable_310[] = {
    2, 2,   2, 1, 4, 255, 2,  2,   12, 1, 10, 1,   10, 1, 28, 255, 2, 128,
    2, 255, 4, 4, 2, 1,   10, 255, 2,  1, 6,  255, 6,  7, 6,  1,   6, 255,
};
static const uint8_t linetable_310_lines[] = {
    4,  5,  4,  4,  6,  7,  7,  7,  7,  7,  7,  8,  8,  8,  8,  8,  9,  9,  9,  9,
    9,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  0,  7,  11, 11, 12,
    11, 11, 11, 11, 11, 12, 11, 11, 11, 18, 18, 18, 19, 19, 19, 18, 18, 18,
};

static const uint8_t linetable_312[] = {
    128, 0,   224, 9,   10,  216, 9,   10, 241, 3,   1,   10,  11,  128, 65, 240, 4,   6,   5,
    17,  220, 17,  22,  144, 113, 147, 24, 242, 0,   2,   9,   23,  136, 65, 220, 17,  21,  144,
    97,  147, 23,  240, 0,   1,   13,  23, 152, 65,  216, 16,  17,  144, 81, 145, 6,   144, 1,
    247, 3,   1,   13,  23,  240, 0,   1,  13,  23,  241, 3,   2,   9,   23, 244, 8,   0,   9,
    14,  136, 97,  216, 14,  15,  244, 3,  1,   9,   17,  244, 16,  0,   13, 18,  144, 33,  139,
    72,  246, 3,   1,   12,  22,  144, 33, 138, 65,  242, 0,   1,   12,  22, 240, 0,   1,   5,
    22,  247, 21,  1,   13,  23,  240, 0,  1,   13,  23,  251, 244, 6,   0,  9,   14,  136, 97,
    216, 14,  15,  245, 3,   1,   9,   17, 252, 242, 14,  1,   12,  22,
};
static const uint8_t linetable_312_lines[] = {
    2,  4,  5,  4,  4,  4,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  8,  8,
    8,  8,  8,  8,  8,  8,  8,  8,  8,  9,  9,  9,  9,  9,  8,  8,  8,  8,  8,  8,  8,  8,  8,  7,
    7,  11, 11, 11, 11, 11, 11, 12, 11, 11, 11, 11, 11, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 18,
    18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 8,  8,  8,  8,  8,  8,  8,  8,  8,  0,
    0,  0,  0,  11, 11, 11, 11, 11, 11, 12, 11, 11, 11, 11, 11, 11, 0,  0,  0,  0,  0,  18, 18, 18,
};

static void test_lnotab(void)
{
    for (size_t i = 0; i < COUNT(lnotab_lines); i++)
        CU_ASSERT_EQUAL(lines_lnotab(lnotab, sizeof lnotab, FIRST, (int64_t)i * 2, true),
                        lnotab_lines[i]);
}

static void test_310(void)
{
    for (size_t i = 0; i < COUNT(linetable_310_lines); i++)
        CU_ASSERT_EQUAL(lines_310(linetable_310, sizeof linetable_310, FIRST, (int64_t)i * 2),
                        linetable_310_lines[i]);
}

static void test_311(void)
{
    for (size_t i = 0; i < COUNT(linetable_312_lines); i++)
        CU_ASSERT_EQUAL(lines_311(linetable_312, sizeof linetable_312, FIRST, (int64_t)i * 2),
                        linetable_312_lines[i]);
}

static void test_ends(void)
{
    CU_ASSERT_EQUAL(lines_lnotab(lnotab, 0, FIRST, 0, true), FIRST);
    CU_ASSERT_EQUAL(lines_310(linetable_310, 0, FIRST, 0), 0);
    CU_ASSERT_EQUAL(lines_311(linetable_312, 0, FIRST, 0), 0);
    CU_ASSERT_EQUAL(lines_310(linetable_310, sizeof linetable_310, FIRST, 100000), 0);
    CU_ASSERT_EQUAL(lines_311(linetable_312, sizeof linetable_312, FIRST, 100000), 0);
    // Up to 2.7 a delta had no sign: 255 leads 255 lines on.
    static const uint8_t far[] = { 4, 255, 2, 1 };
    CU_ASSERT_EQUAL(lines_lnotab(far, sizeof far, FIRST, 6, false), FIRST + 256);
    CU_ASSERT_EQUAL(lines_lnotab(far, sizeof far, FIRST, 6, true), FIRST);
}

// A table cut anywhere, or made of anything: an answer, and nothing read beyond its end.
static void test_garbage(void)
{
    uint8_t bytes[64];
    uint32_t state = 1;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
        size_t size = (state >> 8) % sizeof bytes;
        lines_lnotab(bytes, size, FIRST, round % 300, round & 1);
        lines_310(bytes, size, FIRST, round % 300);
        lines_311(bytes, size, FIRST, round % 300);
    }
    for (size_t size = 0; size < sizeof linetable_312; size++) {
        int32_t line = lines_311(linetable_312, size, FIRST, 4);
        CU_ASSERT(line == 0 || line == 5);
    }
}

// A free-threaded 3.14: the frame says which copy of the bytecode its thread runs.
static void test_thread_bytecode(void)
{
    enum { BASE = 0x10000, COPIES = 64, OWN = 0x20000, COPY = 0x30000 };
    uint64_t memory[16] = { 0 };
    memory[1] = BASE + COPIES; // the code object's co_tlbc
    memory[COPIES / 8] = 2;
    memory[COPIES / 8 + 1] = OWN;
    memory[COPIES / 8 + 2] = COPY;
    struct segment segment = {
        .start = BASE, .end = BASE + sizeof memory, .host = (const uint8_t *)memory, .module = -1
    };
    struct target target = { .segments = &segment, .segment_count = 1, .fd = -1 };
    static struct python py;
    py = (struct python){ .target = &target };
    layout_init(&py.layout);
    py.layout.free_threaded = true;
    py.layout.PyCodeObject_co_code_adaptive = 16;
    py.layout._PyCodeArray_size = 0;
    py.layout._PyCodeArray_entries = 8;
    py.layout._PyInterpreterFrame_tlbc_index = 4;
    uint32_t frame[2] = { 0xffffffff, 1 };
    rules_set(&py.rules, PYVER(3, 14, 7), &py.layout);
    CU_ASSERT_EQUAL(frame_bytecode(&py, BASE, (const uint8_t *)frame), 0); // no co_tlbc is known
    py.layout.PyCodeObject_co_tlbc = 8;
    CU_ASSERT_EQUAL(frame_bytecode(&py, BASE, (const uint8_t *)frame), COPY);
    frame[1] = 0;
    CU_ASSERT_EQUAL(frame_bytecode(&py, BASE, (const uint8_t *)frame), OWN);
    frame[1] = 2;
    CU_ASSERT_EQUAL(frame_bytecode(&py, BASE, (const uint8_t *)frame), 0);
    rules_set(&py.rules, PYVER(3, 13, 9), &py.layout); // has no copies
    CU_ASSERT_EQUAL(frame_bytecode(&py, BASE, (const uint8_t *)frame), BASE + 16);
}

UNIT_SUITE(lines, { "up to 3.9", test_lnotab }, { "3.10", test_310 }, { "3.11 on", test_311 },
           { "empty tables, and places behind their end", test_ends }, { "garbage", test_garbage },
           { "copies of the bytecode", test_thread_bytecode })
