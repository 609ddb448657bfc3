// SPDX-License-Identifier: GPL-3.0-or-later
// Questions in, answers out: see serve.h.
#include "cli/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/unused.h"
#include "cli/serve_job.h"
#include "cli/serve_mcp.h"
#include "cmd/session/words.h"

#define LOOK_EVERY 50 // milliseconds between checks for messages while a question is answered
#define WAIT 500      // for a message, before checking whether to end
#define CLIENTS_MAX 32
#define WRITE_SECONDS 30 // that a client may take before it reads on

// --- what may be asked --------------------------------------------------------------------------

static bool serve_writes_always(const struct command *command)
{
    return command->writes && !*command->writes;
}

bool serve_may_run(const struct serve_job *job, const struct command *command)
{
    return strcmp(command->name, "serve") && (job->allow || !serve_writes_always(command));
}

bool serve_may_take(const struct serve_job *job, const struct command *command,
                    const struct option_row *row)
{
    bool writes = command->writes && !strcmp(command->writes, row->name);
    return job->allow || (!writes && row->complete != COMPLETE_FILE);
}

bool serve_check(const struct serve_job *job, size_t argc, const char *const *argv, struct err *err)
{
    const struct command *command = argc ? command_find(argv[0]) : NULL;
    struct args args;
    if (!command)
        return true; // session_run reports it
    if (!serve_may_run(job, command))
        return err_set(err, ERR_UNSUPPORTED, "%s writes files: allowed only with serve --allow",
                       command->name);
    if (!args_parse(&args, command, argc - 1, argv + 1, err))
        return false;
    for (size_t i = 0; i < args.option_count; i++)
        if (!serve_may_take(job, command, args.options[i].row))
            return err_set(err, ERR_UNSUPPORTED,
                           "%s --%s takes a file: allowed only with serve --allow", command->name,
                           args.options[i].row->name);
    return true;
}

// --- stopping -----------------------------------------------------------------------------------

// The index of the waiting question with this id that came before message `end`; else `end`.
static size_t serve_find(const struct serve_line *client, const json_t *id, size_t end)
{
    size_t i = 0;
    while (i < end && !json_equal(json_object_get(client->waiting[i], "id"), id))
        i++;
    return i;
}

static void serve_drop(struct serve_line *client, size_t i)
{
    char *plain;
    json_decref(serve_line_take(client, i, &plain));
    free(plain);
}

// A question that is stopped before its turn gets a last line like any other.
static void serve_tell_dropped(struct serve_job *job, size_t i)
{
    char *id =
        json_dumps(json_object_get(job->client->waiting[i], "id"), JSON_ENCODE_ANY | JSON_COMPACT);
    struct text line = TEXT_INIT;
    if (id)
        text_add_format(&line, "{\"id\":%s,\"error\":{\"message\":\"cancelled\",\"status\":1}}\n",
                        id);
    serve_line_write(job->client, &line);
    text_fini(&line);
    free(id);
}

// Removes the waiting messages that the waiting cancellations are about, and these.
static void serve_sweep(struct serve_job *job)
{
    struct serve_line *client = job->client;
    for (size_t i = 0; i < client->count;) {
        const json_t *id = job->cancels(client->waiting[i]);
        if (!id) {
            i++;
            continue;
        }
        size_t asked = serve_find(client, id, i);
        job->cancelled |= job->id && json_equal(id, job->id);
        serve_drop(client, i);
        if (asked < i) {
            if (job->tells)
                serve_tell_dropped(job, asked);
            serve_drop(client, asked);
            i--;
        }
    }
}

static bool serve_step(void *context, const char *phase, uint64_t done, uint64_t total)
{
    struct serve_job *job = context;
    struct progress shown = notices_progress(job->notices);
    uint64_t now = clock_ms();
    if (job->client && now >= job->next_look) {
        job->next_look = now + LOOK_EVERY;
        serve_line_read(job->client, 0);
        serve_sweep(job);
    }
    return progress_step(&shown, phase, done, total) && !job->cancelled
           && !(job->client && job->client->lost);
}

// --- JSON Lines ---------------------------------------------------------------------------------

struct serve_answer {
    struct serve_job *job;
    char *id; // as JSON
    struct text out;
};

static void serve_add_head(struct serve_answer *answer)
{
    text_add_format(&answer->out, "{\"id\":%s,", answer->id);
}

static bool serve_row(struct report *report, const struct cell *cells, UNUSED struct err *err)
{
    struct serve_answer *answer = report->out;
    serve_add_head(answer);
    text_add_string(&answer->out, "\"row\":");
    report_add_row_json(report, cells, &answer->out);
    text_add_string(&answer->out, "}\n");
    if (answer->out.size >= 65536) {
        serve_line_write(answer->job->client, &answer->out);
        report->stopped = !serve_step(answer->job, "writing", report->kept, 0);
    }
    return !report->stopped;
}

static bool serve_end(struct report *report, struct err *err)
{
    struct serve_answer *answer = report->out;
    struct text summary = TEXT_INIT;
    report_add_summary_json(report, NULL, &summary);
    serve_add_head(answer);
    text_add_string(&answer->out, text_string(&summary) + 1); // {"summary": without its bracket
    text_add_char(&answer->out, '\n');
    bool ok = text_ok(&summary, err);
    text_fini(&summary);
    return ok && (serve_line_write(answer->job->client, &answer->out) || true);
}

static const struct report_sink serve_sink = { .row = serve_row, .end = serve_end };

static void serve_fail(struct serve_answer *answer, const struct err *err)
{
    serve_add_head(answer);
    text_add_string(&answer->out, "\"error\":{");
    json_add_key(&answer->out, "message");
    json_add_string(&answer->out, err->text);
    json_add_key(&answer->out, "status");
    json_add_number(&answer->out, err->kind == ERR_USAGE ? 2 : 1);
    text_add_string(&answer->out, "}}\n");
    serve_line_write(answer->job->client, &answer->out);
}

static bool serve_run_words(struct serve_answer *answer, size_t argc, const char *const *argv,
                            struct err *err)
{
    struct report report;
    report_init(&report, answer->job->session, &serve_sink, answer);
    bool ok = serve_check(answer->job, argc, argv, err)
              && session_run(answer->job->session, argc, argv, &report, err);
    if (ok && answer->job->cancelled)
        ok = err_set(err, ERR_CANCELLED, "cancelled");
    report_fini(&report);
    return ok;
}

static bool serve_run_list(struct serve_answer *answer, const json_t *list, struct err *err)
{
    const char *argv[ARGS_MAX];
    size_t count = json_array_size(list);
    if (count > ARGS_MAX)
        return err_set(err, ERR_USAGE, "more than %d words", ARGS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!(argv[i] = json_string_value(json_array_get(list, i))))
            return err_set(err, ERR_USAGE, "command: a text, or a list of texts");
    return serve_run_words(answer, count, argv, err);
}

static bool serve_run_line(struct serve_answer *answer, const char *line, struct err *err)
{
    struct words words;
    if (!words_split(&words, line, err))
        return false;
    bool ok = serve_run_words(answer, words.count, words.items, err);
    words_fini(&words);
    return ok;
}

static const json_t *serve_cancels(const json_t *message)
{
    return json_object_get(message, "cancel");
}

static void serve_answer_message(struct serve_job *job, const json_t *message)
{
    const json_t *id = json_object_get(message, "id"),
                 *command = json_object_get(message, "command");
    struct serve_answer answer = { .job = job };
    struct err err = ERR_INIT;
    answer.id = id ? json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT) : strdup("null");
    job->id = id;
    job->cancelled = false;
    bool ok =
        answer.id
        && (json_is_string(command) ? serve_run_line(&answer, json_string_value(command), &err)
            : json_is_array(command)
                ? serve_run_list(&answer, command, &err)
                : err_set(&err, ERR_USAGE, "a question is {\"id\":1,\"command\":\"types\"}"));
    job->id = NULL;
    if (!ok && answer.id)
        serve_fail(&answer, &err);
    free(answer.id);
    text_fini(&answer.out);
}

// --- clients ------------------------------------------------------------------------------------

static bool serve_is_over(const struct serve_job *job)
{
    return job->notices->interrupted && *job->notices->interrupted;
}

static void serve_next(struct serve_job *job, bool mcp)
{
    char *plain;
    serve_sweep(job);
    if (!job->client->count)
        return;
    json_t *message = serve_line_take(job->client, 0, &plain);
    if (mcp)
        serve_mcp_answer(job, message);
    else
        serve_answer_message(job, message);
    json_decref(message);
    free(plain);
    notices_end(job->notices);
}

static int serve_stdio(struct serve_job *job, bool mcp)
{
    struct serve_line client = { .in = STDIN_FILENO, .out = STDOUT_FILENO };
    job->client = &client;
    while (!client.lost && !serve_is_over(job) && (client.count || !client.ended)) {
        if (client.count)
            serve_next(job, mcp);
        else
            serve_line_read(&client, WAIT);
    }
    serve_line_fini(&client);
    job->client = NULL;
    return 0;
}

static bool serve_listen(const char *path, int *listener, struct err *err)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof name.sun_path)
        return err_set(err, ERR_USAGE, "--socket: the path is too long");
    strcpy(name.sun_path, path);
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0177); // private from the moment it exists
    bool ok = *listener >= 0 && !bind(*listener, (struct sockaddr *)&name, sizeof name);
    int why = errno;
    umask(mask);
    if (ok && !listen(*listener, CLIENTS_MAX))
        return true;
    if (ok)
        unlink(path);
    if (*listener >= 0)
        close(*listener);
    return err_errno(err, why, path);
}

static void serve_accept(int listener, struct serve_line *clients, size_t *count)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct ucred peer;
    socklen_t size = sizeof peer;
    const struct timeval limit = { .tv_sec = WRITE_SECONDS };
    if (fd < 0)
        return;
    if (*count == CLIENTS_MAX || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size)
        || (peer.uid != geteuid() && peer.uid) // root may do as it likes in any case
        || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit)) {
        close(fd);
        return;
    }
    clients[(*count)++] = (struct serve_line){ .in = fd, .out = fd };
}

static void serve_leave(struct serve_line *clients, size_t *count, size_t i)
{
    close(clients[i].in);
    serve_line_fini(&clients[i]);
    clients[i] = clients[--*count];
}

// Answers one question per client in turn.
static void serve_round(struct serve_job *job, struct serve_line *clients, size_t *count)
{
    for (size_t i = 0; i < *count;) {
        serve_line_read(&clients[i], 0);
        job->client = &clients[i];
        if (clients[i].count)
            serve_next(job, false);
        job->client = NULL;
        if (clients[i].lost || (clients[i].ended && !clients[i].count))
            serve_leave(clients, count, i);
        else
            i++;
    }
}

static bool serve_has_work(const struct serve_line *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (clients[i].count || clients[i].ended)
            return true;
    return false;
}

static void serve_wait(int listener, struct serve_line *clients, size_t *count)
{
    struct pollfd ready[CLIENTS_MAX + 1] = { { .fd = listener, .events = POLLIN } };
    for (size_t i = 0; i < *count; i++)
        ready[i + 1] = (struct pollfd){ .fd = clients[i].in, .events = POLLIN };
    if (poll(ready, *count + 1, serve_has_work(clients, *count) ? 0 : WAIT) > 0 && ready[0].revents)
        serve_accept(listener, clients, count);
}

static int serve_socket(struct serve_job *job, const char *path)
{
    struct serve_line *clients = calloc(CLIENTS_MAX, sizeof *clients);
    struct err err = ERR_INIT;
    size_t count = 0;
    int listener = -1;
    if (!clients || !serve_listen(path, &listener, &err)) {
        notices_say(job->notices, clients ? err.text : "out of memory");
        free(clients);
        return 1;
    }
    while (!serve_is_over(job)) {
        serve_wait(listener, clients, &count);
        serve_round(job, clients, &count);
    }
    while (count)
        serve_leave(clients, &count, 0);
    unlink(path);
    close(listener);
    free(clients);
    return 0;
}

// --- beginning ----------------------------------------------------------------------------------

bool serve_is(const struct options *options)
{
    const struct command *command = options->argc ? command_find(options->argv[0]) : NULL;
    return command && !strcmp(command->name, "serve");
}

int serve_run(struct session *session, const struct options *options, struct notices *notices)
{
    struct serve_job job = { .session = session, .notices = notices };
    struct args args;
    struct err err = ERR_INIT;
    if (!args_parse(&args, command_find(options->argv[0]), options->argc - 1, options->argv + 1,
                    &err))
        return 2; // it has been parsed already
    const char *path = args_text(&args, "socket");
    bool mcp = args_has(&args, "mcp");
    if (path && mcp) {
        notices_say(notices, "serve: --mcp is on stdin and stdout");
        return 2;
    }
    job.allow = args_has(&args, "allow");
    job.tells = !mcp;
    job.cancels = mcp ? serve_mcp_cancels : serve_cancels;
    struct progress before = session->options.progress;
    session->options.progress = (struct progress){ serve_step, &job };
    int status = path ? serve_socket(&job, path) : serve_stdio(&job, mcp);
    session->options.progress = before;
    if (job.kept_words)
        report_fini(&job.kept);
    free(job.kept_words);
    return status;
}
