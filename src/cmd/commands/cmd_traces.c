// SPDX-License-Identifier: GPL-3.0-or-later
// `traces`: which lines of the program allocated what is there now.
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cmd/session/session.h"

enum by { BY_LINE, BY_FILE, BY_TRACEBACK };

#define CALLERS_SHOWN 32

struct site {
    uint32_t traceback; // one of the site's tracebacks
    uint64_t count, bytes;
    node object; // the largest known object that was allocated there
    uint64_t object_bytes;
};

struct cmd_traces_tally {
    const struct tracemalloc *tm;
    enum by by;
    uint32_t *site_of; // traceback -> site
    struct site *sites;
    size_t count, capacity;
};

static const struct column columns[] = {
    { COL(file), 24, COLUMN_WIDE, "the source file" },
    { COL(line), 6, COLUMN_RIGHT, "the line in it; nothing with --by file" },
    { COL(count), 9, COLUMN_RIGHT, "blocks of memory allocated there and still in use" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR,
      "their bytes, as they were requested" },
    { COL(object), 18, COLUMN_OBJECT, "the largest object among them" },
    { COL(type), 12, 0, "its type" },
    { COL(callers), 16, 0, "--by traceback: who called, the nearest first" },
    COLUMN_ROW_END,
};

static uint64_t cmd_traces_key_of(const struct cmd_traces_tally *tally, uint32_t traceback)
{
    const struct trace_frame *frame = &tally->tm->frames[tally->tm->tracebacks[traceback].first];
    switch (tally->by) {
    case BY_FILE:
        return frame->file;
    case BY_LINE:
        return (uint64_t)frame->file << 32 | frame->line;
    default:
        return traceback;
    }
}

// Assigns each traceback to its site.
static bool find_sites(struct cmd_traces_tally *tally, struct err *err)
{
    struct map known = MAP_INIT;
    size_t tracebacks = tally->tm->traceback_count;
    tally->site_of = calloc(tracebacks + 1, sizeof *tally->site_of);
    bool ok = tally->site_of || err_memory(err, "the table of tracebacks");
    for (uint32_t i = 0; ok && i < tracebacks; i++) {
        uint64_t key = cmd_traces_key_of(tally, i);
        uint32_t site = map_get(&known, key);
        if (site == MAP_NONE) {
            site = (uint32_t)tally->count;
            ok = vec_grow(&tally->sites, &tally->capacity, tally->count + 1, sizeof *tally->sites,
                          err)
                 && map_put(&known, key, site, err);
            if (ok)
                tally->sites[tally->count++] = (struct site){ .traceback = i, .object = NODE_NONE };
        }
        tally->site_of[i] = site;
    }
    map_fini(&known);
    return ok;
}

static void add_traces(struct cmd_traces_tally *tally, int64_t domain)
{
    for (size_t i = 0; i < tally->tm->count; i++) {
        const struct trace *trace = &tally->tm->traces[i];
        if (domain >= 0 && trace->domain != (uint64_t)domain)
            continue;
        struct site *site = &tally->sites[tally->site_of[trace->traceback]];
        site->count++;
        site->bytes += trace->size;
    }
}

static void cmd_traces_add_objects(struct cmd_traces_tally *tally, const struct session *session)
{
    size_t cursor = 0;
    for (node n = 0; n < session->heap.node_count; n++) {
        const struct trace *trace = allocated_next(&session->heap, tally->tm, n, &cursor);
        if (!trace)
            continue;
        struct site *site = &tally->sites[tally->site_of[trace->traceback]];
        uint64_t size = heap_size(&session->heap, n);
        if (site->object != NODE_NONE && size <= site->object_bytes)
            continue;
        site->object = n;
        site->object_bytes = size;
    }
}

static const char *callers(const struct tracemalloc *tm, const struct traceback *traceback,
                           struct report *report)
{
    struct text text = TEXT_INIT;
    for (uint32_t i = 1; i < traceback->count && i <= CALLERS_SHOWN; i++) {
        const struct trace_frame *frame = &tm->frames[traceback->first + i];
        text_add_format(&text, "%s%s:%lu", i > 1 ? " < " : "", tracemalloc_file(tm, frame->file),
                        (unsigned long)frame->line);
    }
    if (traceback->count > CALLERS_SHOWN + 1 || traceback->depth > traceback->count)
        text_add_string(&text, text.size ? " < ..." : "...");
    const char *said = report_text(report, text_string(&text), text.size);
    text_fini(&text);
    return said;
}

static bool cmd_traces_add_row(const struct cmd_traces_tally *tally, const struct site *site,
                               struct report *report, struct err *err)
{
    const struct tracemalloc *tm = tally->tm;
    const struct traceback *traceback = &tm->tracebacks[site->traceback];
    const struct trace_frame *frame = &tm->frames[traceback->first];
    const struct cell cells[] = {
        cell_text(tracemalloc_file(tm, frame->file)),
        tally->by == BY_FILE ? cell_null() : cell_count(frame->line),
        cell_count(site->count),
        cell_bytes(site->bytes),
        cell_object(site->object),
        site->object == NODE_NONE ? cell_null() : cell_type_of(site->object),
        tally->by == BY_TRACEBACK ? cell_text(callers(tm, traceback, report)) : cell_null(),
    };
    return report_row(report, cells, err);
}

// Traces are sorted by address, so domains are counted by a set of their numbers; they are few.
static uint64_t count_domains(const struct tracemalloc *tm)
{
    struct map seen = MAP_INIT;
    bool ok = true;
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; ok && i < tm->count; i++) {
        if (tm->traces[i].domain != last)
            ok = map_put(&seen, tm->traces[i].domain, 1, NULL);
        last = tm->traces[i].domain;
    }
    uint64_t count = seen.count;
    map_fini(&seen);
    return count;
}

static void cmd_traces_summarize(const struct tracemalloc *tm, struct report *report)
{
    report_summary(report, "traces", cell_count(tm->count));
    report_summary(report, "bytes", cell_bytes(tm->bytes));
    report_summary(report, "traced", tm->totals ? cell_bytes(tm->traced) : cell_null());
    report_summary(report, "peak", tm->totals && tm->peak ? cell_bytes(tm->peak) : cell_null());
    report_summary(report, "domains", cell_count(count_domains(tm)));
    report_summary(report, "tracebacks", cell_count(tm->traceback_count));
    report_summary(report, "limit", tm->limit ? cell_count(tm->limit) : cell_null());
    report_summary(report, "tables", tm->by_shape ? cell_null() : cell_bytes(tm->tables));
    report_summary(report, "records", cell_bytes(tm->records));
    report_summary(report, "unreadable", cell_count(tm->broken));
    report->empty = "no block of memory is traced";
}

static bool read_by(const struct args *args, enum by *by, struct err *err)
{
    static const char *const names[] = { "line", "file", "traceback" };
    const char *word = args_text(args, "by");
    for (int i = 0; word && i < 3; i++) {
        if (strcmp(names[i], word) == 0) {
            *by = (enum by)i;
            return true;
        }
    }
    *by = BY_LINE;
    return !word || err_set(err, ERR_USAGE, "traces: --by %s: use line, file or traceback", word);
}

static bool cmd_traces_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    struct cmd_traces_tally tally = { .tm = &session->tracemalloc };
    if (!read_by(args, &tally.by, err) || !session_traces(session, err))
        return false;
    bool one = args_has(args, "domain");
    uint64_t domain = args_number(args, "domain", 0);
    bool ok = find_sites(&tally, err);
    if (ok) {
        add_traces(&tally, one ? (int64_t)(domain & UINT32_MAX) : -1);
        if (!one || !domain)
            cmd_traces_add_objects(&tally, session);
    }
    for (size_t i = 0; ok && i < tally.count; i++)
        if (tally.sites[i].count)
            ok = cmd_traces_add_row(&tally, &tally.sites[i], report, err);
    cmd_traces_summarize(tally.tm, report);
    free(tally.site_of);
    free(tally.sites);
    return ok;
}

static const struct option_row options[] = {
    { .name = "by",
      .value = "WHAT",
      .kind = OPTION_TEXT,
      .choices = "line file traceback",
      .help = "one row a line (unless given), a file, or a traceback" },
    { .name = "domain",
      .value = "D",
      .kind = OPTION_COUNT,
      .help = "only this domain: 0 is Python's own allocators, others are extensions'" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_traces = {
    .name = "traces",
    .usage = "[--by line|file|traceback] [--domain D] [-n N]",
    .summary = "allocation sites by bytes, if tracemalloc was on",
    .help = "Reads tracemalloc's tables out of the target's memory: what "
            "tracemalloc.take_snapshot().statistics('lineno') would have said. Every block that "
            "was allocated since tracemalloc was started and is still in use is counted, objects "
            "and buffers alike, in every domain.\n"
            "\n"
            "The summary has the memory that is traced now and at its peak, the limit of frames a "
            "traceback, and what tracemalloc used itself: `tables`, which "
            "get_tracemalloc_memory() would tell, and `records` (tracebacks, and from Python 3.9 "
            "on one record a trace), which it would not. Up to Python 3.11 the tables are static "
            "variables; in a build without debug information and symbols they are recognised by "
            "their content, and what stays unknown is null.",
    .example = "traces --by file -n 10",
    .options = options,
    .columns = columns,
    .sort = COL_bytes,
    .needs = NEEDS_HEAP,
    .reads_values = true, // names of files
    .run = cmd_traces_run,
};
