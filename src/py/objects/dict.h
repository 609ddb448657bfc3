// SPDX-License-Identifier: GPL-3.0-or-later
// Walking the tables of dicts and of instances' values, for every version's layout.
//
// Does not know: which of it the collector visits (kind_dict.c).
#ifndef OURO_PY_OBJECTS_DICT_H
#define OURO_PY_OBJECTS_DICT_H

#include <stdbool.h>

#include "py/python.h"

// A dict's table, opened for reading. All pointers were checked when it was opened; entries are
// read through views.
struct dict_table {
    const uint8_t *entries; // key/value records
    uint64_t count;         // records to look at
    uint64_t room;          // records that it takes before it grows
    uint32_t stride;        // bytes per record
    int32_t key, value;     // offsets in a record; value is -1 when `values` has them
    const uint8_t *values;  // split: an array of pointers
    uint64_t value_count;   // how many of them may be read
    bool keys_visited;      // the collector visits keys too
    bool key_first;         // 2.7: the key before its value
    bool embedded;          // 3.13: the values lie inside the instance
    addr keys_at;           // the keys object
    uint64_t keys_bytes;    // its size in bytes
    uint64_t keys_refcount;
    uint64_t values_bytes; // as __sizeof__ counts them, 0 when not split
};

// `o` views the PyDictObject. False: an absurd or unreadable table (counts a fault); an empty dict
// is true with count 0.
bool dict_open(const struct python *py, const uint8_t *o, struct dict_table *table);

// A keys object alone (shared keys of a type): names for inline values. False: unreadable.
bool dict_open_keys(const struct python *py, addr keys, struct dict_table *table);

// The words of a record, in our memory.
static inline const uint8_t *dict_key_slot(const struct dict_table *t, uint64_t i)
{
    return t->entries + i * t->stride + (uint32_t)t->key;
}

// Null: there is none.
static inline const uint8_t *dict_value_slot(const struct dict_table *t, uint64_t i)
{
    if (t->values)
        return i < t->value_count ? t->values + i * 8 : NULL;
    return t->value >= 0 ? t->entries + i * t->stride + (uint32_t)t->value : NULL;
}

static inline addr dict_key(const struct dict_table *t, uint64_t i)
{
    uint64_t v;
    __builtin_memcpy(&v, dict_key_slot(t, i), sizeof v);
    return v;
}

// 0: deleted or unset.
static inline addr dict_value(const struct dict_table *t, uint64_t i)
{
    uint64_t v = 0;
    const uint8_t *slot = dict_value_slot(t, i);
    if (slot)
        __builtin_memcpy(&v, slot, sizeof v);
    return v;
}

// Which of all changes to dicts in the process was the last one to this one; 0: not known.
uint64_t dict_last_change(const struct python *py, addr dict);

// The value under a str key, or 0. Linear in the table: for look-ups by name, not for scans.
addr dict_lookup(const struct python *py, addr dict, const char *key);

#endif
