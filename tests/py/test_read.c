// SPDX-License-Identifier: GPL-3.0-or-later
// Members by their names: the types of the rows, and what a build lacks.
#include "py/read.h"
#include "unit.h"

static struct python *py_of(void)
{
    static struct python py;
    layout_init(&py.layout);
    py.layout.PyFrameObject_f_stackdepth = 0;
    py.layout.PyCodeObject_co_nlocals = 4;
    py.layout.PyGenObject_gi_frame_state = 8;
    py.layout.PyListObject_ob_item = 16;
    return &py;
}

static const uint8_t members[24] = { 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0,
                                     0xfe, 0x55, 0x55, 0x55, 0, 0, 0, 0,
                                     2,    0x40, 0x60, 0x80, 0, 0, 0, 0x7f };

static void test_types(void)
{
    const struct python *py = py_of();
    CU_ASSERT_EQUAL(LOAD(py, members, PyFrameObject_f_stackdepth), -1);
    CU_ASSERT_EQUAL(LOAD(py, members, PyCodeObject_co_nlocals), 1);
    CU_ASSERT_EQUAL(LOAD(py, members, PyGenObject_gi_frame_state), -2);
    CU_ASSERT_EQUAL(LOAD(py, members, PyListObject_ob_item), 0x7f00000080604002);
    CU_ASSERT_EQUAL(sizeof LOAD(py, members, PyGenObject_gi_frame_state), 1);
}

static void test_lacking(void)
{
    const struct python *py = py_of();
    CU_ASSERT_EQUAL(LOAD(py, members, PyDictObject_ma_keys), 0);
    CU_ASSERT_EQUAL(READ(py, 4096, PyDictObject_ma_keys), 0);
    CU_ASSERT_EQUAL(INSIDE(py, 4096, PyGenObject_gi_iframe), 0);
    CU_ASSERT_EQUAL(INSIDE(py, 4096, PyListObject_ob_item), 4112);
    CU_ASSERT_EQUAL(INSIDE(py, 0, PyListObject_ob_item), 0);
    CU_ASSERT_EQUAL(load64(SLOT(py, members, PyDictObject_ma_keys)), 0);
    CU_ASSERT_EQUAL(SIZE(py, PyDictObject), 0);
    CU_ASSERT_EQUAL(LOAD_EITHER(py, members, PyDictObject_ma_keys, PyListObject_ob_item),
                    0x7f00000080604002);
}

UNIT_SUITE(read, { "types of members", test_types }, { "members that are not there", test_lacking })
