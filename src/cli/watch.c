// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting beside a process: see watch.h.
#include "cli/watch.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/child.h"
#include "cli/keep.h"
#include "cmd/analysis/old_count.h"
#include "cmd/command.h"
#include "target/proc_file.h"

#define WATCH_MOST 64          // processes at once
#define WATCH_PAST 128         // samples that growth is measured over
#define WATCH_LOOK_EVERY 5     // samples between two looks at /proc
#define WATCH_STRIKE_MS 900000 // a strike that takes longer is killed
#define WATCH_GRACE_MS 2000    // after which a held process goes on
#define WATCH_PREFIX "ouro-watch-"

enum watch_rule {
    WATCH_RSS,
    WATCH_GROWTH,
    WATCH_CGROUP,
    WATCH_GEN2,
    WATCH_EVERY,
    WATCH_ONCE,
    WATCH_EXIT,
    WATCH_RULES
};

static const char *const watch_rule_names[] = { "rss",   "growth", "cgroup", "gen2",
                                                "every", "once",   "exit" };

struct watch_past {
    int64_t ms;
    uint64_t rss;
};

struct watched {
    pid_t pid;
    int fd; // pidfd
    uint64_t rss, growth;
    bool has_growth;
    struct old_count old; // where its collector counts
    uint64_t gen2;
    bool has_old, has_gen2;
    uint64_t stack;                     // where its stack began then: an exec changes that
    int64_t try_old, try_gap;           // when to look for the counts again, and the gap after that
    struct watch_past past[WATCH_PAST]; // a ring, thinned to what the window needs
    size_t past_count, past_next;
    int64_t thinned, struck;
    bool holds[WATCH_RULES];
};

struct watch {
    const struct options *options;
    const struct notices *notices;
    const struct session_options *how;
    struct args args;
    const char *action, *line, *folder, *name;
    uint64_t rss, gen2, keep, times, strikes, rows;
    double growth, cgroup;           // bytes a minute; a part of 1
    int64_t interval, window, every; // milliseconds; 0: no such rule
    struct watched list[WATCH_MOST];
    size_t count;
    bool gone; // nobody reads our rows
};

// --- words --------------------------------------------------------------------------------------

// "10m", "30s", "500ms", "2h", "1d"; a bare number is seconds.
static bool watch_time(const char *text, int64_t *ms)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = { { "", 1000 },     { "ms", 1 },      { "s", 1000 },    { "m", 60000 },
                  { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (end == text || errno || !(number > 0) || number > 1e7 || !isdigit((unsigned char)*text))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit)) {
            *ms = (int64_t)(number * units[i].ms);
            return *ms > 0;
        }
    return false;
}

// "10M/min" in bytes a minute.
static bool watch_rate(const char *text, double *rate)
{
    const char *slash = strchr(text, '/');
    char size[32], unit[32];
    uint64_t bytes;
    int64_t ms;
    if (!slash || (size_t)(slash - text) >= sizeof size || strlen(slash + 1) >= sizeof unit - 1)
        return false;
    snprintf(size, sizeof size, "%.*s", (int)(slash - text), text);
    snprintf(unit, sizeof unit, "1%s", slash + 1);
    if (!isalpha((unsigned char)slash[1]) || !number_parse_size(size, &bytes)
        || !watch_time(unit, &ms))
        return false;
    *rate = (double)bytes * 60000 / (double)ms;
    return *rate > 0;
}

static bool watch_percent(const char *text, double *part)
{
    char *end;
    *part = strtod(text, &end) / 100;
    return end != text && (!*end || !strcmp(end, "%")) && *part > 0 && *part <= 1;
}

static bool watch_take_time(struct watch *w, const char *option, int64_t *ms, struct err *err)
{
    const char *text = args_text(&w->args, option);
    if (!text || watch_time(text, ms))
        return true;
    return err_set(err, ERR_USAGE, "watch: --%s takes a time like 30s, 10m or 2h, not '%s'", option,
                   text);
}

static bool watch_take_action(struct watch *w, struct err *err)
{
    static const char *const actions[] = { "save", "dump", "report", "run" };
    w->action = w->args.word_count ? w->args.words[0] : NULL;
    w->line = w->args.word_count > 1 ? w->args.words[1] : NULL;
    bool known = false;
    for (size_t i = 0; w->action && i < sizeof actions / sizeof *actions; i++)
        known = known || !strcmp(w->action, actions[i]);
    if (!known)
        return err_set(err, ERR_USAGE, "watch: save, dump, report or run 'LINE' says what to do");
    bool runs = !strcmp(w->action, "run");
    if (runs != (w->line != NULL))
        return err_set(err, ERR_USAGE,
                       "watch: `run` takes one line for the shell, in quotes, and "
                       "nothing else does");
    if (args_has(&w->args, "on-exit") && !runs)
        return err_set(err, ERR_USAGE,
                       "watch: nothing is left of a process that has ended: --on-exit goes with "
                       "`run`; --every keeps what it was");
    return true;
}

static bool watch_take_words(struct watch *w, struct err *err)
{
    const char *growth, *cgroup;
    const struct options *options = w->options;
    if (!args_parse(&w->args, command_find("watch"), options->argc - 1, options->argv + 1, err)
        || !watch_take_action(w, err))
        return false;
    w->name = args_text(&w->args, "name");
    if (!options->pid == !w->name)
        return err_set(err, ERR_USAGE, "watch: it takes a process: -p PID, or --name NAME");
    growth = args_text(&w->args, "growth");
    if (growth && !watch_rate(growth, &w->growth))
        return err_set(err, ERR_USAGE, "watch: --growth takes a rate like 10M/min, not '%s'",
                       growth);
    cgroup = args_text(&w->args, "cgroup");
    if (cgroup && !watch_percent(cgroup, &w->cgroup))
        return err_set(err, ERR_USAGE, "watch: --cgroup takes a part like 90%%, not '%s'", cgroup);
    w->rss = args_number(&w->args, "rss", 0);
    w->gen2 = args_number(&w->args, "gen2", 0);
    w->keep = args_number(&w->args, "keep", 5);
    w->times = args_number(&w->args, "times", 0);
    w->folder = args_text(&w->args, "dir") ? args_text(&w->args, "dir") : ".";
    w->interval = 1000;
    w->window = 60000;
    if (!w->keep)
        return err_set(err, ERR_USAGE, "watch: --keep takes 1 or more");
    return watch_take_time(w, "interval", &w->interval, err)
           && watch_take_time(w, "window", &w->window, err)
           && watch_take_time(w, "every", &w->every, err);
}

// --- what is read -------------------------------------------------------------------------------

// The kernel keeps these counts at hand; smaps_rollup walks the page tables, with the process's
// mmap lock held.
static bool watch_read_rss(pid_t pid, uint64_t *rss)
{
    char text[256];
    unsigned long long size, resident;
    if (sscanf(proc_peek_file(pid, "statm", text, sizeof text), "%llu %llu", &size, &resident) != 2)
        return false;
    *rss = resident * (uint64_t)sysconf(_SC_PAGESIZE);
    return true;
}

static bool watch_read_number(const char *folder, const char *group, const char *name,
                              uint64_t *number)
{
    char file[4600];
    snprintf(file, sizeof file, "%s%s/%s", folder, group, name);
    return file_number(file, NULL, number);
}

// Which files of a control group have its limit and its memory.
static const struct watch_cgroup {
    bool second;
    const char *folder, *most, *now;
} watch_cgroups[] = {
    { true, "/sys/fs/cgroup", "memory.max", "memory.current" },
    { false, "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes" },
};

// Of its control group, or of the nearest above that has a limit; a container's own may be at the
// top. v1 says "none" by a number near the greatest.
static bool watch_read_limit(const struct watch_cgroup *how, char *group, double *part)
{
    for (;;) {
        uint64_t most, now;
        if (watch_read_number(how->folder, group, how->most, &most) && most && most < 1ull << 62) {
            if (!watch_read_number(how->folder, group, how->now, &now))
                return false;
            *part = (double)now / (double)most;
            return true;
        }
        char *slash = strrchr(group, '/');
        if (!slash)
            return false;
        *slash = '\0';
    }
}

static bool watch_read_cgroup(pid_t pid, double *part)
{
    char file[64], group[4096];
    snprintf(file, sizeof file, "/proc/%ld/cgroup", (long)pid);
    for (size_t i = 0; i < sizeof watch_cgroups / sizeof *watch_cgroups; i++)
        if (proc_cgroup(file, watch_cgroups[i].second, group, sizeof group)
            && watch_read_limit(&watch_cgroups[i], group, part))
            return true;
    return false;
}

// --- rows ---------------------------------------------------------------------------------------

static void watch_write(struct watch *w, struct text *text)
{
    text_add_char(text, '\n');
    size_t done = 0;
    while (!text->failed && done < text->size && !w->gone) {
        ssize_t wrote = write(STDOUT_FILENO, text->data + done, text->size - done);
        if (wrote < 0 && errno != EINTR)
            w->gone = true;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
}

static void watch_time_text(char *out, size_t room)
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t size = strftime(out, room, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + size, room - size, ".%03ldZ", now.tv_nsec / 1000000);
}

struct watch_row {
    const char *event, *rule, *file, *what;
    uint64_t bytes;
};

static void watch_row_json(const struct watched *p, const struct watch_row *row, const char *time,
                           struct text *out)
{
    json_add_open(out, '{');
    json_add_key(out, "time");
    json_add_string(out, time);
    json_add_key(out, "event");
    json_add_string(out, row->event);
    json_add_key(out, "pid");
    p ? json_add_number(out, (uint64_t)p->pid) : json_add_null(out);
    json_add_key(out, "rss");
    p ? json_add_number(out, p->rss) : json_add_null(out);
    json_add_key(out, "growth");
    p && p->has_growth ? json_add_number(out, p->growth) : json_add_null(out);
    json_add_key(out, "gen2");
    p && p->has_gen2 ? json_add_number(out, p->gen2) : json_add_null(out);
    json_add_key(out, "rule");
    json_add_string(out, row->rule);
    json_add_key(out, "file");
    json_add_string(out, row->file);
    json_add_key(out, "bytes");
    row->file ? json_add_number(out, row->bytes) : json_add_null(out);
    json_add_key(out, "what");
    json_add_string(out, row->what);
    json_add_close(out, '}');
}

static void watch_row_text(const struct watched *p, const struct watch_row *row, const char *time,
                           struct text *out)
{
    text_add_format(out, "%s  %-7s", time, row->event);
    if (p) {
        text_add_format(out, "  %ld  ", (long)p->pid);
        text_add_size(out, p->rss);
    }
    if (p && p->has_growth) {
        text_add_string(out, ", ");
        text_add_size(out, p->growth);
        text_add_string(out, "/min");
    }
    if (p && p->has_gen2)
        text_add_format(out, ", %" PRIu64 " old", p->gen2);
    if (row->rule)
        text_add_format(out, "  --%s", row->rule);
    if (row->file) {
        text_add_string(out, "  ");
        text_add_escaped(out, row->file, strlen(row->file));
        text_add_string(out, ", ");
        text_add_size(out, row->bytes);
    }
    if (row->what)
        text_add_format(out, "  %s", row->what);
}

static void watch_tell(struct watch *w, const struct watched *p, struct watch_row row)
{
    char time[40];
    struct text text = TEXT_INIT;
    watch_time_text(time, sizeof time);
    (w->options->json ? watch_row_json : watch_row_text)(p, &row, time, &text);
    watch_write(w, &text);
    text_fini(&text);
    w->rows++;
}

static void watch_summarize(struct watch *w)
{
    struct text text = TEXT_INIT;
    json_add_open(&text, '{');
    json_add_key(&text, "summary");
    json_add_open(&text, '{');
    json_add_key(&text, "command");
    json_add_string(&text, "watch");
    json_add_key(&text, "rows");
    json_add_number(&text, w->rows);
    json_add_key(&text, "truncated");
    json_add_bool(&text, false);
    json_add_key(&text, "faults");
    json_add_number(&text, 0);
    json_add_key(&text, "strikes");
    json_add_number(&text, w->strikes);
    json_add_close(&text, '}');
    json_add_close(&text, '}');
    if (w->options->json)
        watch_write(w, &text);
    text_fini(&text);
}

// --- old objects --------------------------------------------------------------------------------

// Opens it for a moment, to learn where its collector counts. A process that has only begun has no
// Python yet: it is asked again, ever more rarely.
static void watch_find_old(struct watch *w, struct watched *p, int64_t now)
{
    struct err err = ERR_INIT;
    if (now < p->try_old)
        return;
    p->try_gap = p->try_gap ? 2 * p->try_gap : 2000;
    p->try_old = now + p->try_gap;
    p->has_old = proc_stat(p->pid, PROC_STAT_STACK, &p->stack)
                 && old_count_find(w->how, p->pid, &p->old, &err);
    if (!p->has_old && p->try_gap == 2000)
        watch_tell(w, p,
                   (struct watch_row){ .event = "skipped", .rule = "gen2", .what = err.text });
}

// Two words, which nobody stops it for.
static void watch_read_gen2(struct watch *w, struct watched *p, int64_t now)
{
    uint64_t words[2], stack;
    p->has_gen2 = false;
    if (p->has_old && (!proc_stat(p->pid, PROC_STAT_STACK, &stack) || stack != p->stack)) {
        p->has_old = false;
        p->try_old = p->try_gap = 0;
    }
    if (!p->has_old)
        watch_find_old(w, p, now);
    if (!p->has_old)
        return;
    struct iovec local = { words, sizeof words };
    struct iovec remote[] = { { (void *)(uintptr_t)p->old.total, 8 },     // NOLINT
                              { (void *)(uintptr_t)p->old.pending, 8 } }; // NOLINT
    if (process_vm_readv(p->pid, &local, 1, remote, 2, 0) != sizeof words)
        return;
    p->has_gen2 = true;
    p->gen2 = words[0] + words[1];
}

// --- a strike -----------------------------------------------------------------------------------

// A core is as large as its memory, what else is written far less; some of the disk stays free.
static bool watch_has_room(const struct watch *w, const struct watched *p)
{
    struct statvfs disk;
    if (statvfs(w->folder, &disk))
        return false;
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    return room > p->rss + (uint64_t)disk.f_blocks * disk.f_frsize / 50;
}

// In the child: what it has to become.
static void watch_become(const struct watch *w, const struct watched *p, enum watch_rule rule,
                         const char *file)
{
    char pid[24], rss[24];
    snprintf(pid, sizeof pid, "%ld", (long)p->pid);
    snprintf(rss, sizeof rss, "%" PRIu64, p->rss);
    if (w->line) {
        setenv("OURO_PID", pid, 1);
        setenv("OURO_RSS", rss, 1);
        setenv("OURO_RULE", watch_rule_names[rule], 1);
        execl("/bin/sh", "sh", "-c", w->line, (char *)NULL);
        _exit(127);
    }
    const char *words[16];
    size_t n = 0;
    words[n++] = "ouro";
    words[n++] = "-q";
    if (w->options->no_gdb)
        words[n++] = "--no-gdb";
    if (w->options->sysroot) {
        words[n++] = "--sysroot";
        words[n++] = w->options->sysroot;
    }
    if (w->options->layout) {
        words[n++] = "--layout";
        words[n++] = w->options->layout;
    }
    words[n++] = "-p";
    words[n++] = pid;
    words[n++] = w->action;
    words[n++] = file;
    if (args_has(&w->args, "redact") && !strcmp(w->action, "save"))
        words[n++] = "--redact";
    words[n] = NULL;
    execv("/proc/self/exe", (char *const *)words);
    _exit(127);
}

static int watch_spawn(const struct watch *w, const struct watched *p, enum watch_rule rule,
                       const char *file)
{
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (!child) {
        setpgid(0, 0);
        dup2(STDERR_FILENO, STDOUT_FILENO); // our rows stay ours
        static const int endings[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGPIPE };
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
            signal(endings[i], SIG_DFL);
        watch_become(w, p, rule, file);
    }
    setpgid(child, child);
    return child_wait(child, WATCH_STRIKE_MS, WATCH_GRACE_MS, w->notices);
}

static void watch_strike(struct watch *w, struct watched *p, enum watch_rule rule)
{
    const char *name = watch_rule_names[rule];
    char file[4096];
    const char *end = !strcmp(w->action, "save")   ? "heap"
                      : !strcmp(w->action, "dump") ? "core"
                                                   : "html";
    w->strikes++;
    watch_tell(w, p, (struct watch_row){ .event = "strike", .rule = name });
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int size = snprintf(file, sizeof file, "%s/" WATCH_PREFIX "%ld-%lld.%03ld.%s", w->folder,
                        (long)p->pid, (long long)now.tv_sec, now.tv_nsec / 1000000, end);
    if (!w->line && (size < 0 || (size_t)size >= sizeof file || !watch_has_room(w, p))) {
        watch_tell(w, p,
                   (struct watch_row){
                       .event = "skipped", .rule = name, .what = "too little room on the disk" });
        return;
    }
    if (!w->line)
        keep_make_room(w->folder, WATCH_PREFIX, w->keep);
    int status = watch_spawn(w, p, rule, file);
    struct stat about = { 0 };
    bool good = status == 0 && (w->line || !stat(file, &about));
    if (!good && !w->line)
        unlink(file);
    struct watch_row row = { .event = good ? "done" : "failed", .rule = name };
    row.file = good && !w->line ? file : NULL;
    row.bytes = (uint64_t)about.st_size;
    row.what = good ? NULL : "the command failed";
    watch_tell(w, p, row);
}

// --- processes ----------------------------------------------------------------------------------

static bool watch_add(struct watch *w, pid_t pid)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->list[i].pid == pid)
            return true;
    int fd = w->count < WATCH_MOST ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (fd < 0)
        return false;
    struct watched *p = &w->list[w->count++];
    *p = (struct watched){ .pid = pid, .fd = fd, .struck = clock_ms() };
    watch_read_rss(pid, &p->rss);
    double part;
    bool blind = w->cgroup > 0 && !watch_read_cgroup(pid, &part);
    watch_tell(w, p,
               (struct watch_row){ .event = "start",
                                   .what = blind ? "--cgroup never holds: no limit of a control "
                                                   "group can be read"
                                                 : NULL });
    return true;
}

static void watch_drop(struct watch *w, size_t i)
{
    struct watched *p = &w->list[i];
    p->has_growth = false;
    watch_tell(w, p, (struct watch_row){ .event = "exit" });
    if (args_has(&w->args, "on-exit") && (!w->times || w->strikes < w->times))
        watch_strike(w, p, WATCH_EXIT);
    close(p->fd);
    w->list[i] = w->list[--w->count];
}

static bool watch_is_word(const char *word, const char *name)
{
    const char *slash = strrchr(word, '/');
    return !strcmp(slash ? slash + 1 : word, name);
}

// By its comm, its program, or the script that an interpreter runs.
static bool watch_has_name(pid_t pid, const char *name)
{
    char text[2048];
    proc_peek_file(pid, "comm", text, sizeof text);
    text[strcspn(text, "\n")] = '\0';
    if (!strcmp(text, name))
        return true;
    memset(text, 0, sizeof text);
    proc_peek_file(pid, "cmdline", text, sizeof text - 1);
    const char *next = text + strlen(text) + 1;
    return watch_is_word(text, name) || (next < text + sizeof text && watch_is_word(next, name));
}

static void watch_look(struct watch *w)
{
    DIR *dir = opendir("/proc");
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && pid != (long)getpid() && watch_has_name((pid_t)pid, w->name))
            watch_add(w, (pid_t)pid);
    }
    if (dir)
        closedir(dir);
}

// --- rules --------------------------------------------------------------------------------------

// Growth from the oldest sample of the window; samples are thinned so that the ring spans it.
static void watch_measure(const struct watch *w, struct watched *p, int64_t now)
{
    p->has_growth = false;
    const struct watch_past *from = NULL;
    for (size_t i = 0; i < p->past_count; i++) {
        const struct watch_past *past = &p->past[i];
        if (now - past->ms >= w->window && (!from || past->ms > from->ms))
            from = past;
    }
    if (from) {
        double rate = ((double)p->rss - (double)from->rss) * 60000 / (double)(now - from->ms);
        p->has_growth = true;
        p->growth = rate > 0 ? (uint64_t)rate : 0;
    }
    if (p->past_count && now - p->thinned < w->window / (WATCH_PAST / 2))
        return;
    p->thinned = now;
    p->past[p->past_next] = (struct watch_past){ now, p->rss };
    p->past_next = (p->past_next + 1) % WATCH_PAST;
    p->past_count += p->past_count < WATCH_PAST;
}

static bool watch_rule_holds(const struct watch *w, const struct watched *p, enum watch_rule rule,
                             int64_t now)
{
    double part;
    switch (rule) {
    case WATCH_RSS:
        return w->rss && p->rss >= w->rss;
    case WATCH_GROWTH:
        return w->growth > 0 && p->has_growth && (double)p->growth >= w->growth;
    case WATCH_CGROUP:
        return w->cgroup > 0 && watch_read_cgroup(p->pid, &part) && part >= w->cgroup;
    case WATCH_GEN2:
        return w->gen2 && p->has_gen2 && p->gen2 >= w->gen2;
    case WATCH_EVERY:
        return w->every && now - p->struck >= w->every;
    case WATCH_ONCE:
        return !w->rss && !(w->growth > 0) && !(w->cgroup > 0) && !w->gen2 && !w->every
               && !args_has(&w->args, "on-exit");
    default:
        return false;
    }
}

// One strike at most, by the first rule that begins to hold.
static void watch_judge(struct watch *w, struct watched *p, int64_t now)
{
    bool struck = false;
    for (int rule = 0; rule < WATCH_EXIT; rule++) {
        bool holds = watch_rule_holds(w, p, (enum watch_rule)rule, now);
        bool begins = holds && (!p->holds[rule] || rule == WATCH_EVERY);
        p->holds[rule] = holds;
        if (!begins || struck)
            continue;
        struck = true;
        if (rule == WATCH_EVERY)
            p->struck = now;
        watch_strike(w, p, (enum watch_rule)rule);
    }
}

static void watch_sample(struct watch *w)
{
    for (size_t i = 0; i < w->count && (!w->times || w->strikes < w->times); i++) {
        struct watched *p = &w->list[i];
        int64_t now = clock_ms();
        if (!watch_read_rss(p->pid, &p->rss))
            continue; // it ends: its pidfd tells
        watch_measure(w, p, now);
        if (w->gen2)
            watch_read_gen2(w, p, now);
        if (args_has(&w->args, "samples"))
            watch_tell(w, p, (struct watch_row){ .event = "sample" });
        watch_judge(w, p, now);
    }
}

// Until the next sample is due. A process that ends wakes us.
static void watch_sleep(struct watch *w, int64_t until)
{
    int64_t left;
    while ((left = until - clock_ms()) > 0
           && !(w->notices->interrupted && *w->notices->interrupted)) {
        struct pollfd fds[WATCH_MOST];
        for (size_t i = 0; i < w->count; i++)
            fds[i] = (struct pollfd){ .fd = w->list[i].fd, .events = POLLIN };
        int ready = poll(fds, w->count, (int)(left > 1000 ? 1000 : left));
        for (size_t i = w->count; ready > 0 && i-- > 0;)
            if (fds[i].revents)
                watch_drop(w, i);
        if (!w->count && !w->name)
            return;
    }
}

static bool watch_goes_on(const struct watch *w)
{
    return (w->name || w->count) && (!w->times || w->strikes < w->times) && !w->gone
           && !(w->notices->interrupted && *w->notices->interrupted);
}

static void watch_loop(struct watch *w)
{
    int64_t next = clock_ms();
    for (uint64_t turn = 0; watch_goes_on(w); turn++) {
        if (w->name && turn % WATCH_LOOK_EVERY == 0)
            watch_look(w);
        watch_sample(w);
        bool once = watch_rule_holds(w, NULL, WATCH_ONCE, 0);
        if (once && !w->name)
            return;
        next += w->interval;
        if (next < clock_ms()) // a strike took longer
            next = clock_ms();
        if (watch_goes_on(w))
            watch_sleep(w, next);
    }
}

bool watch_is_asked(const struct options *options)
{
    return options->argc && !strcmp(options->argv[0], "watch") && !options->core;
}

bool watch_run(const struct options *options, const struct notices *notices,
               const struct session_options *how, struct err *err)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w)
        return err_memory(err, "watch");
    w->options = options;
    w->notices = notices;
    w->how = how;
    bool ok = watch_take_words(w, err);
    if (ok && options->pid && !watch_add(w, options->pid))
        ok = err_set(err, ERR_NOT_FOUND, "no process %ld, or it may not be watched",
                     (long)options->pid);
    if (ok) {
        watch_loop(w);
        watch_tell(w, NULL, (struct watch_row){ .event = "end" });
        watch_summarize(w);
    }
    for (size_t i = 0; i < w->count; i++)
        close(w->list[i].fd);
    free(w);
    return ok;
}
