// SPDX-License-Identifier: GPL-3.0-or-later
// One command, answered on stdout: see answer.h.
#include "cli/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd/session/words.h"

static size_t terminal_width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_col : 0;
}

static bool wants_color(const struct options *options)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    if (options->color != WHEN_AUTO)
        return options->color == WHEN_ALWAYS;
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

// What a person at a terminal wants to know beside the rows: how many they are, and the command's
// own figures.
static void say_summary(const struct report *report, const struct options *options,
                        struct notices *notices)
{
    if (options->quiet || options->json)
        return;
    if (report->sentence) // what the rows do not say: to who reads a pipe's other end, too
        notices_say(notices, report->sentence);
    if (!isatty(STDOUT_FILENO))
        return;
    if (!report->kept) {
        notices_say(notices, report->empty ? report->empty : "no rows");
        return;
    }
    struct text line = TEXT_INIT;
    text_add_count(&line, report->kept);
    text_add_string(&line, text_plural(report->kept, " row", " rows"));
    if (report->truncated)
        text_add_string(&line, ", and there are more");
    for (size_t i = 0; i < report->summary_count; i++) {
        const struct column human = { .flags = report->summary[i].cell.kind == CELL_BYTES
                                                   ? COLUMN_HUMAN
                                                   : 0 };
        if (report->summary[i].cell.kind == CELL_NULL)
            continue;
        text_add_format(&line, "; %s ", report->summary[i].key);
        report_cell_text(report, &report->summary[i].cell, &human, 0, &line);
    }
    notices_say(notices, text_string(&line));
    text_fini(&line);
}

// Who asks many questions through a pipe has to know which of them this was the answer to: there the
// error is the last line of the answer, in the place of its summary.
static void answer_tell_error(struct notices *notices, const struct options *options,
                              const struct report *report, const struct err *err)
{
    notices_say(notices, err->text);
    if (!options->json || (!options->interactive && !options->script))
        return;
    struct text line = TEXT_INIT;
    json_add_open(&line, '{');
    json_add_key(&line, "error");
    json_add_open(&line, '{');
    json_add_key(&line, "command");
    json_add_string(&line, report->command);
    json_add_key(&line, "message");
    json_add_string(&line, err->text);
    json_add_key(&line, "status");
    json_add_number(&line, err->kind == ERR_USAGE ? 2 : 1);
    json_add_close(&line, '}');
    json_add_close(&line, '}');
    text_add_char(&line, '\n');
    if (line.failed || fwrite(text_string(&line), 1, line.size, stdout) != line.size)
        notices_say(notices, "the answer could not be written");
    fflush(stdout);
    text_fini(&line);
}

static struct answer answer_answer(struct session *session, const struct options *options,
                                   struct notices *notices, size_t argc, const char *const *argv,
                                   const char *line)
{
    struct report_stream stream = { .fd = STDOUT_FILENO,
                                    .color = wants_color(options),
                                    .width = terminal_width(),
                                    .before = notices_clear,
                                    .before_context = notices };
    struct report report;
    struct err err = ERR_INIT;
    report_init(&report, session, options->json ? &report_as_json : &report_as_text, &stream);
    bool ok = line ? session_run_line(session, line, &report, &err)
                   : session_run(session, argc, argv, &report, &err);
    notices_end(notices);
    bool interrupted = notices->interrupted && *notices->interrupted;
    if (!ok)
        answer_tell_error(notices, options, &report, &err);
    else if (report.stopped && interrupted)
        fputs("\nouro: stopped\n", stderr);
    else if (!report.stopped)
        say_summary(&report, options, notices);
    struct answer result = {
        .ok = ok,
        .usage = err.kind == ERR_USAGE,
        .alarm = ok && report.alarm,
        .gone = report.stopped && !interrupted,
    };
    report_stream_fini(&stream);
    report_fini(&report);
    return result;
}

struct answer answer_words(struct session *session, const struct options *options,
                           struct notices *notices, size_t argc, const char *const *argv)
{
    return answer_answer(session, options, notices, argc, argv, NULL);
}

// --json may stand in any line, too.
struct answer answer_line(struct session *session, const struct options *options,
                          struct notices *notices, const char *line)
{
    struct options here = *options;
    char *copy = strdup(line);
    if (copy && words_take(copy, "--json"))
        here.json = true;
    struct answer answer = answer_answer(session, &here, notices, 0, NULL, copy ? copy : line);
    free(copy);
    return answer;
}
