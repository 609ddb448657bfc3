// SPDX-License-Identifier: GPL-3.0-or-later
// The heap of a process that is dying: see crash.h.
#include "cli/crash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/keep.h"
#include "cmd/command.h"

#define CRASH_PREFIX "ouro-crash-"
#define CRASH_FREE_PART 20 // of the disk, that stays free

struct crash {
    const struct options *options;
    const struct notices *notices;
    struct args args;
    pid_t pid;
    uint64_t seconds, memory, keep;
    const char *dir;
    char folder[4000]; // ours alone
    char file[4096];   // in it
    char told[1000];   // what the child said last
};

static uint64_t crash_half_of_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 2 : UINT64_C(1) << 30;
}

static bool crash_take_words(struct crash *c, struct err *err)
{
    uint64_t pid;
    if (!args_parse(&c->args, command_find("collect-core"), c->options->argc - 1,
                    c->options->argv + 1, err))
        return false;
    if (!number_parse(c->args.words[0], &pid) || !pid || pid > INT32_MAX)
        return err_set(err, ERR_USAGE, "collect-core: '%s' is no process's number",
                       c->args.words[0]);
    c->pid = (pid_t)pid;
    c->dir = args_text(&c->args, "dir") ? args_text(&c->args, "dir") : "/var/crash";
    c->seconds = args_number(&c->args, "seconds", 60);
    c->memory = args_number(&c->args, "memory", crash_half_of_memory());
    c->keep = args_number(&c->args, "keep", 5);
    if (!c->seconds || c->seconds > 86400 || !c->keep || !c->memory)
        return err_set(err, ERR_USAGE,
                       "collect-core: --seconds, --memory and --keep take 1 or more");
    return true;
}

// --- room ---------------------------------------------------------------------------------------

static bool crash_has_room(const struct crash *c, struct err *err)
{
    struct statvfs disk;
    if (statvfs(c->dir, &disk))
        return err_errno(err, errno, c->dir);
    if (disk.f_bavail < disk.f_blocks / CRASH_FREE_PART)
        return err_set(err, ERR_IO, "%s: the disk is nearly full", c->dir);
    return true;
}

// --- the child ----------------------------------------------------------------------------------

static bool crash_open_folder(struct crash *c, struct err *err)
{
    int size = snprintf(c->folder, sizeof c->folder, "%s/.ouro-crash-XXXXXX", c->dir);
    if (size < 0 || (size_t)size >= sizeof c->folder)
        return err_set(err, ERR_USAGE, "collect-core: the folder's name is too long");
    if (!mkdtemp(c->folder)) {
        c->folder[0] = '\0';
        return err_errno(err, errno, c->dir);
    }
    snprintf(c->file, sizeof c->file, "%s/heap", c->folder);
    return true;
}

// Nobody else has written there, and the child has made no folders.
static void crash_close_folder(struct crash *c)
{
    DIR *folder = c->folder[0] ? opendir(c->folder) : NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    if (c->folder[0])
        rmdir(c->folder);
}

static void crash_limit(int resource, uint64_t most)
{
    const struct rlimit limit = { most, most };
    setrlimit(resource, &limit);
}

static void crash_become(const struct crash *c, int errors)
{
    char pid[24];
    snprintf(pid, sizeof pid, "%ld", (long)c->pid);
    setpgid(0, 0);
    dup2(errors, STDERR_FILENO);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC); // the core is on the standard input
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    crash_limit(RLIMIT_AS, c->memory);
    crash_limit(RLIMIT_CPU, c->seconds);
    crash_limit(RLIMIT_CORE, 0);
    const char *words[16];
    size_t n = 0;
    words[n++] = "ouro";
    words[n++] = "-q";
    words[n++] = "--no-gdb";
    words[n++] = "--still";
    words[n++] = "-p";
    words[n++] = pid;
    words[n++] = "save";
    words[n++] = c->file;
    if (args_has(&c->args, "redact"))
        words[n++] = "--redact";
    words[n] = NULL;
    execv("/proc/self/exe", (char *const *)words);
    _exit(127);
}

static int64_t crash_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// What the child says, until it is silent or its time is over. False: it is over.
static bool crash_listen(struct crash *c, int from, int64_t until)
{
    size_t size = 0;
    for (;;) {
        int64_t left = until - crash_now();
        struct pollfd ready = { .fd = from, .events = POLLIN };
        if (left <= 0 || (c->notices->interrupted && *c->notices->interrupted))
            return false;
        if (poll(&ready, 1, left < 200 ? (int)left : 200) <= 0)
            continue;
        char text[512];
        ssize_t got = read(from, text, sizeof text);
        if (got <= 0)
            return true;
        size_t fits = sizeof c->told - 1 - size;
        fits = (size_t)got < fits ? (size_t)got : fits;
        memcpy(c->told + size, text, fits);
        size += fits;
        c->told[size] = '\0';
    }
}

static bool crash_wait(struct crash *c, pid_t child, int from, struct err *err)
{
    int64_t until = crash_now() + (int64_t)c->seconds * 1000;
    int status = 0;
    bool in_time = crash_listen(c, from, until);
    while (in_time && waitpid(child, &status, WNOHANG) == 0)
        if (!(in_time = crash_now() < until && poll(NULL, 0, 10) == 0))
            break;
    if (!in_time) {
        kill(-child, SIGKILL);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return err_set(err, ERR_CANCELLED, "process %ld: its heap could not be saved within %llu s",
                       (long)c->pid, (unsigned long long)c->seconds);
    }
    c->told[strcspn(c->told, "\n")] = '\0';
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    const char *told = c->told + (strncmp(c->told, "ouro: ", 6) ? 0 : 6);
    return err_set(err, ERR_READ, "process %ld: %s", (long)c->pid,
                   told[0] ? told : "what saves its heap was killed");
}

static bool crash_save(struct crash *c, struct err *err)
{
    int ends[2];
    if (pipe(ends))
        return err_errno(err, errno, "a pipe");
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        crash_become(c, ends[1]);
    }
    close(ends[1]);
    bool ok = child > 0 ? crash_wait(c, child, ends[0], err) : err_errno(err, errno, "fork");
    close(ends[0]);
    return ok;
}

// --- all of it ----------------------------------------------------------------------------------

static bool crash_keep(const struct crash *c, struct err *err)
{
    char name[4400], when[32];
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
    snprintf(name, sizeof name, "%s/" CRASH_PREFIX "%ld-%s.heap", c->dir, (long)c->pid, when);
    keep_make_room(c->dir, CRASH_PREFIX, c->keep);
    if (rename(c->file, name))
        return err_errno(err, errno, name);
    printf("%s\n", name);
    syslog(LOG_NOTICE, "process %ld died; its heap is %s", (long)c->pid, name);
    return true;
}

bool crash_is_asked(const struct options *options)
{
    return options->argc && !strcmp(options->argv[0], "collect-core") && !options->core
           && !options->pid;
}

bool crash_run(const struct options *options, const struct notices *notices, struct err *err)
{
    struct crash *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(err, "collect-core");
    c->options = options;
    c->notices = notices;
    openlog("ouro", LOG_PID, LOG_DAEMON);
    bool ok = crash_take_words(c, err);
    bool opened = ok && crash_has_room(c, err) && crash_open_folder(c, err);
    ok = opened && crash_save(c, err) && crash_keep(c, err);
    if (!ok)
        syslog(LOG_ERR, "%s", err->text);
    crash_close_folder(c);
    free(c);
    return ok;
}
