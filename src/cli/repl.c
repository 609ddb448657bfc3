// SPDX-License-Identifier: GPL-3.0-or-later
// The prompt: see repl.h. readline is a set of globals; they are all set here.
#include "cli/repl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/unused.h"
#include "base/vec.h"
#include "cli/answer.h"
#include "cli/install_dirs.h"

#define HISTORY_MAX 2000

// readline asks for completions through plain functions, so their data has to be here while the
// prompt is open.
static struct {
    struct session *session;
    char **found;
    size_t count, capacity, next;
} completion;

// Ctrl-C was pressed: stops the running command, or empties the line being typed.
static volatile sig_atomic_t interrupted;

static void interrupt(UNUSED int number)
{
    interrupted = 1;
}

static int empty_line(void)
{
    if (interrupted) {
        interrupted = 0;
        rl_replace_line("", 0);
        rl_crlf();
        rl_on_new_line();
        rl_redisplay();
    }
    return 0;
}

static void keep_word(UNUSED void *context, const char *word)
{
    char *copy = strdup(word);
    if (copy
        && vec_grow(&completion.found, &completion.capacity, completion.count + 1, sizeof copy,
                    NULL))
        completion.found[completion.count++] = copy;
    else
        free(copy);
}

static char *next_word(UNUSED const char *text, int state)
{
    if (!state)
        completion.next = 0;
    // readline frees the string.
    return completion.next < completion.count ? completion.found[completion.next++] : NULL;
}

static char **repl_complete(const char *text, int start, int end)
{
    const char *sign = strchr(rl_line_buffer, '>');
    bool to_file = sign && sign < rl_line_buffer + start;
    struct session_options *options = &completion.session->options;
    struct progress progress = options->progress;
    completion.count = 0;
    options->progress = (struct progress){ 0 }; // it would overwrite the line
    session_complete(completion.session, rl_line_buffer, (size_t)end, keep_word, NULL);
    options->progress = progress;
    rl_attempted_completion_over = // readline itself completes only files
        !to_file && !session_completes_files(rl_line_buffer, (size_t)end);
    return completion.count ? rl_completion_matches(text, next_word) : NULL;
}

static void start_readline(struct session *session, char *history, size_t size)
{
    completion.session = session;
    rl_readline_name = "ouro";
    rl_attempted_completion_function = repl_complete;
    rl_basic_word_break_characters = " \t\n";
    rl_completer_quote_characters = "'\"";
    rl_signal_event_hook = empty_line;
    sigaction(SIGINT, &(struct sigaction){ .sa_handler = interrupt }, NULL);
    using_history();
    stifle_history(HISTORY_MAX);
    if (install_history(history, size))
        read_history(history);
    else
        *history = 0;
}

static void end_readline(const char *history)
{
    if (*history)
        write_history(history);
    clear_history();
    signal(SIGINT, SIG_DFL);
    free(completion.found);
    completion.found = NULL;
    completion.count = completion.capacity = 0;
}

static bool is_empty(const char *line)
{
    line += strspn(line, " \t\r\n");
    return !*line || *line == '#';
}

static bool is_quit(const char *line)
{
    static const char *const words[] = { "quit", "exit", "q" };
    line += strspn(line, " \t");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t size = strlen(words[i]);
        if (!strncmp(line, words[i], size) && !line[size + strspn(line + size, " \t\r\n")])
            return true;
    }
    return false;
}

// Runs lines until next() has no more; returns the exit status: 1 if one of them failed.
static int run_lines(struct session *session, const struct options *options,
                     struct notices *notices, char *(*next)(FILE *from), FILE *from)
{
    bool failed = false, alarm = false;
    for (char *line; (line = next(from));) {
        bool quit = is_quit(line), gone = false;
        if (!quit && !is_empty(line)) {
            struct answer answer = answer_line(session, options, notices, line);
            failed |= !answer.ok;
            alarm |= answer.alarm;
            gone = answer.gone;
        }
        free(line);
        if (quit || gone)
            break;
    }
    return failed ? 1 : alarm ? 3 : 0;
}

static char *next_typed(UNUSED FILE *from)
{
    interrupted = 0;
    char *line = readline("(ouro) ");
    interrupted = 0;
    if (!line)
        putchar('\n');
    else if (!is_empty(line))
        add_history(line);
    return line;
}

static char *next_scripted(FILE *from)
{
    char *line = NULL;
    size_t size = 0;
    if (getline(&line, &size, from) >= 0)
        return line;
    free(line);
    return NULL;
}

int repl_run_file(struct session *session, const struct options *options, struct notices *notices,
                  FILE *file)
{
    return run_lines(session, options, notices, next_scripted, file);
}

int repl_run(struct session *session, const struct options *options, struct notices *notices)
{
    if (!isatty(STDIN_FILENO))
        return repl_run_file(session, options, notices, stdin);
    char history[4096];
    start_readline(session, history, sizeof history);
    notices->interrupted = &interrupted;
    run_lines(session, options, notices, next_typed, NULL);
    end_readline(history);
    return 0;
}
