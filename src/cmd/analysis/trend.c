// SPDX-License-Identifier: GPL-3.0-or-later
// Types over N moments: see trend.h.
#include "cmd/analysis/trend.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "base/vec.h"
#include "cmd/analysis/compare.h"

const struct column trend_columns[] = {
    { "type", 24, COLUMN_WIDE, "the type's name" },
    { "verdict", 20, 0,
      "grows at every step, shrinks at every step, grew once, shrank once, grows at times, shrinks "
      "at times, saw-tooth, or constant (its bytes changed)" },
    { "trend", 8, 0, "its objects at each moment, from the fewest to the most" },
    { "first", 9, COLUMN_RIGHT, "objects at the first moment" },
    { "last", 9, COLUMN_RIGHT, "objects in the open heap" },
    { "delta", 9, COLUMN_RIGHT, "the difference" },
    { "bytes_delta", 11, COLUMN_RIGHT | COLUMN_HUMAN, "the difference of their bytes" },
    { "rate", 10, COLUMN_RIGHT,
      "bytes an hour, by the files' times; unknown where these do not ascend" },
    { "counts", 16, 0, "objects at each moment" },
    { "object", 18, 0, "the largest that is there now" },
    COLUMN_ROW_END,
};

struct trend_type {
    const char *name; // the report's
    uint64_t *counts; // one a moment
    uint64_t first_bytes, last_bytes;
    node object;
};

struct trend {
    struct names names;
    struct trend_type *types;
    size_t count, capacity, moments;
    int64_t first_time, last_time; // 0: they do not ascend
};

enum trend_verdict trend_judge(const uint64_t *counts, size_t moments)
{
    size_t up = 0, down = 0;
    for (size_t i = 1; i < moments; i++) {
        up += counts[i] > counts[i - 1];
        down += counts[i] < counts[i - 1];
    }
    if (!up && !down)
        return TREND_CONSTANT;
    if (up && down)
        return TREND_SAW;
    if (up + down == moments - 1)
        return up ? TREND_GROWS : TREND_SHRINKS;
    if (up + down == 1)
        return up ? TREND_GREW_ONCE : TREND_SHRANK_ONCE;
    return up ? TREND_UP : TREND_DOWN;
}

static const char *trend_words(enum trend_verdict verdict)
{
    static const char *const words[] = {
        [TREND_CONSTANT] = "constant",
        [TREND_GROWS] = "grows at every step",
        [TREND_SHRINKS] = "shrinks at every step",
        [TREND_GREW_ONCE] = "grew once",
        [TREND_SHRANK_ONCE] = "shrank once",
        [TREND_UP] = "grows at times",
        [TREND_DOWN] = "shrinks at times",
        [TREND_SAW] = "saw-tooth",
    };
    return words[verdict];
}

static struct trend_type *trend_type_of(struct trend *trend, const char *name,
                                        struct report *report, struct err *err)
{
    uint32_t number;
    size_t size = strlen(name);
    if (!names_intern(&trend->names, name, size, &number, NULL, err))
        return NULL;
    if (number < trend->count)
        return &trend->types[number];
    uint64_t *counts = calloc(trend->moments, sizeof *counts);
    if (!counts
        || !vec_grow(&trend->types, &trend->capacity, trend->count + 1, sizeof *trend->types,
                     err)) {
        free(counts);
        err_memory(err, "the trend");
        return NULL;
    }
    struct trend_type *type = &trend->types[trend->count++];
    *type = (struct trend_type){ report_text(report, name, size), counts, 0, 0, NODE_NONE };
    return type;
}

// One earlier moment, and what the open heap has of the same types.
static bool trend_take(struct trend *trend, struct session *session, const char *file,
                       size_t moment, struct report *report, struct err *err)
{
    const struct comparing how = { .base = file, .as_runs = true };
    struct comparison comparison;
    if (!comparison_open(&comparison, session, &how, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < comparison.diff.row_count; i++) {
        const struct diff_row *row = &comparison.diff.rows[i];
        struct trend_type *type = trend_type_of(trend, row->name, report, err);
        ok = type != NULL;
        if (!ok)
            break;
        type->counts[moment] += row->before;
        type->first_bytes += moment ? 0 : row->bytes_before;
        if (moment + 2
            == trend->moments) { // the last of the files: the open heap is the same to all
            type->counts[moment + 1] += row->after;
            type->last_bytes += row->bytes_after;
            type->object = row->object;
        }
    }
    comparison_close(&comparison);
    return ok;
}

static int64_t trend_time(const char *file)
{
    struct stat about;
    return !file || stat(file, &about)
               ? 0
               : (int64_t)about.st_mtim.tv_sec * 1000 + about.st_mtim.tv_nsec / 1000000;
}

// Cores and saved heaps are written at the moment that they are of, and copied in any order.
static void trend_take_times(struct trend *trend, const struct session *session,
                             const struct args *args)
{
    int64_t before = 0;
    for (size_t i = 0; i <= args->word_count; i++) {
        int64_t time = trend_time(i < args->word_count ? args->words[i] : session->options.core);
        if (!time || time <= before)
            return;
        trend->first_time = i ? trend->first_time : time;
        before = time;
    }
    trend->last_time = before;
}

static const char *trend_draw(struct report *report, const uint64_t *counts, size_t moments)
{
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    uint64_t least = UINT64_MAX, most = 0;
    for (size_t i = 0; i < moments; i++) {
        least = counts[i] < least ? counts[i] : least;
        most = counts[i] > most ? counts[i] : most;
    }
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < moments; i++)
        text_add_string(
            &text,
            blocks[most > least ? (size_t)((double)(counts[i] - least) * 7 / (double)(most - least))
                                : 0]);
    const char *drawn = report_text(report, text_string(&text), text.size);
    text_fini(&text);
    return drawn;
}

static const char *trend_list(struct report *report, const uint64_t *counts, size_t moments)
{
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < moments; i++) {
        if (i)
            text_add_char(&text, ',');
        text_add_number(&text, counts[i]);
    }
    const char *list = report_text(report, text_string(&text), text.size);
    text_fini(&text);
    return list;
}

static bool trend_add_row(const struct trend *trend, const struct trend_type *type,
                          struct report *report, struct err *err)
{
    size_t n = trend->moments;
    int64_t delta = (int64_t)(type->last_bytes - type->first_bytes);
    enum trend_verdict verdict = trend_judge(type->counts, n);
    if (verdict == TREND_CONSTANT && !delta)
        return true;
    double hours = (double)(trend->last_time - trend->first_time) / 3600000;
    const struct cell cells[] = {
        cell_text(type->name),
        cell_text(trend_words(verdict)),
        cell_text(trend_draw(report, type->counts, n)),
        cell_count(type->counts[0]),
        cell_count(type->counts[n - 1]),
        cell_int((int64_t)(type->counts[n - 1] - type->counts[0])),
        cell_int(delta),
        trend->last_time ? cell_int((int64_t)((double)delta / hours)) : cell_null(),
        cell_text(trend_list(report, type->counts, n)),
        cell_object(type->object),
    };
    return report_row(report, cells, err);
}

bool trend_run(struct session *session, const struct args *args, struct report *report,
               struct err *err)
{
    struct trend trend = { .names = NAMES_INIT, .moments = args->word_count + 1 };
    bool ok = args->word_count > 0
              || err_set(err, ERR_USAGE, "--trend takes the earlier heaps, in the order of time");
    for (size_t i = 0; ok && i < args->word_count; i++)
        ok = trend_take(&trend, session, args->words[i], i, report, err);
    if (ok)
        trend_take_times(&trend, session, args);
    for (size_t i = 0; ok && i < trend.count; i++)
        ok = trend_add_row(&trend, &trend.types[i], report, err);
    report_summary(report, "moments", cell_count(trend.moments));
    report->empty = "no type's objects changed in number or size";
    for (size_t i = 0; i < trend.count; i++)
        free(trend.types[i].counts);
    free(trend.types);
    names_fini(&trend.names);
    return ok;
}
