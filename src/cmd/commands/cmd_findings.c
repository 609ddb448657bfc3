// SPDX-License-Identifier: GPL-3.0-or-later
// `findings`: what is wrong here, in sentences.
#include <sys/stat.h>
#include <time.h>

#include "cmd/session/compare.h"
#include "cmd/session/session.h"
#include "finding/finding.h"

#define MOST 10 // rows of one kind, unless --all

static const struct column columns[] = {
    { COL(severity), 8, COLUMN_OURS, "high, medium, low or info; a healthy program has only info" },
    { COL(kind), 16, COLUMN_OURS | COLUMN_GOES(2), "what kind of thing it is" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "what it keeps alive, or concerns" },
    { COL(objects), 8, COLUMN_RIGHT | COLUMN_GOES(3), "how many objects that is" },
    { COL(what), 40, COLUMN_WIDE | COLUMN_PROSE, "the finding in a sentence" },
    { COL(why), 40, COLUMN_WIDE | COLUMN_PROSE | COLUMN_GOES(1), "its evidence, and what to do" },
    { COL(next), 24, COLUMN_GOES(5), "the command that shows more" },
    { COL(object), 18, COLUMN_OBJECT | COLUMN_GOES(4), "the object to look at first" },
    COLUMN_ROW_END,
};

// The kinds and severities that the user asked for.
struct wish {
    struct findings_options options;
    enum severity least;
    int alarm; // lowest severity that gives exit status 3; -1: none
};

static bool read_wish(struct wish *wish, const struct args *args, struct err *err)
{
    const char *kind = args_text(args, "kind"), *least = args_text(args, "severity");
    const char *alarm = args_text(args, "fail-on");
    enum severity alarming = SEVERITY_INFO;
    wish->options = (struct findings_options){ .most_needs = FINDING_NEEDS_DOMINATORS,
                                               .most = args_has(args, "all") ? 0 : MOST };
    wish->least = SEVERITY_INFO;
    if (kind && !(wish->options.kind = finding_kind_find(kind)))
        return err_set(err, ERR_USAGE, "no kind of finding %s; `help findings` lists them", kind);
    if (least && !severity_find(least, &wish->least))
        return err_set(err, ERR_USAGE, "--severity %s: it may be high, medium, low or info", least);
    if (alarm && !severity_find(alarm, &alarming))
        return err_set(err, ERR_USAGE, "--fail-on %s: it may be high, medium, low or info", alarm);
    wish->alarm = alarm ? (int)alarming : -1;
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

// A clause with the line that allocated the object, where tracemalloc knows it; else "".
static const char *made_at(const struct session *session, node n, const char *clause,
                           struct report *report)
{
    const struct tracemalloc *tm = &session->tracemalloc;
    bool known = session_has_values(session) && tm->count && n != NODE_NONE;
    const struct trace *trace = known ? allocated_trace(&session->heap, tm, n) : NULL;
    struct text line = TEXT_INIT;
    if (trace)
        allocated_line(tm, trace, &line);
    const char *said = trace ? report_format(report, "; %s %s", clause, text_string(&line)) : "";
    text_fini(&line);
    return said;
}

// The evidence, and the line that allocated what is kept.
static const char *why(const struct session *session, const struct finding *finding,
                       struct report *report)
{
    return report_format(
        report, "%s%s%s", finding->why, made_at(session, finding->object, "allocated at", report),
        made_at(session, finding->sample, "what is in it is allocated at", report));
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
                                  const struct wish *wish, struct err *err)
{
    uint64_t counts[SEVERITY_COUNT] = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        counts[finding->severity]++;
        report->alarm |= (int)finding->severity <= wish->alarm;
        if (finding->severity <= wish->least)
            ok = cmd_findings_add_row(report, finding, err);
    }
    for (int i = 0; i < SEVERITY_COUNT; i++)
        report_summary(report, severity_name((enum severity)i), cell_count(counts[i]));
    report_summary(report, "left_out", cell_count(findings->left_out));
    report->truncated |= findings->left_out > 0;
    report->empty = "nothing is wrong that ouro knows how to look for";
    return ok;
}

// How many seconds before the open heap the file was written. 0: unknown.
static double seconds_since(const struct session *session, const char *base)
{
    struct stat now, then;
    const char *path = session->target.path;
    if (!base || stat(base, &then))
        return 0;
    if (!path || stat(path, &now))
        return 0;
    double seconds = difftime(now.st_mtime, then.st_mtime);
    return seconds > 0 ? seconds : 0;
}

static bool cmd_findings_compare(struct session *session, const struct args *args,
                                 struct comparison *comparison, struct finding_before *before,
                                 struct err *err)
{
    const struct comparing how = { .base = args->words[0], .with_places = true };
    const struct forest *now = NULL;
    if (!session_need(session, NEEDS_ROOTS, err)
        || !comparison_open(comparison, session, &how, err))
        return false;
    if (!session_places(session, &now, err)) {
        comparison_close(comparison);
        return false;
    }
    *before = (struct finding_before){ .fresh = comparison->fresh,
                                       .now = comparison->before ? now : NULL,
                                       .then = comparison->before,
                                       .seconds = seconds_since(session, args->words[0]) };
    return true;
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
        session_has_values(session) && session_tracemalloc(session)->state == TRACEMALLOC_ON;
    if (traced && !session_traces(session, err))
        return false;
    // Without /proc or malloc's heaps the other findings are still told.
    struct err none = ERR_INIT;
    bool whole =
        session_knows_memory(session) && session->has_dominators && session_memory(session, &none);
    struct comparison comparison = { 0 };
    struct finding_before before = { 0 };
    bool compares = args->word_count > 0;
    if (compares && !cmd_findings_compare(session, args, &comparison, &before, err))
        return false;
    const struct finding_sources sources = {
        .heap = &session->heap,
        .garbage = session->has_garbage ? &session->garbage : NULL,
        .roots = session->has_roots ? &session->roots : NULL,
        .dominate = session->has_dominators ? &session->dominate : NULL,
        .memory = whole ? &session->memory : NULL,
        .before = compares ? &before : NULL,
        .progress = &session->options.progress,
    };
    struct findings findings;
    bool ok = findings_find(&findings, &sources, &wish.options, err);
    if (ok) {
        ok = cmd_findings_add_rows(report, &findings, &wish, err);
        if (!python_has_values(&session->py))
            report->empty = "nothing that can be told without values, which a redacted heap lacks";
        if (compares)
            report_summary(report, "same_process", cell_bool(comparison.diff.same_process));
        findings_fini(&findings);
    }
    if (compares)
        comparison_close(&comparison);
    return ok;
}

static const struct option_row options[] = {
    { .name = "kind",
      .value = "KIND",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_TOPIC,
      .help = "only findings of this kind" },
    { .name = "severity",
      .value = "S",
      .kind = OPTION_TEXT,
      .choices = "high medium low info",
      .help = "only findings of this severity (high, medium, low, info) or worse" },
    { .name = "fail-on",
      .value = "S",
      .kind = OPTION_TEXT,
      .choices = "high medium low info",
      .help = "exit with 3 if there is a finding of this severity or worse: for CI" },
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
    .usage = "[BASE] [--kind KIND] [--severity S] [--fail-on S] [--all] [-n N]",
    .summary = "what is wrong here: leaks and waste, each with its evidence and the next command",
    .help = "One row per finding, the worst first: what it is, why that is so and what to do about "
            "it, and the command that shows more. `object` is the one to look at first.\n"
            "\n"
            "`high`: a large part of the heap is lost to this; `medium`: a noticeable one; `low`: "
            "a leak by its shape, still small; `info`: worth knowing. What libraries keep for "
            "themselves has to be far more than what the program's own modules keep.\n"
            "\n"
            "The first rows of each severity are suspects: whatever keeps 5 % of the heap or more. "
            "Their severity depends on their share and on what is known of their growth; what "
            "nothing adds to is `info`.\n"
            "\n"
            "With BASE, an earlier core or saved heap of the same program, what has grown since "
            "then comes first, with its rate, and what is as large as before is `info`.",
    .example = "findings --severity medium",
    .options = options,
    .words_least = 0,
    .words_most = 1,
    .word_kind = COMPLETE_FILE,
    .columns = columns,
    .topic = topic,
    .topics = "kind",
    .needs = NEEDS_HEAP,
    .run = cmd_findings_run,
};
