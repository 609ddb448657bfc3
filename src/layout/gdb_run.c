// SPDX-License-Identifier: GPL-3.0-or-later
// Running a batch gdb on files: see gdb_run.h.
//
// The wishes travel as environment variables and a file, never as pieces of a command line: a path
// may hold anything.
#include "layout/gdb_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"

extern char **environ;

enum {
    SECONDS = 30,
    SAID_MAX = 300,         // bytes kept of what gdb complains about
    N_OWN = 2 + GDB_WISHES, // environment variables of ours, at most
    GRACE_MS = 50,
};

struct gdb_run_run {
    const struct gdb_ask *ask;
    char dir[64];     // the temporary folder
    char want[80];    // in it: what the script shall look for
    char out[80];     // in it: what it found
    char *env[N_OWN]; // ours
    size_t n_env;
    char **environment;  // ours and environ's
    char said[SAID_MAX]; // the last complaint
};

static bool run_setenv(struct gdb_run_run *run, const char *name, const char *value,
                       struct err *err)
{
    if (asprintf(&run->env[run->n_env], "%s=%s", name, value) < 0)
        return err_memory(err, name);
    run->n_env++;
    return true;
}

// Whether the variable is one that we set, or one of the script's that we do not.
static bool gdb_run_is_ours(const struct gdb_run_run *run, const char *variable)
{
    const char *end = strrchr(run->ask->want_name, '_');
    size_t size = (size_t)(end - run->ask->want_name) + 1;
    return strncmp(variable, run->ask->want_name, size) == 0;
}

// environ without anything of that name, then ours.
static bool run_environment(struct gdb_run_run *run, struct err *err)
{
    size_t n = 0;
    while (environ && environ[n])
        n++;
    run->environment = calloc(n + run->n_env + 1, sizeof *run->environment);
    if (!run->environment)
        return err_memory(err, "an environment");
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        if (!gdb_run_is_ours(run, environ[i]))
            run->environment[at++] = environ[i];
    for (size_t i = 0; i < run->n_env; i++)
        run->environment[at++] = run->env[i];
    return true;
}

static bool run_describe(struct gdb_run_run *run, struct err *err)
{
    const struct gdb_ask *ask = run->ask;
    bool ok = run_setenv(run, ask->want_name, run->want, err)
              && run_setenv(run, ask->out_name, run->out, err);
    for (size_t i = 0; ok && i < ask->n_wishes && run->n_env < N_OWN; i++)
        ok = run_setenv(run, ask->wishes[i].name, ask->wishes[i].value, err);
    return ok && run_environment(run, err);
}

static bool run_want(const struct gdb_run_run *run, struct err *err)
{
    FILE *file = fopen(run->want, "we");
    if (!file)
        return err_errno(err, errno, run->want);
    run->ask->want(run->ask->context, file);
    bool ok = !ferror(file);
    return (fclose(file) == 0 && ok) || err_errno(err, errno, run->want);
}

static bool gdb_run_run_open(struct gdb_run_run *run, struct err *err)
{
    const char *tmp = getenv("TMPDIR");
    if (!tmp || tmp[0] != '/' || strlen(tmp) > 32)
        tmp = "/tmp";
    snprintf(run->dir, sizeof run->dir, "%s/ouro-XXXXXX", tmp);
    if (!mkdtemp(run->dir)) {
        err_errno(err, errno, run->dir);
        run->dir[0] = '\0';
        return false;
    }
    snprintf(run->want, sizeof run->want, "%s/want", run->dir);
    snprintf(run->out, sizeof run->out, "%s/out", run->dir);
    return run_want(run, err) && run_describe(run, err);
}

static void run_close(struct gdb_run_run *run)
{
    if (run->dir[0]) {
        unlink(run->want);
        unlink(run->out);
        rmdir(run->dir);
    }
    for (size_t i = 0; i < run->n_env; i++)
        free(run->env[i]);
    free(run->environment);
}

// ---- The child

// A child that inherits neither our signal mask nor the dispositions of whoever has loaded us; its
// standard error is ours to read, the rest leads nowhere.
static int gdb_run_spawn(const struct gdb_run_run *run, int complaints, char *const *arguments,
                         pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0); // so that a terminal's ^C stays with us
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
                                              | POSIX_SPAWN_SETPGROUP);
    int number =
        posix_spawnp(pid, arguments[0], &actions, &attributes, arguments, run->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

static int64_t gdb_run_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Keeps the last line that says something; gdb's warnings come before the script's own sentence.
static void keep_last_line(struct gdb_run_run *run, char *text)
{
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (strncmp(line, "ouro: ", 6) == 0)
            line += 6;
        if (line[strspn(line, " \t\r")])
            snprintf(run->said, sizeof run->said, "%s", line);
    }
}

// Reads until the other end is closed or the time is over; true when it was closed.
static bool listen_until(struct gdb_run_run *run, int fd, int64_t deadline)
{
    char text[4096];
    size_t size = 0;
    for (;;) {
        int64_t left = deadline - gdb_run_now_ms();
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        int n = left > 0 ? poll(&ready, 1, (int)left) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        if (size == sizeof text - 1) { // the end is what counts
            memmove(text, text + size / 2, size - size / 2);
            size -= size / 2;
        }
        ssize_t got = read(fd, text + size, sizeof text - 1 - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    text[size] = '\0';
    keep_last_line(run, text);
    return true;
}

// Waits for the child, killing it when the time is over; its status, or -1 if it had to be killed.
static int reap(pid_t pid, int64_t deadline)
{
    bool killed = false;
    for (;;) {
        int status;
        pid_t got = waitpid(pid, &status, killed ? 0 : WNOHANG);
        if (got == pid)
            return killed ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (got < 0 && errno != EINTR)
            return 0; // somebody else has waited for it: what it wrote tells how it went
        if (!killed && gdb_run_now_ms() >= deadline) {
            kill(pid, SIGKILL);
            killed = true;
        } else if (!killed && got == 0) {
            poll(NULL, 0, GRACE_MS);
        }
    }
}

static bool gdb_run_run_gdb(struct gdb_run_run *run, struct err *err)
{
    char debug_dir[1100];
    snprintf(debug_dir, sizeof debug_dir, "set debug-file-directory %s",
             run->ask->debug_dir ? run->ask->debug_dir : "");
    char *arguments[16];
    size_t n = 0;
    arguments[n++] = (char *)(run->ask->gdb ? run->ask->gdb : "gdb");
    arguments[n++] = "-nx";
    arguments[n++] = "-nh";
    arguments[n++] = "-batch";
    arguments[n++] = "-iex";
    arguments[n++] = "set auto-load off"; // a file's own scripts are not ours to run
    if (run->ask->debug_dir) {
        arguments[n++] = "-iex";
        arguments[n++] = debug_dir;
    }
    arguments[n++] = "-x";
    arguments[n++] = (char *)run->ask->script;
    arguments[n] = NULL;

    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(err, errno, "a pipe to gdb");
    int64_t deadline =
        gdb_run_now_ms() + 1000 * (int64_t)(run->ask->seconds ? run->ask->seconds : SECONDS);
    pid_t pid;
    int number = gdb_run_spawn(run, ends[1], arguments, &pid);
    close(ends[1]);
    if (number != 0) {
        close(ends[0]);
        return err_errno(err, number, arguments[0]);
    }
    bool closed = listen_until(run, ends[0], deadline);
    close(ends[0]);
    int status = reap(pid, closed ? deadline : 0);
    if (status == 0)
        return true;
    if (status < 0)
        return err_set(err, ERR_IO, "gdb did not read the debug information in time");
    return err_set(err, ERR_NOT_FOUND, "gdb: %s",
                   run->said[0] ? run->said : "no debug information was read");
}

bool gdb_run(const struct gdb_ask *ask, struct err *err)
{
    struct gdb_run_run run = { .ask = ask };
    bool ok = gdb_run_run_open(&run, err) && gdb_run_run_gdb(&run, err);
    if (ok && access(run.out, R_OK) != 0)
        ok = err_set(err, ERR_NOT_FOUND, "gdb: %s",
                     run.said[0] ? run.said : "no debug information was read");
    ok = ok && ask->read(ask->context, run.out, err);
    run_close(&run);
    return ok;
}
