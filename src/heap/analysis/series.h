// SPDX-License-Identifier: GPL-3.0-or-later
// Counts by name over N moments: what a trend (`diff --trend`) is made of.
//
// A row has a count per moment, and the bytes of the first and the last. What it counts (objects of a
// type, bytes of a kind of memory) is the caller's.
//
// Does not know: heaps, files, columns. Owns: the rows, until series_fini(). Borrows: nothing.
// Cost: a lookup by name per count.
#ifndef OURO_HEAP_ANALYSIS_SERIES_H
#define OURO_HEAP_ANALYSIS_SERIES_H

#include "base/addr.h"
#include "base/err.h"
#include "base/names.h"

enum series_verdict {
    SERIES_CONSTANT,
    SERIES_GROWS, // at every step
    SERIES_SHRINKS,
    SERIES_GREW_ONCE, // at one step, and no other changed it
    SERIES_SHRANK_ONCE,
    SERIES_UP, // never less, at some steps more
    SERIES_DOWN,
    SERIES_SAW, // up and down
};

enum series_verdict series_judge(const uint64_t *counts, size_t moments);

struct series_row {
    const char *name; // the names'
    uint64_t *counts; // one per moment
    uint64_t first_bytes, last_bytes;
    node object; // NODE_NONE: none is known
};

struct series {
    struct names names;
    struct series_row *rows; // in the order in which they were met
    size_t count, capacity, moments;
};

void series_init(struct series *series, size_t moments);
void series_fini(struct series *series);

// Adds to the row of that name at a moment, below `moments`. The object is taken at the last.
bool series_add(struct series *series, const char *name, size_t moment, uint64_t count,
                uint64_t bytes, node object, struct err *err);

// The hours from the first of so many times (milliseconds; 0: unknown) to the last; 0 unless each is
// later than the one before.
double series_hours(const int64_t *times, size_t moments);

// When a quantity that is `now` and grows by `rate` per hour reaches a limit.
enum series_reach { REACH_UNKNOWN, REACH_PASSED, REACH_COMES, REACH_NEVER };
enum series_reach series_reaches(uint64_t limit, uint64_t now, double rate, bool is_known,
                                 double *hours);

#endif
