// SPDX-License-Identifier: GPL-3.0-or-later
// A dict of 3.12 with one item, byte by byte, under layouts that say the right thing of its records, and the wrong.
#include <string.h>

#include "py/objects/dict.h"
#include "py/python.h"
#include "unit.h"

#define DICT 0x10000u
#define KEYS 0x10100u
#define KEY 0x10200u
#define VALUE 0x10300u

struct fixture {
    struct segment segment;
    struct target target;
    struct python py;
    uint8_t data[4096];
};

static void put64(struct fixture *f, addr at, uint64_t v)
{
    memcpy(f->data + (at - DICT), &v, sizeof v);
}

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->segment = (struct segment){ DICT, DICT + sizeof f->data, f->data, NULL, SEGMENT_READ, 0, 0 };
    f->target.segments = &f->segment;
    f->target.segment_count = 1;
    f->py.target = &f->target;
    f->py.version = PYVER(3, 12, 3);
    struct layout *l = &f->py.layout;
    layout_init(l);
    l->sizeof_PyDictObject = 48;
    l->PyDictObject_ma_keys = 32;
    l->PyDictObject_ma_values = 40;
    l->_dictkeysobject_dk_refcnt = 0;
    l->_dictkeysobject_dk_log2_size = 8;
    l->_dictkeysobject_dk_log2_index_bytes = 9;
    l->_dictkeysobject_dk_kind = 10;
    l->_dictkeysobject_dk_usable = 16;
    l->_dictkeysobject_dk_nentries = 24;
    l->_dictkeysobject_dk_indices = 32;
    l->PyDictUnicodeEntry_me_key = 0;
    l->PyDictUnicodeEntry_me_value = 8;
    rules_set(&f->py.rules, f->py.version, l);
    put64(f, DICT + 32, KEYS);
    put64(f, KEYS, 1);
    put64(f, KEYS + 8, 0x010303); // 8 slots, 8 bytes of indices, keys that are all strings
    put64(f, KEYS + 24, 1);
    put64(f, KEYS + 40, KEY);
    put64(f, KEYS + 48, VALUE);
}

static void test_opens(void)
{
    static struct fixture f;
    struct dict_table table;
    begin(&f);
    CU_ASSERT_TRUE_FATAL(dict_open(&f.py, f.data, &table));
    CU_ASSERT_EQUAL(table.count, 1);
    CU_ASSERT_EQUAL(dict_key(&table, 0), KEY);
    CU_ASSERT_EQUAL(dict_value(&table, 0), VALUE);
    CU_ASSERT_EQUAL(f.target.faults, 0);
}

static void test_records(void)
{
    static struct fixture f;
    const int32_t wrong[] = { LAYOUT_NONE, 9, 16, 1 << 20 };
    struct dict_table table;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        begin(&f);
        f.py.layout.PyDictUnicodeEntry_me_key = wrong[i];
        CU_ASSERT_FALSE(dict_open(&f.py, f.data, &table));
        CU_ASSERT_EQUAL(table.count, 0);
        CU_ASSERT_EQUAL(f.target.faults, 1);
    }
    begin(&f);
    f.py.layout.PyDictUnicodeEntry_me_value = 1 << 20;
    CU_ASSERT_FALSE(dict_open(&f.py, f.data, &table));
}

UNIT_SUITE(dict, { "a table of strings", test_opens },
           { "records whose words lie elsewhere", test_records })
