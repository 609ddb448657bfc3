// SPDX-License-Identifier: GPL-3.0-or-later
// Rows over N moments: see trend.h.
#include "cmd/analysis/trend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/vec.h"
#include "cmd/analysis/compare.h"
#include "cmd/analysis/moments.h"
#include "heap/analysis/group.h"

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

struct trend_type {
    const char *name; // the report's
    uint64_t *counts; // one per moment; bytes where a row has no objects
    uint64_t first_bytes, last_bytes;
    node object;
};

struct trend_moment {
    int64_t time;      // milliseconds; 0: unknown
    uint64_t resident; // of the process
    bool has_resident;
};

struct trend {
    struct names names;
    struct trend_type *types;
    size_t count, capacity, moments;
    struct trend_moment *at;
    double hours; // from the first moment to the last; 0: the times do not ascend
    enum trend_by by;
    size_t moment; // the one that is being read
    struct report *report;
};

static enum trend_verdict trend_judge(const uint64_t *counts, size_t moments)
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

// Reads one earlier moment, and what the open heap has of the same types.
static bool trend_take(struct trend *trend, struct session *session, const char *file,
                       size_t moment, struct report *report, struct err *err)
{
    const struct comparing how = { .base = file, .as_runs = true };
    struct comparison comparison;
    if (!comparison_open(&comparison, session, &how, err))
        return false;
    bool ok = true;
    trend->at[moment] = (struct trend_moment){ comparison.taken_before, comparison.memory_before,
                                               comparison.has_memory };
    for (size_t i = 0; ok && i < comparison.diff.row_count; i++) {
        const struct diff_row *row = &comparison.diff.rows[i];
        struct trend_type *type = trend_type_of(trend, row->name, report, err);
        ok = type != NULL;
        if (!ok)
            break;
        type->counts[moment] += row->before;
        type->first_bytes += moment ? 0 : row->bytes_before;
        if (moment + 2
            == trend->moments) { // the last file: every comparison has the same open heap
            type->counts[moment + 1] += row->after;
            type->last_bytes += row->bytes_after;
            type->object = row->object;
        }
    }
    comparison_close(&comparison);
    return ok;
}

// --- other rows ---------------------------------------------------------------------------------

static bool trend_add(struct trend *trend, const char *name, uint64_t count, uint64_t bytes,
                      node object, struct err *err)
{
    struct trend_type *type = trend_type_of(trend, name, trend->report, err);
    if (!type)
        return false;
    bool last = trend->moment + 1 == trend->moments;
    type->counts[trend->moment] += count;
    type->first_bytes += trend->moment ? 0 : bytes;
    type->last_bytes += last ? bytes : 0;
    type->object = last && object != NODE_NONE ? object : type->object;
    return true;
}

struct trend_sum {
    uint64_t count, bytes, largest;
    node object;
};

static bool trend_add_groups(struct trend *trend, struct session *session, const char *by,
                             struct err *err)
{
    const struct groups *groups = session_groups(session, by, err);
    const struct heap *heap = &session->heap;
    if (!groups)
        return false;
    struct trend_sum *sums = calloc((size_t)groups->count + 1, sizeof *sums);
    if (!sums)
        return err_memory(err, "the trend");
    for (node n = 0; n < heap->node_count; n++) {
        if (groups->of[n] >= groups->count)
            continue;
        struct trend_sum *sum = &sums[groups->of[n]];
        uint64_t bytes = heap_own(heap, n);
        sum->bytes += bytes;
        if (!sum->count++ || bytes > sum->largest) {
            sum->largest = bytes;
            sum->object = n;
        }
    }
    bool ok = true;
    for (uint32_t i = 0; ok && i < groups->count; i++)
        ok = !sums[i].count
             || trend_add(trend, groups->names[i], sums[i].count, sums[i].bytes, sums[i].object,
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
                 ? trend_take(trend, session, args->words[i], i, trend->report, err)
                 : compare_visit(session, args->words[i], trend_visit, trend, err);
    }
    trend->moment = args->word_count;
    return ok && trend_visit(session, trend, err);
}

// --- the whole process --------------------------------------------------------------------------

// The hours from the first moment to the last; 0 unless each moment is later than the one before.
static double trend_hours(const struct trend *trend)
{
    for (size_t i = 0; i < trend->moments; i++)
        if (!trend->at[i].time || (i && trend->at[i].time <= trend->at[i - 1].time))
            return 0;
    return (double)(trend->at[trend->moments - 1].time - trend->at[0].time) / 3600000;
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
    double left = (double)limit - (double)trend->at[trend->moments - 1].resident;
    bool comes = known && (left <= 0 || (rate > 0 && left / rate < 1e9));
    report_summary(report, "seconds_left",
                   comes ? cell_int(left > 0 ? (int64_t)(left / rate * 3600) : 0) : cell_null());
    char size[32];
    struct text text = TEXT_INIT;
    text_add_size(&text, limit);
    snprintf(size, sizeof size, "%s", text_string(&text));
    text_fini(&text);
    report->sentence =
        !known      ? report_format(report, "when %s will be reached is not known: %s", size,
                               trend->hours > 0 ? "the memory of a moment is not"
                                                     : "the moments' times do not ascend")
        : left <= 0 ? report_format(report, "%s have been reached", size)
        : comes
            ? report_format(report, "%s will be reached in %.1f %s, if it goes on like this", size,
                            left / rate * (left < rate ? 60 : 1), left < rate ? "minutes" : "hours")
            : report_format(report, "the process's memory does not grow: %s will not be reached",
                            size);
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

static bool trend_add_row(const struct trend *trend, const struct trend_type *type,
                          struct report *report, struct err *err)
{
    size_t n = trend->moments;
    int64_t delta = (int64_t)(type->last_bytes - type->first_bytes);
    enum trend_verdict verdict = trend_judge(type->counts, n);
    if (verdict == TREND_CONSTANT && !delta)
        return true;
    const struct cell cells[] = {
        cell_text(type->name),
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
    struct trend trend = {
        .names = NAMES_INIT, .moments = args->word_count + 1, .by = by, .report = report
    };
    bool ok = args->word_count > 0
              || err_set(err, ERR_USAGE, "--trend takes the earlier heaps, oldest first");
    trend.at = calloc(trend.moments, sizeof *trend.at);
    ok = ok && (trend.at || err_memory(err, "the trend"));
    ok = ok && trend_take_all(&trend, session, args, err);
    if (ok) {
        trend.hours = trend_hours(&trend);
        trend_summarize(&trend, args, report);
    }
    for (size_t i = 0; ok && i < trend.count; i++)
        ok = trend_add_row(&trend, &trend.types[i], report, err);
    report->empty = by == TREND_BY_TYPE ? "no type's objects changed in number or size"
                                        : "nothing changed in number or size";
    for (size_t i = 0; i < trend.count; i++)
        free(trend.types[i].counts);
    free(trend.types);
    free(trend.at);
    names_fini(&trend.names);
    return ok;
}
