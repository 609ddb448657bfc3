// SPDX-License-Identifier: GPL-3.0-or-later
// Like things, counted together: closures of one function, tasks of one coroutine.
//
// Does not know: what makes them alike; the caller gives a number for it. Owns: the groups, until
// buckets_free(). Cost: a look-up per object.
#ifndef OURO_FINDING_BUCKETS_H
#define OURO_FINDING_BUCKETS_H

#include "base/addr.h"
#include "base/err.h"
#include "base/map.h"

struct bucket {
    uint64_t key;
    uint64_t count, bytes; // of all
    uint64_t special;      // how many of them are so in a way that the kind cares about
    node largest;          // the one with most bytes
    uint64_t largest_bytes;
    node other; // what the kind wants to remember about the largest
};

struct buckets {
    struct bucket *items;
    size_t count, capacity;
    struct map index;
};

// Counts one more. *out (may be null) is good until the next call.
bool buckets_add(struct buckets *groups, uint64_t key, node n, uint64_t bytes, struct bucket **out,
                 struct err *err);
// By bytes, the greatest first. Nothing may be added afterwards.
void buckets_sort(struct buckets *groups);
void buckets_free(struct buckets *groups); // accepts a zeroed one

#endif
