// SPDX-License-Identifier: GPL-3.0-or-later
// Counts over moments: see series.h.
#include "heap/analysis/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define FAR 1e9 // hours: what is further away never comes

enum series_verdict series_judge(const uint64_t *counts, size_t moments)
{
    size_t up = 0, down = 0;
    for (size_t i = 1; i < moments; i++) {
        up += counts[i] > counts[i - 1];
        down += counts[i] < counts[i - 1];
    }
    if (!up && !down)
        return SERIES_CONSTANT;
    if (up && down)
        return SERIES_SAW;
    if (up + down == moments - 1)
        return up ? SERIES_GROWS : SERIES_SHRINKS;
    if (up + down == 1)
        return up ? SERIES_GREW_ONCE : SERIES_SHRANK_ONCE;
    return up ? SERIES_UP : SERIES_DOWN;
}

void series_init(struct series *series, size_t moments)
{
    *series = (struct series){ .names = NAMES_INIT, .moments = moments };
}

void series_fini(struct series *series)
{
    for (size_t i = 0; i < series->count; i++)
        free(series->rows[i].counts);
    free(series->rows);
    names_fini(&series->names);
    *series = (struct series){ 0 };
}

static struct series_row *series_row_of(struct series *series, const char *name, struct err *err)
{
    uint32_t number;
    const char *interned;
    if (!names_intern(&series->names, name, strlen(name), &number, &interned, err))
        return NULL;
    if (number < series->count)
        return &series->rows[number];
    uint64_t *counts = calloc(series->moments, sizeof *counts);
    if (!counts
        || !vec_grow(&series->rows, &series->capacity, series->count + 1, sizeof *series->rows,
                     err)) {
        free(counts);
        err_memory(err, "the trend");
        return NULL;
    }
    struct series_row *row = &series->rows[series->count++];
    *row = (struct series_row){ interned, counts, 0, 0, NODE_NONE };
    return row;
}

bool series_add(struct series *series, const char *name, size_t moment, uint64_t count,
                uint64_t bytes, node object, struct err *err)
{
    struct series_row *row = series_row_of(series, name, err);
    if (!row)
        return false;
    bool last = moment + 1 == series->moments;
    row->counts[moment] += count;
    row->first_bytes += moment ? 0 : bytes;
    row->last_bytes += last ? bytes : 0;
    row->object = last && object != NODE_NONE ? object : row->object;
    return true;
}

double series_hours(const int64_t *times, size_t moments)
{
    for (size_t i = 0; i < moments; i++)
        if (!times[i] || (i && times[i] <= times[i - 1]))
            return 0;
    return moments ? (double)(times[moments - 1] - times[0]) / 3600000 : 0;
}

enum series_reach series_reaches(uint64_t limit, uint64_t now, double rate, bool is_known,
                                 double *hours)
{
    double left = (double)limit - (double)now;
    *hours = left > 0 && rate > 0 ? left / rate : 0;
    if (!is_known)
        return REACH_UNKNOWN;
    if (left <= 0)
        return REACH_PASSED;
    return rate > 0 && *hours < FAR ? REACH_COMES : REACH_NEVER;
}
