// SPDX-License-Identifier: GPL-3.0-or-later
// Walking a _Py_hashtable_t of the target. Private to tracemalloc.c and tracemalloc_find.c.
//
// Owns: nothing. Borrows: python.
// Up to 3.8 keys and values lie inside the entries, after the hash, with the sizes that the table
// names; from 3.9 on an entry has two pointers (Modules/hashtable.c, Python/hashtable.c).
#ifndef OURO_PY_TRACE_TRACEMALLOC_TABLE_H
#define OURO_PY_TRACE_TRACEMALLOC_TABLE_H

#include "py/links.h"
#include "py/python.h"

struct hash_table {
    const struct python *py;
    addr buckets;
    uint64_t bucket_count, entry_count;
    uint32_t key_size, value_size; // inside the entry; 0: pointers
};

struct hash_entry {
    uint64_t hash;
    uint64_t key;         // a number or a pointer
    uint32_t domain;      // 3.6 to 3.8: the second half of a key of two
    const uint8_t *value; // inside the entry: its bytes; else null
    addr value_at;        // ... else the pointer
};

struct hash_walk {
    uint64_t bucket, seen;
    addr at;
    struct links links; // of the bucket's chain
    uint64_t broken;    // entries that could not be read, chains that are too long
};

// False: nothing there that could be a table (no fault is counted).
bool hash_table_open(struct hash_table *table, const struct python *py, addr at);
bool hash_table_next(const struct hash_table *table, struct hash_walk *walk,
                     struct hash_entry *entry);
// What _Py_hashtable_size() says.
uint64_t hash_table_bytes(const struct hash_table *table);

// A trace_t: size and address of its traceback. False: unreadable.
bool trace_record(const struct python *py, const struct hash_entry *entry, uint64_t *size,
                  addr *traceback);

// The head of a traceback_t: how many frames it has, how many the stack had. Null: unreadable, or
// absurd. Otherwise a view of its frames.
const uint8_t *traceback_head(const struct python *py, addr at, uint32_t *count, uint32_t *depth);

#endif
