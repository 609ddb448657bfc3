// SPDX-License-Identifier: GPL-3.0-or-later
// `trace`: where one object was allocated.
#include "cmd/session/session.h"

static const struct column columns[] = {
    { COL(object), 18, COLUMN_OBJECT, "the object" },
    { COL(frame), 5, COLUMN_RIGHT, "0 is the call that allocated it, 1 its caller" },
    { COL(file), 24, COLUMN_WIDE, "the source file" },
    { COL(line), 6, COLUMN_RIGHT, "the line in it" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN,
      "the block that it lies in, as it was requested" },
    COLUMN_ROW_END,
};

static bool cmd_trace_add_frames(const struct tracemalloc *tm, const struct trace *trace, node n,
                                 struct report *report, struct err *err)
{
    const struct traceback *traceback = &tm->tracebacks[trace->traceback];
    for (uint32_t i = 0; i < traceback->count; i++) {
        const struct trace_frame *frame = &tm->frames[traceback->first + i];
        const struct cell cells[] = {
            cell_object(n),
            cell_count(i),
            cell_text(tracemalloc_file(tm, frame->file)),
            cell_count(frame->line),
            cell_bytes(trace->size),
        };
        if (!report_row(report, cells, err))
            return false;
    }
    return true;
}

static bool cmd_trace_run(struct session *session, const struct args *args, struct report *report,
                          struct err *err)
{
    node n;
    if (!session_object(session, args->words[0], &n, err) || !session_traces(session, err))
        return false;
    const struct tracemalloc *tm = &session->tracemalloc;
    const struct trace *trace = allocated_trace(&session->heap, tm, n);
    report->empty = "no trace of it: it was created before tracemalloc was started, or it is part "
                    "of the program itself";
    report_summary(report, "limit", tm->limit ? cell_count(tm->limit) : cell_null());
    report_summary(report, "depth",
                   trace ? cell_count(tm->tracebacks[trace->traceback].depth) : cell_null());
    return !trace || cmd_trace_add_frames(tm, trace, n, report, err);
}

const struct command cmd_trace = {
    .name = "trace",
    .usage = "OBJ",
    .summary = "where an object was allocated, if tracemalloc was on",
    .help = "The traceback that tracemalloc kept of the object's block of memory, the most recent "
            "call first: what tracemalloc.get_object_traceback() would say. It has as many frames "
            "as tracemalloc.start(N) asked for; the summary's `depth` is how many the stack had "
            "(up to Python 3.8: how many were kept).\n"
            "\n"
            "What an object owns beside itself (a list's items, a dict's table) lies in blocks of "
            "its own, with traces of their own: `traces` counts them all.",
    .example = "trace app.CACHE",
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .reads_values = true, // names of files
    .run = cmd_trace_run,
};
