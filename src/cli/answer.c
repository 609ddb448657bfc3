// SPDX-License-Identifier: GPL-3.0-or-later
// One command, answered on stdout: see answer.h.
#include "cli/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/outfile.h"
#include "cli/pager.h"
#include "cli/redirect.h"
#include "cmd/session/words.h"

// Where rows go: stdout, a pager (started once there are more rows than the terminal has lines), or
// the destination named at the prompt.
struct answer_output {
    struct notices *notices;
    struct report_stream stream;
    struct redirect redirect;
    struct pager pager;
    struct outfile file;
    bool may_page, progress;
    size_t lines; // of the terminal
};

static bool wants_color(const struct options *options)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    if (options->color != WHEN_AUTO)
        return options->color == WHEN_ALWAYS;
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

// Shows what a person at a terminal wants to know besides the rows: their number, and the command's
// own figures.
static void say_summary(const struct report *report, const struct answer_output *output,
                        const struct options *options, struct notices *notices)
{
    const struct report_stream *stream = &output->stream;
    if (options->quiet || options->json || output->redirect.kind == REDIRECT_PIPE)
        return;
    if (report->sentence) // what the rows do not say; shown to whoever reads a pipe, too
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
    if (stream->left_out.size)
        text_add_format(&line, "; no room for %s: --wide", text_string(&stream->left_out));
    notices_say(notices, text_string(&line));
    text_fini(&line);
}

// A program that asks many questions through a pipe must know which one failed: there the error is
// the last line of the answer, in place of the summary.
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

// How many terminal lines a text takes.
static size_t answer_line_count(const struct text *text, size_t width)
{
    size_t lines = 0;
    for (size_t at = 0; at < text->size;) {
        const char *from = text->data + at, *end = memchr(from, '\n', text->size - at);
        size_t size = end ? (size_t)(end - from) : text->size - at;
        lines += 1 + (width && size ? (size - 1) / width : 0);
        at += size + 1;
    }
    return lines;
}

// Runs before rows are written: clears the progress line, and starts the pager for a long answer.
static void answer_before(void *context)
{
    struct answer_output *output = context;
    struct text command = TEXT_INIT;
    notices_clear(output->notices);
    if (output->may_page && pager_find(&command)
        && answer_line_count(&output->stream.buffer, output->stream.width) >= output->lines) {
        fflush(stderr);
        if (pager_start(&output->pager, text_string(&command), NULL)) {
            output->stream.fd = output->pager.fd;
            output->notices->progress = false; // the pager has the screen
        }
    }
    output->may_page = false;
    text_fini(&command);
}

static bool answer_begin(struct answer_output *output, const struct options *options,
                         struct notices *notices, const struct redirect *redirect, struct err *err)
{
    struct winsize size;
    const char *term = getenv("TERM");
    bool terminal = redirect->kind == REDIRECT_NONE && isatty(STDOUT_FILENO)
                    && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *output = (struct answer_output){
        .notices = notices,
        .redirect = *redirect,
        .progress = notices->progress,
        .may_page = terminal && !options->json && !options->no_pager && !options->script
                    && isatty(STDIN_FILENO) && term && strcmp(term, "dumb"),
        .lines = terminal ? size.ws_row : 0,
        .stream = { .fd = STDOUT_FILENO,
                    .color = redirect->kind == REDIRECT_NONE && wants_color(options),
                    .width = terminal ? size.ws_col : 0,
                    .before = answer_before },
    };
    if (redirect->kind == REDIRECT_PIPE && !pager_start(&output->pager, redirect->where, err))
        return false;
    if (redirect->kind == REDIRECT_FILE && !outfile_open(&output->file, redirect->where, err))
        return false;
    if (redirect->kind != REDIRECT_NONE)
        output->stream.fd = redirect->kind == REDIRECT_PIPE ? output->pager.fd : output->file.fd;
    return true;
}

static bool answer_end(struct answer_output *output, bool ok, struct err *err)
{
    pager_end(&output->pager);
    output->notices->progress = output->progress;
    if (output->redirect.kind == REDIRECT_FILE && !ok)
        outfile_drop(&output->file);
    else if (output->redirect.kind == REDIRECT_FILE)
        return outfile_keep(&output->file, NULL, err);
    return ok;
}

static bool answer_run(struct session *session, size_t argc, const char *const *argv,
                       const char *line, struct report *report, struct err *err)
{
    return line ? session_run_line(session, line, report, err)
                : session_run(session, argc, argv, report, err);
}

static struct answer answer_answer(struct session *session, const struct options *options,
                                   struct notices *notices, size_t argc, const char *const *argv,
                                   const char *line, const struct redirect *redirect)
{
    struct answer_output output;
    struct report report;
    struct err err = ERR_INIT;
    bool ok = answer_begin(&output, options, notices, redirect, &err);
    output.stream.before_context = &output;
    report_init(&report, session,
                options->json_object ? &report_as_json_object
                : options->json      ? &report_as_json
                                     : &report_as_text,
                &output.stream);
    if (ok)
        ok = answer_end(&output, answer_run(session, argc, argv, line, &report, &err), &err);
    notices_end(notices);
    bool interrupted = notices->interrupted && *notices->interrupted;
    if (!ok)
        answer_tell_error(notices, options, &report, &err);
    else if (report.stopped && interrupted)
        fputs("\nouro: stopped\n", stderr);
    else if (!report.stopped)
        say_summary(&report, &output, options, notices);
    struct answer result = {
        .ok = ok,
        .usage = err.kind == ERR_USAGE,
        .alarm = ok && report.alarm,
        .gone = report.stopped && !interrupted && redirect->kind == REDIRECT_NONE,
    };
    report_stream_fini(&output.stream);
    report_fini(&report);
    return result;
}

struct answer answer_words(struct session *session, const struct options *options,
                           struct notices *notices, size_t argc, const char *const *argv)
{
    const struct redirect nowhere = { REDIRECT_NONE, NULL };
    return answer_answer(session, options, notices, argc, argv, NULL, &nowhere);
}

// --json may be in any line, too.
struct answer answer_line(struct session *session, const struct options *options,
                          struct notices *notices, const char *line)
{
    struct options here = *options;
    struct redirect redirect = { REDIRECT_NONE, NULL };
    struct err err = ERR_INIT;
    char *copy = strdup(line);
    if (copy && !redirect_take(copy, &redirect, &err)) {
        notices_say(notices, err.text);
        free(copy);
        return (struct answer){ .usage = true };
    }
    if (copy && words_take(copy, "--json"))
        here.json = true;
    if (copy && words_take(copy, "--json-object"))
        here.json = here.json_object = true;
    struct answer answer =
        answer_answer(session, &here, notices, 0, NULL, copy ? copy : line, &redirect);
    free(copy);
    return answer;
}
