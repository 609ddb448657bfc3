// SPDX-License-Identifier: GPL-3.0-or-later
// Hash tables, traces and tracebacks of tracemalloc: see tracemalloc_table.h.
#include "py/trace/tracemalloc_table.h"

#include "py/read.h"

#define BUCKETS_LEAST 16 // HASHTABLE_MIN_SIZE of every version
#define BUCKETS_MAX (UINT64_C(1) << 36)
#define KEY_MAX 16
#define FRAMES_MAX 65536 // limit from 3.9 on; before there was none, but no stack is deeper

bool hash_table_open(struct hash_table *table, const struct python *py, addr at)
{
    const struct layout *l = &py->layout;
    *table = (struct hash_table){ .py = py };
    if (!at || l->_Py_hashtable_t_buckets < 0 || l->_Py_hashtable_t_nbuckets < 0
        || l->_Py_hashtable_t_nentries < 0 || l->_Py_hashtable_entry_t_key_hash < 0
        || l->sizeof__Py_hashtable_t <= 0 || l->sizeof__Py_hashtable_entry_t <= 0)
        return false;
    const uint8_t *o = VIEW(py, at, _Py_hashtable_t);
    if (!o)
        return false;
    table->bucket_count = LOAD(py, o, _Py_hashtable_t_nbuckets);
    table->entry_count = LOAD(py, o, _Py_hashtable_t_nentries);
    table->buckets = LOAD(py, o, _Py_hashtable_t_buckets);
    if (l->_Py_hashtable_t_key_size >= 0 && l->_Py_hashtable_t_data_size >= 0) {
        uint64_t key = LOAD(py, o, _Py_hashtable_t_key_size);
        uint64_t data = LOAD(py, o, _Py_hashtable_t_data_size);
        if (key < 4 || key > KEY_MAX || data > KEY_MAX)
            return false;
        table->key_size = (uint32_t)key;
        table->value_size = (uint32_t)data;
    } else if (l->_Py_hashtable_entry_t_key < 0 || l->_Py_hashtable_entry_t_value < 0) {
        return false;
    }
    uint64_t n = table->bucket_count;
    if (n > BUCKETS_MAX)
        return false;
    // If a table is truncated, only what can exist is examined.
    uint64_t there = target_readable(py->target, table->buckets, 8 * n) / 8;
    if (table->entry_count <= n * 2 && table->entry_count > there * 2)
        table->entry_count = there * 2;
    return n >= BUCKETS_LEAST && n <= BUCKETS_MAX && (n & (n - 1)) == 0
           && table->entry_count <= n * 2 && target_view(py->target, table->buckets, 8);
}

static bool read_entry(const struct hash_table *table, addr at, struct hash_entry *entry,
                       addr *next)
{
    size_t head = SIZE(table->py, _Py_hashtable_entry_t);
    const uint8_t *o =
        target_view(table->py->target, at, head + table->key_size + table->value_size);
    if (!o)
        return false;
    *next = LOAD(table->py, o, _Py_hashtable_entry_t_next);
    *entry = (struct hash_entry){ .hash = LOAD(table->py, o, _Py_hashtable_entry_t_key_hash) };
    if (!table->key_size) {
        entry->key = LOAD(table->py, o, _Py_hashtable_entry_t_key);
        entry->value_at = LOAD(table->py, o, _Py_hashtable_entry_t_value);
        return true;
    }
    entry->key = table->key_size < 8 ? load32(o + head) : load64(o + head);
    if (table->key_size >= 12)
        entry->domain = load32(o + head + 8);
    entry->value = o + head + table->key_size;
    return true;
}

bool hash_table_next(const struct hash_table *table, struct hash_walk *walk,
                     struct hash_entry *entry)
{
    struct target *target = table->py->target;
    for (;;) {
        while (!walk->at && walk->bucket < table->bucket_count && walk->seen < table->entry_count) {
            bool ok = true;
            walk->at = target_u64(target, table->buckets + 8 * walk->bucket++, &ok);
            walk->links = (struct links){ 0 };
            if (!ok) { // and the following ones will fail too
                walk->broken++;
                walk->bucket = table->bucket_count;
            }
        }
        if (!walk->at || walk->seen >= table->entry_count)
            return false;
        walk->seen++; // more than the table's count: chains that join
        addr at = walk->at;
        if (links_go(&walk->links, at) && read_entry(table, at, entry, &walk->at))
            return true;
        target_fault(target);
        walk->broken++;
        walk->at = 0;
    }
}

uint64_t hash_table_bytes(const struct hash_table *table)
{
    uint64_t entry = SIZE(table->py, _Py_hashtable_entry_t) + table->key_size + table->value_size;
    return SIZE(table->py, _Py_hashtable_t) + table->bucket_count * 8 + table->entry_count * entry;
}

bool trace_record(const struct python *py, const struct hash_entry *entry, uint64_t *size,
                  addr *traceback)
{
    const struct layout *l = &py->layout;
    // trace_t is private to a C file: a layout made from headers lacks it. It has never changed.
    int32_t size_at = l->tracemalloc_trace_size >= 0 ? l->tracemalloc_trace_size : 0;
    int32_t traceback_at = l->tracemalloc_trace_traceback >= 0 ? l->tracemalloc_trace_traceback : 8;
    const uint8_t *o = entry->value ? entry->value : target_view(py->target, entry->value_at, 16);
    if (!o)
        return false;
    *size = load64(o + size_at);
    *traceback = load64(o + traceback_at);
    return true;
}

const uint8_t *traceback_head(const struct python *py, addr at, uint32_t *count, uint32_t *depth)
{
    const struct layout *l = &py->layout;
    if (l->tracemalloc_traceback_nframe < 0 || l->tracemalloc_traceback_frames < 0
        || l->sizeof_tracemalloc_frame <= 0)
        return NULL;
    const uint8_t *o = VIEW_BEFORE(py, at, tracemalloc_traceback_frames);
    if (!o)
        return NULL;
    const uint8_t *n = SLOT(py, o, tracemalloc_traceback_nframe);
    if (l->tracemalloc_traceback_total_nframe >= 0) { // 3.9: two halves
        *count = load16(n);
        *depth = LOAD(py, o, tracemalloc_traceback_total_nframe);
    } else {
        *count = *depth = load32(n);
    }
    if (*count < 1 || *count > FRAMES_MAX)
        return NULL;
    return target_view(py->target, INSIDE(py, at, tracemalloc_traceback_frames),
                       (size_t)*count * SIZE(py, tracemalloc_frame));
}
