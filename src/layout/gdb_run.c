// SPDX-License-Identifier: GPL-3.0-or-later
// Running a batch gdb on files: see gdb_run.h.
//
// Names from the target never become part of a text that gdb parses: gdb executes every line of a
// command, and a path may have several. Files are opened here, once, and are passed as descriptors
// with fixed numbers; their names are for people. Nothing is left in any folder: the script's
// questions and answers are files in memory.
#include "layout/gdb_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "layout/gdb_spawn.h"

extern char **environ;

enum {
    SECONDS = 30,
    SAID_MAX = 300,         // bytes kept of gdb's complaints
    N_OWN = 3 + GDB_WISHES, // environment variables of ours, at most
    GRACE_MS = 50,
    LOOK_MS = 50, // how often cancellation is checked
    FILES_MAX = 256,
    FOLDERS_MOST = 2, // folders of the files that come first
    ANSWER_MOST = 32 << 20,
    MODULES_MAX = 16,
    ENTRIES_MAX = 20000,
};

struct gdb_run_run {
    const struct gdb_ask *ask;
    struct gdb_spawn spawn;
    int want, out;      // in memory
    size_t n_files;     // that could be opened
    size_t n_modules;   // folders of extension modules
    char refused[200];  // why a file could not be opened
    struct text files;  // "FD FOLDER NAME" per line
    char debug_dir[64]; // passed to gdb; made of numbers only
    char *env[N_OWN];   // ours
    size_t n_env;
    char **environment;  // ours and environ's
    char said[SAID_MAX]; // the last complaint
    bool stopped;
};

static bool run_setenv(struct gdb_run_run *run, const char *name, const char *value,
                       struct err *err)
{
    if (asprintf(&run->env[run->n_env], "OURO_%s_%s=%s", run->ask->name, name, value) < 0)
        return err_memory(err, name);
    run->n_env++;
    return true;
}

// Whether the variable is one that we set, or one for the script that we leave unset. Nothing is
// downloaded on behalf of a target either.
static bool gdb_run_is_ours(const struct gdb_run_run *run, const char *variable)
{
    size_t size = strlen(run->ask->name);
    return !strncmp(variable, "DEBUGINFOD_URLS=", 16)
           || (!strncmp(variable, "OURO_", 5) && !strncmp(variable + 5, run->ask->name, size)
               && variable[5 + size] == '_');
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

// ---- Files

static bool gdb_run_is_plain(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == 127)
            return false;
    return true;
}

static void run_refuse(struct gdb_run_run *run, const char *name, const char *why)
{
    snprintf(run->refused, sizeof run->refused, "%.140s: %.50s", name, why);
}

// The folder that really contains the file, as a descriptor. Below /proc/PID/root no link is
// resolved: it would lead out of there.
static int gdb_run_open_folder(const char *path)
{
    char *real = strncmp(path, "/proc/", 6) ? realpath(path, NULL) : strdup(path);
    char *slash = real ? strrchr(real, '/') : NULL;
    int fd = -1;
    if (slash) {
        slash[slash == real] = '\0';
        fd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    free(real);
    return fd;
}

// Opens a regular file that is the same as the one examined before; -1: failed.
static int gdb_run_open_file(struct gdb_run_run *run, const struct regular_file *file,
                             struct regular *which)
{
    struct err err = ERR_INIT;
    if (!gdb_run_is_plain(file->path)) {
        run_refuse(run, file->path, "a name with control characters is not handed to gdb");
        return -1;
    }
    int fd = regular_open(file->path, which, &err);
    if (fd >= 0 && file->which && !regular_same(which, file->which)) {
        close(fd);
        fd = -1;
        run_refuse(run, file->path, "it has been replaced meanwhile");
    } else if (fd < 0) {
        snprintf(run->refused, sizeof run->refused, "%.190s", err.text);
    }
    return fd;
}

// Allows reading lib-dynload, wherever an installation has it relative to the interpreter.
static void run_modules(struct gdb_run_run *run, int folder)
{
    static const char *const parts[] = { ".", "lib", "../lib", "..", "../lib64" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        int fd = openat(folder, parts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC), ignored;
        DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (fd >= 0 && !dir)
            close(fd);
        struct dirent *entry;
        for (unsigned n = 0; dir && n < ENTRIES_MAX && (entry = readdir(dir)); n++) {
            char name[NAME_MAX + 16];
            snprintf(name, sizeof name, "%s/lib-dynload", entry->d_name);
            int found = strncmp(entry->d_name, "python", 6)
                            ? -1
                            : openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (found >= 0 && run->n_modules++ < MODULES_MAX)
                gdb_spawn_pass(&run->spawn, found, &ignored, NULL);
            else if (found >= 0)
                close(found);
        }
        if (dir)
            closedir(dir);
    }
}

static bool run_folder(struct gdb_run_run *run, const char *path, int *at, struct err *err)
{
    int fd = gdb_run_open_folder(path);
    struct gdb_used *used = run->n_files ? NULL : run->ask->used;
    struct stat st;
    *at = -1;
    if (fd < 0)
        return true;
    if (used && !fstat(fd, &st)) {
        used->folder_device = (uint64_t)st.st_dev;
        used->folder_inode = (uint64_t)st.st_ino;
    }
    run_modules(run, fd);
    return gdb_spawn_pass_place(&run->spawn, fd, at, err);
}

static bool run_file(struct gdb_run_run *run, const struct regular_file *file, struct err *err)
{
    struct regular which;
    int fd = gdb_run_open_file(run, file, &which), file_at = 0, folder_at = -1;
    const char *path = file->path;
    if (fd < 0)
        return true;
    if (run->ask->used && run->n_files == 0)
        *run->ask->used = (struct gdb_used){ .file = which };
    bool wanted = run->n_files < FOLDERS_MOST && run->n_files < run->ask->n_folders;
    bool ok = gdb_spawn_pass(&run->spawn, fd, &file_at, err)
              && (!wanted || run_folder(run, path, &folder_at, err));
    run->n_files++;
    text_add_format(&run->files, "%d %d ", file_at, folder_at);
    text_add_string(&run->files, path);
    text_add_char(&run->files, '\n');
    return ok;
}

static bool run_files(struct gdb_run_run *run, struct err *err)
{
    for (size_t i = 0; i < run->ask->n_files && run->n_files < FILES_MAX; i++)
        if (!run_file(run, &run->ask->files[i], err))
            return false;
    if (run->n_files == 0)
        return err_set(err, ERR_NOT_FOUND, "%s",
                       run->refused[0] ? run->refused : "no file to read debug information from");
    return text_ok(&run->files, err);
}

// gdb is given a number: the folder's own name might contain a colon or worse.
static bool run_debug_dir(struct gdb_run_run *run, struct err *err)
{
    int at, fd = run->ask->debug_dir ? open(run->ask->debug_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                                     : -1;
    if (fd < 0)
        return true;
    if (!gdb_spawn_pass(&run->spawn, fd, &at, err))
        return false;
    snprintf(run->debug_dir, sizeof run->debug_dir,
             "set debug-file-directory /proc/self/fd/%d:/usr/lib/debug", at);
    return true;
}

// A descriptor of ours in the child, by its number there; the child's copy is the spawn's.
static bool run_memory(struct gdb_run_run *run, int *fd, const char *name, struct err *err)
{
    char number[16];
    int at;
    *fd = memfd_create("ouro-gdb", MFD_CLOEXEC);
    int copy = *fd >= 0 ? fcntl(*fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (copy < 0)
        return err_errno(err, errno, "a file in memory");
    if (!gdb_spawn_pass(&run->spawn, copy, &at, err))
        return false;
    snprintf(number, sizeof number, "%d", at);
    return run_setenv(run, name, number, err);
}

static bool run_want(const struct gdb_run_run *run, struct err *err)
{
    int copy = fcntl(run->want, F_DUPFD_CLOEXEC, 0);
    FILE *file = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (!file) {
        if (copy >= 0)
            close(copy);
        return err_errno(err, errno, "a file in memory");
    }
    run->ask->want(run->ask->context, file);
    bool ok = !ferror(file);
    ok = fclose(file) == 0 && ok && lseek(run->want, 0, SEEK_SET) == 0;
    return ok || err_errno(err, errno, "a file in memory");
}

static bool gdb_run_run_open(struct gdb_run_run *run, struct err *err)
{
    const struct gdb_ask *ask = run->ask;
    bool ok = run_memory(run, &run->want, "WANT", err) && run_memory(run, &run->out, "OUT", err)
              && run_want(run, err) && run_files(run, err) && run_debug_dir(run, err)
              && run_setenv(run, "FILES", text_string(&run->files), err);
    for (size_t i = 0; ok && i < ask->n_wishes && run->n_env < N_OWN; i++)
        ok = run_setenv(run, ask->wishes[i].name, ask->wishes[i].value, err);
    return ok && run_environment(run, err);
}

static void run_close(struct gdb_run_run *run)
{
    gdb_spawn_fini(&run->spawn);
    if (run->want >= 0)
        close(run->want);
    if (run->out >= 0)
        close(run->out);
    text_fini(&run->files);
    for (size_t i = 0; i < run->n_env; i++)
        free(run->env[i]);
    free(run->environment);
}

// ---- The child

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

static bool gdb_run_stops(struct gdb_run_run *run)
{
    run->stopped =
        run->stopped || !progress_step(run->ask->progress, "reading debug information", 0, 0);
    return run->stopped;
}

// Reads until the other end is closed, the time is up, or somebody cancels; true if it was closed.
static bool listen_until(struct gdb_run_run *run, int fd, int64_t deadline)
{
    char text[4096];
    size_t size = 0;
    for (;;) {
        int64_t left = deadline - clock_ms();
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        int n = left > 0 ? poll(&ready, 1, left < LOOK_MS ? (int)left : LOOK_MS) : 0;
        if ((n < 0 && errno == EINTR) || (n == 0 && left > LOOK_MS)) {
            if (gdb_run_stops(run))
                return false;
            continue;
        }
        if (n <= 0)
            return false;
        if (size == sizeof text - 1) { // the last lines are the ones that count
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

// Waits for the child, and kills it if the time is up. Its status, or -1 if it had to be killed.
static int reap(pid_t pid, int64_t deadline)
{
    bool killed = false;
    for (;;) {
        int status;
        pid_t got = waitpid(pid, &status, killed ? 0 : WNOHANG);
        if (got == pid)
            return killed ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (got < 0 && errno != EINTR)
            return 0; // somebody else has reaped it: its output tells how it went
        if (!killed && clock_ms() >= deadline) {
            kill(pid, SIGKILL);
            killed = true;
        } else if (!killed && got == 0) {
            poll(NULL, 0, GRACE_MS);
        }
    }
}

static bool gdb_run_run_gdb(struct gdb_run_run *run, struct err *err)
{
    const char *arguments[16];
    size_t n = 0;
    arguments[n++] = run->ask->gdb ? run->ask->gdb : "gdb";
    arguments[n++] = "-nx";
    arguments[n++] = "-nh";
    arguments[n++] = "-batch";
    arguments[n++] = "-iex";
    arguments[n++] = "set auto-load off"; // scripts that come with a file must not run
    if (run->debug_dir[0]) {
        arguments[n++] = "-iex";
        arguments[n++] = run->debug_dir;
    }
    arguments[n++] = "-x";
    arguments[n++] = run->ask->script;
    arguments[n] = NULL;

    int complaints = -1;
    unsigned seconds = run->ask->seconds ? run->ask->seconds : SECONDS;
    int64_t deadline = clock_ms() + 1000 * (int64_t)seconds;
    pid_t pid;
    if (!gdb_spawn_start(&run->spawn, arguments, run->environment, &pid, &complaints, err))
        return false;
    bool closed = listen_until(run, complaints, deadline);
    close(complaints);
    int status = reap(pid, closed ? deadline : 0);
    if (run->stopped)
        return err_set(err, ERR_CANCELLED, "stopped while reading debug information");
    if (status == 0)
        return true;
    if (status < 0)
        return err_set(err, ERR_IO, "gdb did not read the debug information in time");
    return err_set(err, ERR_NOT_FOUND, "gdb: %s",
                   run->said[0] ? run->said : "no debug information was read");
}

// The script's answer, zero-terminated, for free(). A child that did not finish its answer gave
// none.
static char *run_answer(const struct gdb_run_run *run, size_t *size, struct err *err)
{
    struct stat st;
    *size = 0;
    if (fstat(run->out, &st) || st.st_size > ANSWER_MOST) {
        err_set(err, ERR_FORMAT, "gdb: the answer is too long");
        return NULL;
    }
    if (st.st_size == 0) {
        err_set(err, ERR_NOT_FOUND, "gdb: %s",
                run->said[0] ? run->said : "no debug information was read");
        return NULL;
    }
    char *text = malloc((size_t)st.st_size + 1);
    if (!text) {
        err_memory(err, "an answer of gdb");
        return NULL;
    }
    while (*size < (size_t)st.st_size) {
        ssize_t got = pread(run->out, text + *size, (size_t)st.st_size - *size, (off_t)*size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        *size += (size_t)got;
    }
    text[*size] = '\0';
    return text;
}

bool gdb_run(const struct gdb_ask *ask, struct err *err)
{
    struct gdb_run_run run = { .ask = ask, .want = -1, .out = -1 };
    size_t size;
    bool ok = gdb_run_run_open(&run, err) && gdb_run_run_gdb(&run, err);
    char *answer = ok ? run_answer(&run, &size, err) : NULL;
    ok = answer && ask->read(ask->context, answer, size, err);
    free(answer);
    run_close(&run);
    return ok;
}
