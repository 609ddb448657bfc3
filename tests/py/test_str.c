// SPDX-License-Identifier: GPL-3.0-or-later
// The bit-fields of a str's state: PyASCIIObject as three builds have it, with the bytes of "ab",
// of U+20AC and of an instance of a subclass of str.
#include "py/load.h"
#include "py/objects/str.h"
#include "unit.h"

static void gil_bits(struct layout *l, int32_t at)
{
    layout_init(l);
    l->PyASCIIObject_state_kind = l->PyASCIIObject_state_compact = l->PyASCIIObject_state_ascii =
        at;
    l->bits_PyASCIIObject_state_kind = LAYOUT_BITS(2, 3);
    l->bits_PyASCIIObject_state_compact = LAYOUT_BITS(5, 1);
    l->bits_PyASCIIObject_state_ascii = LAYOUT_BITS(6, 1);
}

static void test_one_word(void)
{
    static struct python py;
    gil_bits(&py.layout, 0);
    const uint8_t ascii[4] = { 0xe5 }, euro[4] = { 0x28 }, subclass[4] = { 0x44 };
    struct str_state s = str_state(&py, ascii);
    CU_ASSERT(s.kind == 1 && s.compact && s.ascii && s.ready);
    s = str_state(&py, euro);
    CU_ASSERT(s.kind == 2 && s.compact && !s.ascii);
    s = str_state(&py, subclass);
    CU_ASSERT(s.kind == 1 && !s.compact && s.ascii);
}

// Up to 3.11 a str may not be ready yet.
static void test_ready(void)
{
    static struct python py;
    gil_bits(&py.layout, 0);
    py.layout.PyASCIIObject_wstr = 40;
    py.layout.PyASCIIObject_state_ready = 0;
    py.layout.bits_PyASCIIObject_state_ready = LAYOUT_BITS(7, 1);
    const uint8_t ready[4] = { 0xe5 }, not_yet[4] = { 0x00 };
    CU_ASSERT_TRUE(str_state(&py, ready).ready);
    CU_ASSERT_FALSE(str_state(&py, not_yet).ready);
}

// Free-threaded 3.14 has `interned` in a byte of its own, and the rest in the next.
static void test_free_threaded_314(void)
{
    static struct python py;
    struct layout *l = &py.layout;
    layout_init(l);
    l->PyASCIIObject_state_kind = l->PyASCIIObject_state_compact = l->PyASCIIObject_state_ascii = 1;
    l->bits_PyASCIIObject_state_kind = LAYOUT_BITS(0, 3);
    l->bits_PyASCIIObject_state_compact = LAYOUT_BITS(3, 1);
    l->bits_PyASCIIObject_state_ascii = LAYOUT_BITS(4, 1);
    const uint8_t interned[4] = { 3, 0x39 }, euro[4] = { 0, 0x0a };
    struct str_state s = str_state(&py, interned);
    CU_ASSERT(s.kind == 1 && s.compact && s.ascii && s.ready);
    s = str_state(&py, euro);
    CU_ASSERT(s.kind == 2 && s.compact && !s.ascii);
}

static void test_bits_across_bytes(void)
{
    const uint8_t bytes[9] = { 0xff, 0x80, 0x01, 0, 0, 0, 0, 0, 0x80 };
    CU_ASSERT_EQUAL(load_bits(bytes, 1, LAYOUT_BITS(7, 2)), 3);
    CU_ASSERT_EQUAL(load_bits(bytes, 0, LAYOUT_BITS(0, 16)), 0x80ff);
    CU_ASSERT_EQUAL(load_bits(bytes, 1, LAYOUT_BITS(0, 64)), 0x8000000000000180);
    CU_ASSERT_EQUAL(load_bits(bytes, LAYOUT_NONE, LAYOUT_BITS(0, 8)), 0);
    CU_ASSERT_EQUAL(load_bits(bytes, 0, LAYOUT_NONE), 0);
}

UNIT_SUITE(str, { "one word of bit-fields", test_one_word }, { "strings up to 3.11", test_ready },
           { "free-threaded 3.14", test_free_threaded_314 },
           { "bits across bytes", test_bits_across_bytes })
