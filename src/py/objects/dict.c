// SPDX-License-Identifier: GPL-3.0-or-later
// Walking the tables of dicts: see dict.h. Objects/dictobject.c of every version is the source.
#include "py/objects/dict.h"

#include "py/read.h"
#include "py/objects/str.h"

enum { KEYS_GENERAL = 0, KEYS_UNICODE = 1, KEYS_SPLIT = 2 };

// A table larger than this is garbage: 2^40 entries would need 16 TiB.
#define ENTRIES_MAX (UINT64_C(1) << 40)

static bool entries_view(const struct python *py, addr at, struct dict_table *table)
{
    if (table->count == 0)
        return true;
    // A layout may say anything of a record's words.
    int64_t last = (int64_t)table->stride - 8;
    if (table->count > ENTRIES_MAX || table->key < 0 || table->key > last || table->value > last)
        return false;
    table->entries = target_view(py->target, at, table->count * table->stride);
    return table->entries != NULL;
}

// 3.6 to 3.10: dk_size is a number of slots; an index takes 1, 2, 4 or 8 bytes.
static bool open_keys_310(const struct python *py, addr keys, const uint8_t *k,
                          struct dict_table *table)
{
    const struct layout *l = &py->layout;
    uint64_t size = LOAD(py, k, _dictkeysobject_dk_size);
    table->count = LOAD(py, k, _dictkeysobject_dk_nentries);
    if (size > ENTRIES_MAX || (size & (size - 1)) || table->count > size)
        return false;
    unsigned width = size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffffffff ? 4 : 8;
    uint64_t usable = (size << 1) / 3;
    table->stride = 24;
    table->key = l->PyDictKeyEntry_me_key;
    table->value = l->PyDictKeyEntry_me_value;
    table->room = usable;
    table->keys_bytes = BEFORE(py, _dictkeysobject_dk_indices) + size * width + usable * 24;
    table->values_bytes = usable * 8;
    addr general = py->layout.sym_lookdict;
    addr lookup = LOAD(py, k, _dictkeysobject_dk_lookup);
    if (general)
        table->keys_visited = lookup == general + py->target->modules[py->module].bias;
    else
        table->keys_visited = py->lookdict && lookup == py->lookdict;
    return entries_view(py, INSIDE(py, keys, _dictkeysobject_dk_indices) + size * width, table);
}

// 3.11 on: sizes as logarithms, three kinds of keys.
static bool open_keys_311(const struct python *py, addr keys, const uint8_t *k,
                          struct dict_table *table)
{
    const struct layout *l = &py->layout;
    unsigned log2_size = LOAD(py, k, _dictkeysobject_dk_log2_size);
    unsigned log2_index = LOAD(py, k, _dictkeysobject_dk_log2_index_bytes);
    unsigned kind = LOAD(py, k, _dictkeysobject_dk_kind);
    table->count = LOAD(py, k, _dictkeysobject_dk_nentries);
    if (log2_size > 40 || log2_index > 43 || kind > KEYS_SPLIT
        || table->count > UINT64_C(1) << log2_size)
        return false;
    uint64_t usable = ((UINT64_C(1) << log2_size) << 1) / 3;
    table->stride = kind == KEYS_GENERAL ? 24 : 16;
    table->key = kind == KEYS_GENERAL ? l->PyDictKeyEntry_me_key : l->PyDictUnicodeEntry_me_key;
    table->value =
        kind == KEYS_GENERAL ? l->PyDictKeyEntry_me_value : l->PyDictUnicodeEntry_me_value;
    table->keys_visited = kind == KEYS_GENERAL;
    uint64_t indices = UINT64_C(1) << log2_index;
    table->room = usable;
    table->keys_bytes = BEFORE(py, _dictkeysobject_dk_indices) + indices + usable * table->stride;
    table->values_bytes =
        8 * (table->count + LOAD(py, k, _dictkeysobject_dk_usable)); // shared_keys_usable_size()
    return entries_view(py, INSIDE(py, keys, _dictkeysobject_dk_indices) + indices, table);
}

bool dict_open_keys(const struct python *py, addr keys, struct dict_table *table)
{
    *table = (struct dict_table){ .keys_at = keys, .value = -1 };
    if (!keys || (keys & 7)) // 3.11 and 3.12 have no tag bits for unfinished or shared states:
                             // unaligned is garbage
        return false;
    const struct layout *l = &py->layout;
    const uint8_t *k = VIEW_BEFORE(py, keys, _dictkeysobject_dk_indices);
    if (!k)
        return false;
    table->keys_refcount = LOAD(py, k, _dictkeysobject_dk_refcnt);
    if (l->_dictkeysobject_dk_log2_size >= 0)
        return open_keys_311(py, keys, k, table);
    return open_keys_310(py, keys, k, table);
}

// 2.7: an open-addressing table in the dict itself.
static bool open_27(const struct python *py, const uint8_t *o, struct dict_table *table)
{
    uint64_t mask = LOAD(py, o, PyDictObject_ma_mask);
    *table = (struct dict_table){
        .stride = 24, .key = 8, .value = 16, .keys_visited = true, .key_first = true
    };
    if (mask >= ENTRIES_MAX || (mask & (mask + 1)))
        return false;
    table->count = mask + 1;
    table->room = (mask + 1) * 2 / 3;
    addr at = LOAD(py, o, PyDictObject_ma_table);
    table->keys_bytes = mask + 1 > 8 ? (mask + 1) * 24 : 0;
    return entries_view(py, at, table);
}

static bool open_values(const struct python *py, addr values, struct dict_table *table)
{
    const struct layout *l = &py->layout;
    uint64_t most = table->count;
    addr first = values;
    table->value = -1;
    if (l->_dictvalues_capacity >= 0) {
        const uint8_t *v = VIEW_BEFORE(py, values, _dictvalues_values);
        if (!v)
            return false;
        uint64_t capacity = LOAD(py, v, _dictvalues_capacity);
        most = most < capacity ? most : capacity;
        table->embedded = LOAD(py, v, _dictvalues_embedded) != 0;
        first = INSIDE(py, values, _dictvalues_values);
    } else if (l->sizeof__dictvalues >= 0) {
        first = values + (uint64_t)(l->_dictvalues_values >= 0 ? l->_dictvalues_values : 0);
    }
    if (most == 0)
        return true;
    table->values = target_view(py->target, first, most * 8);
    table->value_count = most;
    return table->values != NULL;
}

bool dict_open(const struct python *py, const uint8_t *o, struct dict_table *table)
{
    const struct layout *l = &py->layout;
    bool good;
    if (l->PyDictObject_ma_keys < 0) {
        good = open_27(py, o, table);
    } else {
        good = dict_open_keys(py, LOAD(py, o, PyDictObject_ma_keys), table);
        addr values = LOAD(py, o, PyDictObject_ma_values);
        if (good && values)
            good = open_values(py, values, table);
        if (!values)
            table->values_bytes = 0;
    }
    if (!good) {
        target_fault(py->target);
        table->count = 0;
    }
    return good;
}

addr dict_lookup(const struct python *py, addr dict, const char *key)
{
    if (!dict || py->layout.sizeof_PyDictObject < 0)
        return 0;
    const uint8_t *o = VIEW(py, dict, PyDictObject);
    struct dict_table table;
    if (!o || !dict_open(py, o, &table))
        return 0;
    for (uint64_t i = 0; i < table.count; i++) {
        addr k = dict_key(&table, i);
        if (k && str_equals(py, k, key))
            return dict_value(&table, i);
    }
    return 0;
}

uint64_t dict_last_change(const struct python *py, addr dict)
{
    const struct layout *l = &py->layout;
    int32_t at = l->PyDictObject_ma_used + 8; // ma_version_tag
    if (!py->rules.dict_version_step || l->PyDictObject_ma_used < 0
        || l->PyDictObject_ma_keys != at + 8)
        return 0;
    return python_word(py, dict, at) / py->rules.dict_version_step;
}
