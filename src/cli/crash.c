// SPDX-License-Identifier: GPL-3.0-or-later
// The heap of a process that is dying: see crash.h.
#include "cli/crash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/child.h"
#include "cli/keep.h"
#include "cmd/command.h"
#include "target/proc_file.h"

#define CRASH_PREFIX "ouro-crash-"
#define CRASH_FREE_PART 20 // this part of the disk stays free: 1/20

struct crash {
    const struct options *options;
    const struct notices *notices;
    struct args args;
    pid_t pid;
    uint64_t seconds, memory, keep;
    uint64_t room; // on the disk
    const char *dir;
    char folder[4000]; // our own
    char file[4096];   // in it: this one file
    char said[4096];   // in it: what the child wrote to stderr
};

static uint64_t crash_half_of_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 2 : UINT64_C(1) << 30;
}

static bool crash_take_words(struct crash *c, struct err *err)
{
    if (!args_parse(&c->args, command_find("collect-core"), c->options->argc - 1,
                    c->options->argv + 1, err))
        return false;
    if (!number_parse_pid(c->args.words[0], &c->pid))
        return err_set(err, ERR_USAGE, "collect-core: '%s' is not a process id", c->args.words[0]);
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

static bool crash_find_room(struct crash *c, struct err *err)
{
    struct statvfs disk;
    if (statvfs(c->dir, &disk))
        return err_errno(err, errno, c->dir);
    uint64_t free = disk.f_blocks / CRASH_FREE_PART;
    c->room = disk.f_bavail > free ? (disk.f_bavail - free) * (uint64_t)disk.f_frsize : 0;
    if (!c->room)
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
    snprintf(c->said, sizeof c->said, "%s/said", c->folder);
    return true;
}

// The folder has no folders in it: nobody but the child writes there, and it makes none.
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

static void crash_become(const struct crash *c)
{
    char pid[24];
    snprintf(pid, sizeof pid, "%ld", (long)c->pid);
    setpgid(0, 0);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC); // the core comes on our standard input
    int said = open(c->said, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    dup2(said, STDERR_FILENO);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    crash_limit(RLIMIT_AS, c->memory);
    crash_limit(RLIMIT_CPU, c->seconds);
    crash_limit(RLIMIT_CORE, 0);
    crash_limit(RLIMIT_FSIZE, c->room);
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
    words[n] = args_disclosure_option(&c->args);
    words[++n] = NULL;
    execv("/proc/self/exe", (char *const *)words);
    _exit(127);
}

// Reports the first line of the child's stderr.
static bool crash_tell(const struct crash *c, struct err *err)
{
    char text[1000];
    const char *told = file_peek(c->said, text, sizeof text);
    text[strcspn(text, "\n")] = '\0';
    told += strncmp(told, "ouro: ", 6) ? 0 : 6;
    return err_set(err, ERR_READ, "process %ld: %s", (long)c->pid,
                   *told ? told : "the process that saves its heap was killed");
}

static bool crash_save(const struct crash *c, struct err *err)
{
    pid_t child = fork();
    if (child < 0)
        return err_errno(err, errno, "fork");
    if (child == 0)
        crash_become(c);
    setpgid(child, child);
    switch (child_wait(child, (int64_t)c->seconds * 1000, 0, c->notices)) {
    case 0:
        return true;
    case CHILD_LATE:
        return err_set(err, ERR_CANCELLED, "process %ld: its heap could not be saved within %llu s",
                       (long)c->pid, (unsigned long long)c->seconds);
    default:
        return crash_tell(c, err);
    }
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
    bool opened = ok && crash_find_room(c, err) && crash_open_folder(c, err);
    ok = opened && crash_save(c, err) && crash_keep(c, err);
    if (!ok)
        syslog(LOG_ERR, "%s", err->text);
    crash_close_folder(c);
    free(c);
    return ok;
}
