// SPDX-License-Identifier: GPL-3.0-or-later
// `findings`: what is wrong here, in sentences.
#include "cmd/session/session.h"
#include "finding/finding.h"

#define MOST 10 // rows of one kind, unless --all

static const struct column columns[] = {
    { "severity", 8, 0, "high, medium, low or info; a healthy program has only info" },
    { "kind", 16, 0, "what sort of thing it is" },
    { "bytes", 10, COLUMN_RIGHT | COLUMN_HUMAN, "what it keeps, or is about" },
    { "objects", 8, COLUMN_RIGHT, "how many objects that is" },
    { "what", 40, COLUMN_WIDE, "the finding in a sentence" },
    { "why", 40, COLUMN_WIDE, "its evidence, and what to do" },
    { "next", 24, 0, "the command that shows more" },
    { "object", 18, 0, "the object to look at first" },
    COLUMN_ROW_END,
};

// Which kinds and severities the user wants.
struct wish {
    struct findings_options options;
    enum severity least;
};

static bool read_wish(struct wish *wish, const struct args *args, struct err *err)
{
    const char *kind = args_text(args, "kind"), *least = args_text(args, "severity");
    wish->options = (struct findings_options){ .most_needs = FINDING_NEEDS_DOMINATORS,
                                               .most = args_has(args, "all") ? 0 : MOST };
    wish->least = SEVERITY_INFO;
    if (kind && !(wish->options.kind = finding_kind_find(kind)))
        return err_set(err, ERR_USAGE, "no kind of finding %s; `help findings` lists them", kind);
    if (least && !severity_find(least, &wish->least))
        return err_set(err, ERR_USAGE, "--severity %s: it may be high, medium, low or info", least);
    return true;
}

static bool cmd_findings_prepare(struct session *session, enum finding_needs needs, struct err *err)
{
    static const enum command_needs what[] = { NEEDS_HEAP, NEEDS_GARBAGE, NEEDS_ROOTS,
                                               NEEDS_DOMINATORS };
    for (unsigned i = 0; i <= needs; i++)
        if (!session_need(session, what[i], err))
            return false;
    return true;
}

// The evidence; and the line that made the object, where tracemalloc knows it.
static const char *why(const struct session *session, const struct finding *finding,
                       struct report *report)
{
    const struct tracemalloc *tm = &session->tracemalloc;
    bool known = !session_is_redacted(session) && tm->count;
    const struct trace *trace = finding->object != NODE_NONE && known
                                    ? allocated_trace(&session->heap, tm, finding->object)
                                    : NULL;
    struct text line = TEXT_INIT;
    if (trace)
        allocated_line(tm, trace, &line);
    const char *said = report_format(report, "%s%s%s", finding->why, trace ? "; allocated at " : "",
                                     text_string(&line));
    text_fini(&line);
    return said;
}

static bool cmd_findings_add_row(struct report *report, const struct finding *finding,
                                 struct err *err)
{
    const struct cell cells[] = {
        cell_text(severity_name(finding->severity)),
        cell_text(finding->kind),
        cell_bytes(finding->bytes),
        cell_count(finding->objects),
        cell_text(report_format(report, "%s", finding->what)),
        cell_text(why(report->session, finding, report)),
        cell_text(report_format(report, "%s", finding->next)),
        cell_object(finding->object),
    };
    return report_row(report, cells, err);
}

static bool cmd_findings_add_rows(struct report *report, const struct findings *findings,
                                  enum severity least, struct err *err)
{
    uint64_t counts[SEVERITY_COUNT] = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        counts[finding->severity]++;
        if (finding->severity <= least)
            ok = cmd_findings_add_row(report, finding, err);
    }
    for (int i = 0; i < SEVERITY_COUNT; i++)
        report_summary(report, severity_name((enum severity)i), cell_count(counts[i]));
    report_summary(report, "left_out", cell_count(findings->left_out));
    report->truncated |= findings->left_out > 0;
    report->empty = "nothing is wrong that ouro knows how to look for";
    return ok;
}

static bool cmd_findings_run(struct session *session, const struct args *args,
                             struct report *report, struct err *err)
{
    struct wish wish;
    if (!read_wish(&wish, args, err)
        || !cmd_findings_prepare(
            session, wish.options.kind ? wish.options.kind->needs : FINDING_NEEDS_DOMINATORS, err))
        return false;
    bool traced =
        !session_is_redacted(session) && session_tracemalloc(session)->state == TRACEMALLOC_ON;
    if (traced && !session_traces(session, err))
        return false;
    // Without /proc or malloc's heaps the rest can still be told.
    struct err none = ERR_INIT;
    bool whole = !session->has_store && session->has_dominators && session_memory(session, &none);
    const struct finding_sources sources = {
        .heap = &session->heap,
        .garbage = session->has_garbage ? &session->garbage : NULL,
        .roots = session->has_roots ? &session->roots : NULL,
        .dominate = session->has_dominators ? &session->dominate : NULL,
        .memory = whole ? &session->memory : NULL,
        .progress = &session->options.progress,
    };
    struct findings findings;
    if (!findings_find(&findings, &sources, &wish.options, err))
        return false;
    bool ok = cmd_findings_add_rows(report, &findings, wish.least, err);
    if (session->py.redacted)
        report->empty = "nothing that can be told without values, which a redacted heap has not";
    findings_fini(&findings);
    return ok;
}

static const struct option_row options[] = {
    { .name = "kind", .value = "KIND", .kind = OPTION_TEXT, .help = "only findings of this kind" },
    { .name = "severity",
      .value = "S",
      .kind = OPTION_TEXT,
      .help = "only high, medium, low or info, and what is worse" },
    { .name = "all",
      .kind = OPTION_FLAG,
      .help = "every finding, not just the worst ten of a kind" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

static const char *topic(size_t i, const char **help)
{
    const struct finding_kind *kind = finding_kinds[i];
    *help = kind ? kind->help : NULL;
    return kind ? kind->name : NULL;
}

const struct command cmd_findings = {
    .name = "findings",
    .usage = "[--kind KIND] [--severity S] [--all] [-n N]",
    .summary = "what is wrong here: leaks and waste, each with its evidence and the next command",
    .help = "One row a finding, the worst first: what it is, why that is so and what to do, and "
            "the command that shows more. `object` is the one to look at first.\n"
            "\n"
            "`high`: a large part of the heap is lost by this; `medium`: a noticeable one; `low`: "
            "a leak by its shape, small by now; `info`: worth knowing. What libraries keep for "
            "themselves has to be far more than what the program's own modules keep.",
    .example = "findings --severity medium",
    .options = options,
    .columns = columns,
    .topic = topic,
    .topics = "kind",
    .needs = NEEDS_HEAP,
    .run = cmd_findings_run,
};
