// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting next to a process: see watch.h.
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
#include "base/number.h"
#include "cli/child.h"
#include "cli/keep.h"
#include "cli/watch_row.h"
#include "cmd/session/old_count.h"
#include "cmd/command.h"
#include "target/proc_file.h"

#define WATCH_MOST 64          // processes at once
#define WATCH_PAST 128         // samples over which growth is measured
#define WATCH_LOOK_EVERY 5     // samples between two looks at /proc
#define WATCH_STRIKE_MS 900000 // a strike that takes longer is killed
#define WATCH_GRACE_MS 2000    // then a held process is released
#define WATCH_PREFIX "ouro-watch-"

enum watch_rule {
    WATCH_RSS,
    WATCH_GROWTH,
    WATCH_CGROUP,
    WATCH_PRESSURE,
    WATCH_GROUP_EVENT,
    WATCH_GEN2,
    WATCH_EVERY,
    WATCH_ONCE,
    WATCH_EXIT,
    WATCH_RULES
};

static const char *const watch_rule_names[] = { "rss",      "growth",       "cgroup",
                                                "pressure", "cgroup-event", "gen2",
                                                "every",    "once",         "exit" };

struct watch_past {
    int64_t ms;
    uint64_t rss;
};

struct watched {
    struct watch_values values;
    int fd;                         // pidfd
    uint64_t events[CGROUP_EVENTS]; // counts at the previous sample
    bool has_event[CGROUP_EVENTS];
    struct gc_old_count old; // where its collector counts old objects
    bool has_old;
    uint64_t stack;                     // where its stack began then: exec changes that
    int64_t try_old, try_gap;           // when to look for the counts again, and the next gap
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
    const char *action, *line, *folder, *name, *group;
    uint64_t rss, gen2, keep, times;
    double growth, cgroup, pressure; // bytes per minute; hundredths
    bool events[CGROUP_EVENTS];      // of the control group, on which to strike
    bool any_event, reads_group;
    int64_t interval, window, every; // milliseconds; 0: no such rule
    struct watched list[WATCH_MOST];
    size_t count;
    struct watch_rows rows;
    bool is_deaf_told;
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
    *part = strtod(text, &end);
    return end != text && (!*end || !strcmp(end, "%")) && *part > 0 && *part <= 100;
}

// "high,oom".
static bool watch_events(struct watch *w, const char *text)
{
    while (*text) {
        size_t size = strcspn(text, ",");
        int i = 0;
        while (i < CGROUP_EVENTS
               && (strlen(cgroup_event_names[i]) != size
                   || strncmp(cgroup_event_names[i], text, size)))
            i++;
        if (i == CGROUP_EVENTS)
            return false;
        w->events[i] = w->any_event = true;
        text += size + (text[size] == ',');
    }
    return w->any_event;
}

// --cgroup takes a share or the path of a group, and may be given twice.
static bool watch_take_groups(struct watch *w, struct err *err)
{
    const struct args *args = &w->args;
    for (size_t i = 0; i < args->option_count; i++) {
        const char *text = args->options[i].text;
        if (strcmp(args->options[i].row->name, "cgroup"))
            continue;
        if (*text == '/')
            w->group = text;
        else if (!watch_percent(text, &w->cgroup))
            return err_set(err, ERR_USAGE,
                           "watch: --cgroup takes a share like 90%%, or a path, not '%s'", text);
    }
    const char *events = args_text(args, "cgroup-event"), *pressure = args_text(args, "pressure");
    if (events && !watch_events(w, events))
        return err_set(err, ERR_USAGE,
                       "watch: --cgroup-event takes high, max, oom or oom_kill, or several "
                       "separated by commas, not '%s'",
                       events);
    if (pressure && !watch_percent(pressure, &w->pressure))
        return err_set(err, ERR_USAGE, "watch: --pressure takes a share like 10%%, not '%s'",
                       pressure);
    w->reads_group = w->cgroup > 0 || w->pressure > 0 || w->any_event || args_has(args, "samples");
    return true;
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
    const char *growth;
    const struct options *options = w->options;
    if (!args_parse(&w->args, command_find("watch"), options->argc - 1, options->argv + 1, err)
        || !watch_take_action(w, err))
        return false;
    w->name = args_text(&w->args, "name");
    growth = args_text(&w->args, "growth");
    if (growth && !watch_rate(growth, &w->growth))
        return err_set(err, ERR_USAGE, "watch: --growth takes a rate like 10M/min, not '%s'",
                       growth);
    if (!watch_take_groups(w, err))
        return false;
    if (options->pid && (w->name || w->group))
        return err_set(err, ERR_USAGE, "watch: either -p PID, or --name and --cgroup PATH");
    w->rss = args_number(&w->args, "rss", 0);
    w->gen2 = args_number(&w->args, "gen2", 0);
    w->keep = args_number(&w->args, "keep", 5);
    w->times = args_number(&w->args, "times", 0);
    w->folder = args_text(&w->args, "dir") ? args_text(&w->args, "dir") : ".";
    w->rows = (struct watch_rows){ .json = options->json, .log = args_text(&w->args, "log") };
    w->interval = 1000;
    w->window = 60000;
    if (!w->keep)
        return err_set(err, ERR_USAGE, "watch: --keep takes 1 or more");
    if (!options->pid && !w->name && !w->group)
        return err_set(err, ERR_USAGE,
                       "watch: it needs a process: -p PID, --name NAME, or --cgroup PATH");
    return watch_take_time(w, "interval", &w->interval, err)
           && watch_take_time(w, "window", &w->window, err)
           && watch_take_time(w, "every", &w->every, err);
}

// --- what is read -------------------------------------------------------------------------------

// The kernel keeps these counts ready; smaps_rollup would walk the page tables, holding the
// process's mmap lock.
static bool watch_read_rss(pid_t pid, uint64_t *rss)
{
    char text[256];
    unsigned long long size, resident;
    if (sscanf(proc_peek_file(pid, "statm", text, sizeof text), "%llu %llu", &size, &resident) != 2)
        return false;
    *rss = resident * (uint64_t)sysconf(_SC_PAGESIZE);
    return true;
}

// Before the events of a group are compared, it must be known how many there were before.
static void watch_read_group(const struct watch *w, struct watched *p)
{
    memcpy(p->events, p->values.group.events, sizeof p->events);
    memcpy(p->has_event, p->values.group.has_event, sizeof p->has_event);
    if (w->reads_group)
        cgroup_memory_read(p->values.pid, &p->values.group);
}

// Whether processes may still be added.
static bool watch_waits(const struct watch *w)
{
    return w->name || w->group;
}

static void watch_tell(struct watch *w, const struct watched *p, struct watch_row row)
{
    row.values = p ? &p->values : NULL;
    watch_rows_tell(&w->rows, &row);
    if (w->rows.deaf && !w->is_deaf_told)
        notices_warn((void *)w->notices, "watch: the log cannot be written");
    w->is_deaf_told = w->rows.deaf;
}

// --- old objects --------------------------------------------------------------------------------

// Opens it for a moment, to learn where its collector counts. A process that has just started has
// no Python yet: it is tried again, at growing intervals.
static void watch_find_old(struct watch *w, struct watched *p, int64_t now)
{
    struct err err = ERR_INIT;
    if (now < p->try_old)
        return;
    p->try_gap = p->try_gap ? 2 * p->try_gap : 2000;
    p->try_old = now + p->try_gap;
    p->has_old = proc_stat(p->values.pid, PROC_STAT_STACK, &p->stack)
                 && old_count_find(w->how, p->values.pid, &p->old, &err);
    if (!p->has_old && p->try_gap == 2000)
        watch_tell(w, p,
                   (struct watch_row){ .event = "skipped", .rule = "gen2", .what = err.text });
}

// Reads two words, without stopping the process.
static void watch_read_gen2(struct watch *w, struct watched *p, int64_t now)
{
    uint64_t words[2], stack;
    p->values.has_gen2 = false;
    if (p->has_old && (!proc_stat(p->values.pid, PROC_STAT_STACK, &stack) || stack != p->stack)) {
        p->has_old = false;
        p->try_old = p->try_gap = 0;
    }
    if (!p->has_old)
        watch_find_old(w, p, now);
    if (!p->has_old)
        return;
    struct iovec local = { words, sizeof words };
    struct iovec remote[] = { { (void *)(uintptr_t)p->old.all, 8 },     // NOLINT
                              { (void *)(uintptr_t)p->old.other, 8 } }; // NOLINT
    if (process_vm_readv(p->values.pid, &local, 1, remote, 2, 0) != sizeof words)
        return;
    p->values.has_gen2 = true;
    p->values.gen2 = gc_old_count_of(&p->old, words[0], words[1]);
}

// --- a strike -----------------------------------------------------------------------------------

// A core takes as much as the process's memory, other files far less; a part of the disk stays
// free.
static bool watch_has_room(const struct watch *w, const struct watched *p)
{
    struct statvfs disk;
    if (statvfs(w->folder, &disk))
        return false;
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    return room > p->values.rss + (uint64_t)disk.f_blocks * disk.f_frsize / 50;
}

// Runs in the child: becomes the strike's command.
static void watch_become(const struct watch *w, const struct watched *p, enum watch_rule rule,
                         const char *file)
{
    char pid[24], rss[24];
    snprintf(pid, sizeof pid, "%ld", (long)p->values.pid);
    snprintf(rss, sizeof rss, "%" PRIu64, p->values.rss);
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
    words[n] = strcmp(w->action, "save") ? NULL : args_disclosure_option(&w->args);
    words[++n] = NULL;
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
        dup2(STDERR_FILENO, STDOUT_FILENO); // our own stdout has only rows
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
    w->rows.strikes++;
    watch_tell(w, p, (struct watch_row){ .event = "strike", .rule = name });
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int size = snprintf(file, sizeof file, "%s/" WATCH_PREFIX "%ld-%lld.%03ld.%s", w->folder,
                        (long)p->values.pid, (long long)now.tv_sec, now.tv_nsec / 1000000, end);
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

// Explains why a rule can never hold for this process.
static const char *watch_blind(const struct watch *w, const struct watched *p)
{
    const struct cgroup_memory *group = &p->values.group;
    bool any = false;
    for (int i = 0; i < CGROUP_EVENTS; i++)
        any = any || (w->events[i] && group->has_event[i]);
    return w->cgroup > 0 && !group->has_limit
               ? "--cgroup never holds: no limit of a control group can be read"
           : w->any_event && !any
               ? "--cgroup-event never holds: the control group has no such count"
           : w->pressure > 0 && !group->has_pressure
               ? "--pressure never holds: the kernel has no pressure information (PSI)"
               : NULL;
}

static bool watch_add(struct watch *w, pid_t pid)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->list[i].values.pid == pid)
            return true;
    int fd = w->count < WATCH_MOST ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (fd < 0)
        return false;
    struct watched *p = &w->list[w->count++];
    *p = (struct watched){ .values.pid = pid, .fd = fd, .struck = clock_ms() };
    watch_read_rss(pid, &p->values.rss);
    watch_read_group(w, p);
    watch_tell(w, p, (struct watch_row){ .event = "start", .what = watch_blind(w, p) });
    return true;
}

static void watch_drop(struct watch *w, size_t i)
{
    struct watched *p = &w->list[i];
    p->values.has_growth = false;
    watch_tell(w, p, (struct watch_row){ .event = "exit" });
    if (args_has(&w->args, "on-exit") && (!w->times || w->rows.strikes < w->times))
        watch_strike(w, p, WATCH_EXIT);
    close(p->fd);
    w->list[i] = w->list[--w->count];
}

static bool watch_is_word(const char *word, const char *name)
{
    const char *slash = strrchr(word, '/');
    return !strcmp(slash ? slash + 1 : word, name);
}

// Whether its comm, its program, or the script that an interpreter runs has this name.
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
        if (pid > 0 && pid != (long)getpid() && (!w->name || watch_has_name((pid_t)pid, w->name))
            && (!w->group || cgroup_has((pid_t)pid, w->group)))
            watch_add(w, (pid_t)pid);
    }
    if (dir)
        closedir(dir);
}

// --- rules --------------------------------------------------------------------------------------

// Measures growth since the oldest sample of the window; samples are thinned so that the ring
// covers it.
static void watch_measure(const struct watch *w, struct watched *p, int64_t now)
{
    p->values.has_growth = false;
    const struct watch_past *from = NULL;
    for (size_t i = 0; i < p->past_count; i++) {
        const struct watch_past *past = &p->past[i];
        if (now - past->ms >= w->window && (!from || past->ms > from->ms))
            from = past;
    }
    if (from) {
        double rate =
            ((double)p->values.rss - (double)from->rss) * 60000 / (double)(now - from->ms);
        p->values.has_growth = true;
        p->values.growth = rate > 0 ? (uint64_t)rate : 0;
    }
    if (p->past_count && now - p->thinned < w->window / (WATCH_PAST / 2))
        return;
    p->thinned = now;
    p->past[p->past_next] = (struct watch_past){ now, p->values.rss };
    p->past_next = (p->past_next + 1) % WATCH_PAST;
    p->past_count += p->past_count < WATCH_PAST;
}

// Whether one of the counts has risen since the previous sample.
static bool watch_has_happened(const struct watch *w, const struct watched *p)
{
    bool rises = false;
    for (int i = 0; i < CGROUP_EVENTS; i++)
        rises = rises
                || (w->events[i] && p->has_event[i] && p->values.group.has_event[i]
                    && p->values.group.events[i] > p->events[i]);
    return rises;
}

static bool watch_is_once(const struct watch *w)
{
    return !w->rss && !(w->growth > 0) && !(w->cgroup > 0) && !(w->pressure > 0) && !w->any_event
           && !w->gen2 && !w->every && !args_has(&w->args, "on-exit");
}

static bool watch_rule_holds(const struct watch *w, const struct watched *p, enum watch_rule rule,
                             int64_t now)
{
    const struct cgroup_memory *group = &p->values.group;
    switch (rule) {
    case WATCH_RSS:
        return w->rss && p->values.rss >= w->rss;
    case WATCH_GROWTH:
        return w->growth > 0 && p->values.has_growth && (double)p->values.growth >= w->growth;
    case WATCH_CGROUP:
        return w->cgroup > 0 && group->has_limit
               && (double)group->now * 100 >= w->cgroup * (double)group->limit;
    case WATCH_PRESSURE:
        return w->pressure > 0 && group->has_pressure && group->pressure >= w->pressure;
    case WATCH_GROUP_EVENT:
        return watch_has_happened(w, p);
    case WATCH_GEN2:
        return w->gen2 && p->values.has_gen2 && p->values.gen2 >= w->gen2;
    case WATCH_EVERY:
        return w->every && now - p->struck >= w->every;
    case WATCH_ONCE:
        return watch_is_once(w);
    default:
        return false;
    }
}

// Strikes at most once, for the first rule that begins to hold.
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
    for (size_t i = 0; i < w->count && (!w->times || w->rows.strikes < w->times); i++) {
        struct watched *p = &w->list[i];
        int64_t now = clock_ms();
        if (!watch_read_rss(p->values.pid, &p->values.rss))
            continue; // it is ending: its pidfd will tell
        watch_measure(w, p, now);
        watch_read_group(w, p);
        if (w->gen2)
            watch_read_gen2(w, p, now);
        if (args_has(&w->args, "samples"))
            watch_tell(w, p, (struct watch_row){ .event = "sample" });
        watch_judge(w, p, now);
    }
}

// Sleeps until the next sample is due. A process that ends wakes us.
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
        if (!w->count && !watch_waits(w))
            return;
    }
}

static bool watch_goes_on(const struct watch *w)
{
    return (watch_waits(w) || w->count) && (!w->times || w->rows.strikes < w->times)
           && !w->rows.gone && !(w->notices->interrupted && *w->notices->interrupted);
}

static void watch_loop(struct watch *w)
{
    int64_t next = clock_ms();
    for (uint64_t turn = 0; watch_goes_on(w); turn++) {
        if (watch_waits(w) && turn % WATCH_LOOK_EVERY == 0)
            watch_look(w);
        watch_sample(w);
        if (watch_is_once(w) && !watch_waits(w))
            return;
        next += w->interval;
        if (next < clock_ms()) // a strike took longer than the interval
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
        watch_rows_end(&w->rows);
    }
    for (size_t i = 0; i < w->count; i++)
        close(w->list[i].fd);
    free(w);
    return ok;
}
