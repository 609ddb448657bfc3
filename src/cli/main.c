// SPDX-License-Identifier: GPL-3.0-or-later
// The program: parses its options, opens the target, and hands over to the screen, the prompt or
// one command.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/unused.h"
#include "cli/answer.h"
#include "cli/gdb.h"
#include "cli/cache_list.h"
#include "cli/completion.h"
#include "cli/crash.h"
#include "cli/debuginfod.h"
#include "cli/manual.h"
#include "cli/notices.h"
#include "cli/options.h"
#include "cli/install_dirs.h"
#include "cli/repl.h"
#include "cli/serve.h"
#include "cli/watch.h"
#include "cmd/session/session.h"
#include "target/room.h"
#include "tui/tui.h"

#define STACK_WANTED ((rlim_t)8 << 20)
#define STACK_LEAST ((rlim_t)512 << 10)

enum status { STATUS_ANSWERED, STATUS_FAILED, STATUS_USAGE, STATUS_ALARM };

// The signal that asks us to end. Work stops at its next step, so that a held process is released
// and no file is left half written; a second signal ends us at once.
static volatile sig_atomic_t ended_by;

// Work that notices no signal (output that nobody reads, a long sort) is ended after this time, if
// nothing is lost by that.
#define END_SECONDS 1
static volatile sig_atomic_t may_end_at_once;

static void end_now(UNUSED int number)
{
    if (!may_end_at_once)
        return;
    signal(ended_by, SIG_DFL);
    raise(ended_by);
}

static void end_soon(int number)
{
    ended_by = number;
    alarm(END_SECONDS);
}

// Whether the command only prints rows: it writes no file, and holds no process.
static bool main_writes_rows_only(const struct options *options, const struct session *session)
{
    const struct command *command = options->argc ? command_find(options->argv[0]) : NULL;
    return !session->options.hold && !session->options.still
           && (!command || !command->writes || options->argc == 1); // alone it names no file
}

static const int endings[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU };

// A mapped file has become shorter, or its disk cannot be read: there is no way to go on.
static void lost_file(UNUSED int number)
{
    static const char sentence[] =
        "ouro: a file that was being looked at has become shorter, or cannot be read any more\n";
    UNUSED ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1); // nobody to tell
    _exit(STATUS_FAILED);
}

// Standard streams must be open: a file that got their number would receive our progress or rows.
static bool have_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

// Raises a small stack limit (ulimit -s) before the stack grows: the kernel checks the limit at
// each growth. Only root can exceed a hard limit.
static bool main_have_stack(struct err *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur >= STACK_WANTED)
        return true;
    struct rlimit wanted = { STACK_WANTED, STACK_WANTED };
    if (limit.rlim_max > STACK_WANTED)
        wanted.rlim_max = limit.rlim_max;
    if (setrlimit(RLIMIT_STACK, &wanted) == 0)
        return true;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= STACK_LEAST)
        return true;
    return err_set(err, ERR_IO, "the stack may grow to %ju KiB only (ulimit -s): ouro needs %ju",
                   (uintmax_t)(limit.rlim_cur >> 10), (uintmax_t)(STACK_LEAST >> 10));
}

static void catch_endings(struct notices *notices)
{
    const struct sigaction action = { .sa_handler = end_soon,
                                      .sa_flags = SA_RESTART | (int)SA_RESETHAND };
    struct sigaction before;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (!sigaction(endings[i], NULL, &before) && before.sa_handler != SIG_IGN) // nohup
            sigaction(endings[i], &action, NULL);
    sigaction(SIGALRM, &(struct sigaction){ .sa_handler = end_now, .sa_flags = SA_RESTART }, NULL);
    notices->interrupted = &ended_by;
}

// The screen and the prompt handle signals in their own way.
static void leave_endings(struct notices *notices)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct sigaction now;
        if (!sigaction(endings[i], NULL, &now) && now.sa_handler == end_soon)
            signal(endings[i], SIG_DFL);
    }
    notices->interrupted = NULL;
}

static int main_fail(struct notices *notices, const struct err *err)
{
    notices_end(notices);
    notices_say(notices, err->text);
    return err->kind == ERR_USAGE ? STATUS_USAGE : STATUS_FAILED;
}

static int print_text(struct text *text)
{
    bool ok = !text->failed && (fwrite(text_string(text), 1, text->size, stdout) == text->size)
              && !fflush(stdout);
    text_fini(text);
    return ok ? STATUS_ANSWERED : STATUS_FAILED;
}

static int print(void (*write_text)(struct text *out))
{
    struct text text = TEXT_INIT;
    write_text(&text);
    return print_text(&text);
}

static bool can_show_screen(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

static int main_show_screen(struct session *session, const struct options *options,
                            struct notices *notices)
{
    static const enum tui_colors colors[] = {
        [WHEN_AUTO] = TUI_COLORS_AUTO,
        [WHEN_ALWAYS] = TUI_COLORS_ALWAYS,
        [WHEN_NEVER] = TUI_COLORS_NEVER,
    };
    const struct tui_options how = { .colors = colors[options->color], .ascii = options->ascii };
    struct err err = ERR_INIT;
    notices_end(notices);
    return tui_run(session, &how, &err) ? STATUS_ANSWERED : main_fail(notices, &err);
}

static int main_run(struct session *session, const struct options *options, struct notices *notices,
                    FILE *script)
{
    static const char *const info[] = { "info" };
    bool screen = !options->argc && !options->script && !options->json && can_show_screen();
    if (options->interactive || screen)
        leave_endings(notices);
    if (ended_by)
        return STATUS_FAILED;
    if (serve_is(options))
        return serve_run(session, options, notices);
    if (script)
        return repl_run_file(session, options, notices, script);
    if (options->interactive)
        return repl_run(session, options, notices);
    if (screen)
        return main_show_screen(session, options, notices);
    may_end_at_once = main_writes_rows_only(options, session);
    struct answer answer =
        options->argc ? answer_words(session, options, notices, options->argc, options->argv)
                      : answer_words(session, options, notices, 1, info);
    return answer.ok      ? answer.alarm ? STATUS_ALARM : STATUS_ANSWERED
           : answer.usage ? STATUS_USAGE
                          : STATUS_FAILED;
}

// Rejects an unknown command before minutes are spent on opening a large core.
static bool check_command(const struct options *options, const struct session_options *how,
                          struct err *err)
{
    struct args args;
    return !options->argc || session_command(how, options->argc, options->argv, &args, err);
}

// Whether the command reads so little that copying the process's memory would take longer.
static bool main_is_glance(const struct options *options)
{
    bool quick = false;
    for (size_t i = 1; i < options->argc; i++)
        quick |= !strcmp(options->argv[i], "--quick");
    return options->pid && options->argc && !strcmp(options->argv[0], "info") && quick
           && !options->script && !options->interactive;
}

// The process is stopped meanwhile, so we do not wait for gdb: if its answer is needed and not
// cached, a copy is made after all.
static bool main_open(struct session *session, const struct options *options,
                      const struct session_options *how, struct err *err)
{
    struct session_options held = *how;
    struct err why = ERR_INIT;
    held.hold = held.glance = held.no_gdb = true;
    held.fetch = NULL;
    if (main_is_glance(options) && !how->hold && !how->still && session_open(session, &held, &why))
        return true;
    return session_open(session, how, err);
}

// How targets are opened. data and programs: buffers for paths.
#define PATH_ROOM 4096
static struct session_options main_how(const struct options *options, struct notices *notices,
                                       char *data, char *programs)
{
    return (struct session_options){
        .core = options->core,
        .pid = options->pid,
        .hold = options->hold,
        .still = options->still,
        .exe = options->exe,
        .sysroot = options->sysroot,
        .layout = options->layout,
        .python = options->python,
        .data = install_data(data, PATH_ROOM) ? data : NULL,
        .programs = install_programs(programs, PATH_ROOM) ? programs : NULL,
        .traverse = options->traverse,
        .traverse_limit = options->traverse_limit,
        .threads = options->threads,
        .fetch = options->debuginfod ? debuginfod_fetch : NULL,
        .fetch_context = notices,
        .no_gdb = options->no_gdb,
        .no_cache = options->no_cache,
        .untrusted = options->untrusted,
        .bare = options->argc && command_find(options->argv[0])
                && command_find(options->argv[0])->needs == NEEDS_TARGET,
        .progress = notices_progress(notices),
        .warn = notices_warn,
        .warn_context = notices,
    };
}

static int open_and_run(const struct options *options, struct notices *notices)
{
    char data[PATH_ROOM], programs[PATH_ROOM];
    const struct session_options how = main_how(options, notices, data, programs);
    struct session session;
    struct err err = ERR_INIT;
    if (!check_command(options, &how, &err))
        return main_fail(notices, &err);
    FILE *script = options->script ? fopen(options->script, "re") : NULL;
    if (options->script && !script) {
        err_errno(&err, errno, options->script);
        return main_fail(notices, &err);
    }
    progress_step(&how.progress, "locate", 0, 0);
    may_end_at_once = options->core != NULL;
    bool opened = main_open(&session, options, &how, &err);
    may_end_at_once = false;
    if (!opened) {
        if (script)
            fclose(script);
        return main_fail(notices, &err);
    }
    notices_end(notices);
    int status = main_run(&session, options, notices, script);
    session_close(&session);
    if (script)
        fclose(script);
    return status;
}

static int write_completion(struct notices *notices, const char *shell)
{
    struct text text = TEXT_INIT;
    if (completion_write(shell, &text))
        return print_text(&text);
    struct err err = ERR_INIT;
    err_set(&err, ERR_USAGE, "--completion takes bash, zsh or fish, not '%s'", shell);
    return main_fail(notices, &err);
}

static int main_watch(const struct options *options, struct notices *notices)
{
    char data[PATH_ROOM], programs[PATH_ROOM];
    const struct session_options how = main_how(options, notices, data, programs);
    struct err err = ERR_INIT;
    return watch_run(options, notices, &how, &err) ? STATUS_ANSWERED : main_fail(notices, &err);
}

// `help` reads no heap, and `fleet` opens its own: a session with nothing open answers them.
static int main_teach(const struct options *options, struct notices *notices)
{
    char data[PATH_ROOM], programs[PATH_ROOM];
    struct session session = { .selected = NODE_NONE };
    struct err err = ERR_INIT;
    session.options = main_how(options, notices, data, programs);
    if (!check_command(options, &session.options, &err))
        return main_fail(notices, &err);
    struct answer answer = answer_words(&session, options, notices, options->argc, options->argv);
    return answer.ok ? STATUS_ANSWERED : answer.usage ? STATUS_USAGE : STATUS_FAILED;
}

int main(int argc, char **argv)
{
    struct options options;
    struct notices notices;
    struct err err = ERR_INIT;
    if (!have_streams())
        return STATUS_FAILED;
    signal(SIGBUS, lost_file);
    signal(SIGXFSZ, SIG_IGN); // writes beyond ulimit -f fail with EFBIG, which is reported
    signal(SIGPIPE, SIG_IGN); // writes fail with EPIPE instead, and end the answer quietly
    bool ok = options_parse(&options, argc, argv, &err)
              && (!options.debuginfod || debuginfod_allowed(&err));
    ok = ok && main_have_stack(&err);
    notices_init(&notices, &options);
    if (!ok)
        return main_fail(&notices, &err);
    if (options.help)
        return print(manual_help);
    if (options.manual)
        return print(manual_page);
    if (options.completion)
        return write_completion(&notices, options.completion);
    if (options.version) {
        puts("ouro " PACKAGE_VERSION);
        return STATUS_ANSWERED;
    }
    if (options.cache)
        return cache_show(options.cache, &err) ? STATUS_ANSWERED : main_fail(&notices, &err);
    if (options.teach)
        return main_teach(&options, &notices);
    if (options.gdb)
        return gdb_become(&options, &err) ? STATUS_ANSWERED : main_fail(&notices, &err);
    install_terminals();
    if (options.pid)
        room_offer(); // if memory runs out, the kernel shall end us, not the target
    catch_endings(&notices);
    int status = STATUS_ANSWERED;
    if (watch_is_asked(&options))
        status = main_watch(&options, &notices);
    else if (crash_is_asked(&options))
        status = crash_run(&options, &notices, &err) ? STATUS_ANSWERED : main_fail(&notices, &err);
    else
        status = open_and_run(&options, &notices);
    if (ended_by) { // so that our parent sees the signal
        signal(ended_by, SIG_DFL);
        raise(ended_by);
    }
    return status;
}
