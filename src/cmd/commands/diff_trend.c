// SPDX-License-Identifier: GPL-3.0-or-later
// Rows over N moments: see diff_trend.h.
#include "cmd/commands/diff_trend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands/diff_moments.h"
#include "cmd/session/compare.h"
#include "heap/analysis/group.h"
#include "heap/analysis/series.h"

// NAMES: COLUMN_OURS where names of types and modules may be shown without values.
#define TREND_COLUMNS(NAME, FIRST, HELP, WHAT, UNIT, NAMES)                                        \
    static const struct column NAME[] = {                                                          \
        { COL(FIRST), 24, COLUMN_WIDE | NAMES, HELP },                                             \
        { COL(verdict), 20, COLUMN_OURS,                                                           \
          "grows at every step, shrinks at every step, grew once, shrank once, grows at times, "   \
          "shrinks at times, saw-tooth, or constant (its bytes changed)" },                        \
        { COL(trend), 8, 0, WHAT " at each moment, from the fewest to the most" },                 \
        { COL(first), 9, COLUMN_RIGHT | UNIT, WHAT " at the first moment" },                       \
        { COL(last), 9, COLUMN_RIGHT | UNIT, WHAT " in the open heap" },                           \
        { COL(delta), 9, COLUMN_RIGHT | UNIT, "the difference" },                                  \
        { COL(bytes_delta), 11, COLUMN_RIGHT | COLUMN_HUMAN, "the difference of their bytes" },    \
        { COL(rate), 10, COLUMN_RIGHT | COLUMN_HUMAN,                                              \
          "bytes per hour; unknown if the moments' times do not ascend" },                         \
        { COL(counts), 16, COLUMN_OURS, WHAT " at each moment" },                                  \
        { COL(object), 18, COLUMN_GOES(1),                                                         \
          "the largest that is there now; of a place: the first" },                                \
        COLUMN_ROW_END,                                                                            \
    }
TREND_COLUMNS(trend_type_columns, type, "the type's name", "objects", 0, COLUMN_OURS);
TREND_COLUMNS(trend_module_columns, module, "the types' module", "objects", 0, COLUMN_OURS);
TREND_COLUMNS(trend_path_columns, path, "the variable that they hang under", "objects", 0, 0);
TREND_COLUMNS(trend_line_columns, line, "the line that allocated them", "objects", 0, 0);
TREND_COLUMNS(trend_memory_columns, row, "what the memory is for, and whose", "bytes", COLUMN_HUMAN,
              0);
TREND_COLUMNS(trend_suspect_columns, suspect, "what keeps much of the heap, by name",
              "bytes that it kept: nothing where it was no suspect", COLUMN_HUMAN, 0);

const struct column *trend_columns(enum trend_by by)
{
    static const struct column *const columns[] = {
        [TREND_BY_TYPE] = trend_type_columns,     [TREND_BY_MODULE] = trend_module_columns,
        [TREND_BY_PATH] = trend_path_columns,     [TREND_BY_LINE] = trend_line_columns,
        [TREND_BY_MEMORY] = trend_memory_columns, [TREND_BY_SUSPECT] = trend_suspect_columns,
    };
    return columns[by];
}

struct trend_moment {
    int64_t time;      // milliseconds; 0: unknown
    uint64_t resident; // of the process
    bool has_resident;
};

struct trend {
    struct series series;
    size_t moments;
    struct trend_moment *at;
    double hours; // from the first moment to the last; 0: the times do not ascend
    enum trend_by by;
    size_t moment; // the one that is being read
    struct report *report;
};

static const char *trend_words(enum series_verdict verdict)
{
    static const char *const words[] = {
        [SERIES_CONSTANT] = "constant",
        [SERIES_GROWS] = "grows at every step",
        [SERIES_SHRINKS] = "shrinks at every step",
        [SERIES_GREW_ONCE] = "grew once",
        [SERIES_SHRANK_ONCE] = "shrank once",
        [SERIES_UP] = "grows at times",
        [SERIES_DOWN] = "shrinks at times",
        [SERIES_SAW] = "saw-tooth",
    };
    return words[verdict];
}

// Reads one earlier moment, and what the open heap has of the same types.
static bool trend_take(struct trend *trend, struct session *session, const char *file,
                       size_t moment, struct err *err)
{
    const struct comparing how = { .base = file, .as_runs = true };
    struct comparison comparison;
    if (!comparison_open(&comparison, session, &how, err))
        return false;
    bool is_last = moment + 2 == trend->moments; // every comparison has the same open heap
    bool ok = true;
    trend->at[moment] = (struct trend_moment){ comparison.taken_before, comparison.memory_before,
                                               comparison.has_memory };
    for (size_t i = 0; ok && i < comparison.diff.row_count; i++) {
        const struct diff_row *row = &comparison.diff.rows[i];
        ok = series_add(&trend->series, row->name, moment, row->before, row->bytes_before,
                        NODE_NONE, err)
             && (!is_last
                 || series_add(&trend->series, row->name, moment + 1, row->after, row->bytes_after,
                               row->object, err));
    }
    comparison_close(&comparison);
    return ok;
}

// --- other rows ---------------------------------------------------------------------------------

static bool trend_add(struct trend *trend, const char *name, uint64_t count, uint64_t bytes,
                      node object, struct err *err)
{
    return series_add(&trend->series, name, trend->moment, count, bytes, object, err);
}

static bool trend_add_groups(struct trend *trend, struct session *session, const char *by,
                             struct err *err)
{
    const struct groups *groups = session_groups(session, by, err);
    struct group_sum *sums = groups ? groups_sum(groups, &session->heap, NULL, err) : NULL;
    bool ok = sums != NULL;
    for (uint32_t i = 0; ok && i < groups->count; i++)
        ok = !sums[i].objects
             || trend_add(trend, groups->names[i], sums[i].objects, sums[i].bytes, sums[i].largest,
                          err);
    free(sums);
    return ok;
}

static bool trend_add_memory(struct trend *trend, struct session *session, struct err *err)
{
    if (!session_memory(session, err))
        return false;
    const struct memory *m = &session->memory;
    bool ok = true;
    for (size_t i = 0; ok && i < m->row_count; i++) {
        const struct memory_row *row = &m->rows[i];
        struct text name = TEXT_INIT;
        text_add_string(&name, row->kind);
        if (*row->name) {
            text_add_string(&name, ": ");
            text_add_escaped(&name, row->name, strlen(row->name));
        }
        uint64_t bytes = m->residence.known ? row->resident : row->bytes;
        ok = trend_add(trend, text_string(&name), bytes, bytes, NODE_NONE, err);
        text_fini(&name);
    }
    return ok;
}

static bool trend_add_suspects(struct trend *trend, struct session *session, struct err *err)
{
    struct suspect_names names = { 0 };
    bool ok = moments_suspects(session, &names, err);
    for (size_t i = 0; ok && i < names.count; i++)
        ok = trend_add(trend, names.items[i].name, names.items[i].bytes, names.items[i].bytes,
                       names.items[i].object, err);
    suspect_names_free(&names);
    return ok;
}

static void trend_take_moment(struct trend *trend, struct session *session)
{
    struct err none = ERR_INIT;
    struct trend_moment *at = &trend->at[trend->moment];
    at->time = compare_taken(session);
    at->has_resident = session_knows_memory(session) && session_memory(session, &none)
                       && session->memory.residence.known;
    at->resident = at->has_resident ? session->memory.total.resident : 0;
}

// Reads the rows of one heap; for types only the process's memory, as comparisons give the rest.
static bool trend_visit(struct session *session, void *context, struct err *err)
{
    struct trend *trend = context;
    if (!session_need(session, NEEDS_HEAP, err))
        return false;
    trend_take_moment(trend, session);
    switch (trend->by) {
    case TREND_BY_MODULE:
        return trend_add_groups(trend, session, "module", err);
    case TREND_BY_PATH:
        return session_need(session, NEEDS_ROOTS, err)
               && trend_add_groups(trend, session, "path", err);
    case TREND_BY_LINE:
        return trend_add_groups(trend, session, "line", err);
    case TREND_BY_MEMORY:
        return trend_add_memory(trend, session, err);
    case TREND_BY_SUSPECT:
        return trend_add_suspects(trend, session, err);
    default:
        return true;
    }
}

static bool trend_take_all(struct trend *trend, struct session *session, const struct args *args,
                           struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < args->word_count; i++) {
        trend->moment = i;
        ok = trend->by == TREND_BY_TYPE
                 ? trend_take(trend, session, args->words[i], i, err)
                 : compare_visit(session, args->words[i], trend_visit, trend, err);
    }
    trend->moment = args->word_count;
    return ok && trend_visit(session, trend, err);
}

// --- the whole process --------------------------------------------------------------------------

static double trend_hours(const struct trend *trend)
{
    int64_t times[ARGS_MAX + 1];
    for (size_t i = 0; i < trend->moments; i++)
        times[i] = trend->at[i].time;
    return series_hours(times, trend->moments);
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

// The process's memory at each moment. False: unknown for one of them, or out of memory.
static bool trend_memory(const struct trend *trend, const char **drawn, const char **list)
{
    uint64_t *resident = calloc(trend->moments, sizeof *resident);
    bool known = resident != NULL;
    for (size_t i = 0; known && i < trend->moments; i++) {
        known = trend->at[i].has_resident;
        resident[i] = trend->at[i].resident;
    }
    if (known) {
        *drawn = trend_draw(trend->report, resident, trend->moments);
        *list = report_numbers(trend->report, resident, trend->moments);
    }
    free(resident);
    return known;
}

// "2.0 GiB are reached in 3.2 hours, if it goes on so"
static void trend_tell_ceiling(const struct trend *trend, uint64_t limit, double rate, bool known,
                               struct report *report)
{
    double hours;
    enum series_reach reach =
        series_reaches(limit, trend->at[trend->moments - 1].resident, rate, known, &hours);
    bool comes = reach == REACH_COMES || reach == REACH_PASSED;
    report_summary(report, "seconds_left", comes ? cell_int((int64_t)(hours * 3600)) : cell_null());
    char size[32];
    struct text text = TEXT_INIT;
    text_add_size(&text, limit);
    snprintf(size, sizeof size, "%s", text_string(&text));
    text_fini(&text);
    switch (reach) {
    case REACH_UNKNOWN:
        report->sentence = report_format(report, "when %s will be reached is not known: %s", size,
                                         trend->hours > 0 ? "the memory of a moment is not"
                                                          : "the moments' times do not ascend");
        return;
    case REACH_PASSED:
        report->sentence = report_format(report, "%s have been reached", size);
        return;
    case REACH_COMES:
        report->sentence =
            report_format(report, "%s will be reached in %.1f %s, if it goes on like this", size,
                          hours * (hours < 1 ? 60 : 1), hours < 1 ? "minutes" : "hours");
        return;
    case REACH_NEVER:
        report->sentence = report_format(
            report, "the process's memory does not grow: %s will not be reached", size);
        return;
    }
}

static void trend_summarize(const struct trend *trend, const struct args *args,
                            struct report *report)
{
    const struct trend_moment *first = &trend->at[0], *last = &trend->at[trend->moments - 1];
    bool known = first->has_resident && last->has_resident && trend->hours > 0;
    double rate = known ? ((double)last->resident - (double)first->resident) / trend->hours : 0;
    const char *drawn = NULL, *list = NULL;
    report_summary(report, "moments", cell_count(trend->moments));
    report_summary(report, "resident",
                   last->has_resident ? cell_bytes(last->resident) : cell_null());
    bool all = trend_memory(trend, &drawn, &list);
    report_summary(report, "memory", all ? cell_text(drawn) : cell_null());
    report_summary(report, "residents", all ? cell_text(list) : cell_null());
    report_summary(report, "rate", known ? cell_int((int64_t)rate) : cell_null());
    uint64_t limit = args_number(args, "ceiling", 0);
    if (limit)
        trend_tell_ceiling(trend, limit, rate, known, report);
}

// --- rows ---------------------------------------------------------------------------------------

static bool trend_add_row(const struct trend *trend, const struct series_row *type,
                          struct report *report, struct err *err)
{
    size_t n = trend->moments;
    int64_t delta = (int64_t)(type->last_bytes - type->first_bytes);
    enum series_verdict verdict = series_judge(type->counts, n);
    if (verdict == SERIES_CONSTANT && !delta)
        return true;
    const struct cell cells[] = {
        cell_text(report_text(report, type->name, strlen(type->name))),
        cell_text(trend_words(verdict)),
        cell_text(trend_draw(report, type->counts, n)),
        cell_count(type->counts[0]),
        cell_count(type->counts[n - 1]),
        cell_int((int64_t)(type->counts[n - 1] - type->counts[0])),
        cell_int(delta),
        trend->hours > 0 ? cell_int((int64_t)((double)delta / trend->hours)) : cell_null(),
        cell_text(report_numbers(report, type->counts, n)),
        cell_object(type->object),
    };
    return report_row(report, cells, err);
}

bool trend_run(struct session *session, const struct args *args, enum trend_by by,
               struct report *report, struct err *err)
{
    struct trend trend = { .moments = args->word_count + 1, .by = by, .report = report };
    series_init(&trend.series, trend.moments);
    bool ok = args->word_count > 0
              || err_set(err, ERR_USAGE, "--trend takes the earlier heaps, oldest first");
    trend.at = calloc(trend.moments, sizeof *trend.at);
    ok = ok && (trend.at || err_memory(err, "the trend"));
    ok = ok && trend_take_all(&trend, session, args, err);
    if (ok) {
        trend.hours = trend_hours(&trend);
        trend_summarize(&trend, args, report);
    }
    for (size_t i = 0; ok && i < trend.series.count; i++)
        ok = trend_add_row(&trend, &trend.series.rows[i], report, err);
    report->empty = by == TREND_BY_TYPE ? "no type's objects changed in number or size"
                                        : "nothing changed in number or size";
    series_fini(&trend.series);
    free(trend.at);
    return ok;
}
