// SPDX-License-Identifier: GPL-3.0-or-later
// Starting, asking, watching and ending the jailed process: see worker.h.
#include "py/extension/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "py/extension/worker_plain.h"

#define STALL_MS 3000 // unless the options say otherwise
#define LOOK_MS 20    // between checks whether the process is alive and makes progress
#define TICK_US 10000
#define TICKS_MAX 10        // 0.1 s of CPU time without a visit
#define JOB_STALLS 10       // times stall_ms: for one job
#define IDLE_STALLS 10      // times stall_ms: no progress, and no CPU time used either
#define BATCH_MS_MAX 120000 // for one batch
#define VISITS_KEPT 65536
#define WORDS_ROOM (2 * JAIL_PAGE) // their number is unknown when the address is chosen

// --- the shared memory ---------------------------------------------------------------------------

static uint64_t whole_pages(uint64_t size)
{
    return (size + JAIL_PAGE - 1) & ~(JAIL_PAGE - 1);
}

struct worker_parts {
    uint64_t maps, patches, words, jobs, ends, visits, size;
};

static struct worker_parts parts_of(const struct worker *w)
{
    struct worker_parts p = { .maps = JAIL_PAGE };
    p.patches = p.maps + whole_pages(w->maps.count * sizeof *w->maps.rows);
    p.words = p.patches + whole_pages(w->patch_count * sizeof *w->patches);
    p.jobs = p.words + WORDS_ROOM;
    p.ends = p.jobs + whole_pages(WORKER_JOBS * sizeof(struct jail_job));
    p.visits = p.ends + whole_pages(WORKER_JOBS * sizeof(struct jail_end));
    p.size = p.visits + whole_pages((uint64_t)WORKER_VISITS * sizeof(uint64_t));
    return p;
}

static int new_memory(uint64_t size)
{
    int fd = memfd_create("ouro-traverse", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    if (ftruncate(fd, (off_t)size)
        || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
        close(fd);
        return -1;
    }
    return fd;
}

// Every launch gets fresh memory: memory that an earlier process could write must not carry orders.
static bool share(struct worker *w, int memory, int program, struct err *err)
{
    struct worker_parts p = parts_of(w);
    void *at = mmap(NULL, p.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, memory, 0);
    if (at == MAP_FAILED)
        return err_errno(err, errno, "the memory shared with ouro-traverse");
    w->shared = at;
    w->size = p.size;
    int most = memory > program ? memory : program;
    for (size_t i = 0; i < w->maps.fd_count; i++)
        most = w->maps.fds[i] > most ? w->maps.fds[i] : most;
    *w->shared = (struct jail_shared){
        .magic = JAIL_MAGIC,
        .size = p.size,
        .place = w->place,
        .tls = w->tls,
        .maps = p.maps,
        .map_count = w->maps.count,
        .patches = p.patches,
        .patch_count = w->patch_count,
        .words = p.words,
        .word_count = w->word_count,
        .jobs = p.jobs,
        .ends = p.ends,
        .job_most = WORKER_JOBS,
        .visits = p.visits,
        .visit_most = w->visit_most,
        .parent = getpid(),
        .program = program,
        .fd_most = most,
        .machine = w->machine,
        .page = (uint32_t)sysconf(_SC_PAGESIZE),
        .tick_us = TICK_US,
        .ticks_most = TICKS_MAX,
        .finished = JAIL_NOT_YET,
    };
    memcpy((char *)at + p.maps, w->maps.rows, w->maps.count * sizeof *w->maps.rows);
    if (w->patch_count)
        memcpy((char *)at + p.patches, w->patches, w->patch_count * sizeof *w->patches);
    if (w->word_count)
        memcpy((char *)at + p.words, w->words, w->word_count * sizeof *w->words);
    return true;
}

// --- the process ---------------------------------------------------------------------------------

// The descriptors keep their numbers; close-on-exec is cleared only in the child.
static int list_descriptors(const struct worker *w, int memory, int program,
                            posix_spawn_file_actions_t *actions)
{
    int failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);
    for (int fd = 1; fd <= 2 && !failed; fd++)
        failed = posix_spawn_file_actions_adddup2(actions, 0, fd);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(actions, memory, memory);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(actions, program, program);
    for (size_t i = 0; i < w->maps.fd_count && !failed; i++)
        failed = posix_spawn_file_actions_adddup2(actions, w->maps.fds[i], w->maps.fds[i]);
    return failed;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int failed = posix_spawnattr_setsigdefault(attributes, &all);
    failed = failed ? failed : posix_spawnattr_setsigmask(attributes, &none);
    // A group of its own: Ctrl-C at the terminal is for us.
    failed = failed ? failed : posix_spawnattr_setpgroup(attributes, 0);
    return failed
               ? failed
               : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
                                                          | POSIX_SPAWN_SETPGROUP);
}

static bool worker_spawn(struct worker *w, int memory, int program, struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char number[16];
    snprintf(number, sizeof number, "%d", memory);
    char *words[] = { w->program, number, NULL }, *nothing[] = { NULL };
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int failed = list_descriptors(w, memory, program, &actions);
    failed = failed ? failed : set_attributes(&attributes);
    failed =
        failed ? failed : posix_spawn(&w->pid, w->program, &actions, &attributes, words, nothing);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed) {
        w->pid = 0;
        return err_errno(err, failed, w->program);
    }
#ifdef SYS_pidfd_open
    w->pidfd = (int)syscall(SYS_pidfd_open, w->pid, 0);
    if (w->pidfd >= 0)
        fcntl(w->pidfd, F_SETFD, FD_CLOEXEC);
#endif
    return true;
}

// Somebody else in our process may have reaped it (gdb waits for any child): a pidfd tells, a pid
// does not.
static bool is_alive(struct worker *w)
{
    if (w->pidfd >= 0) {
        struct pollfd end = { .fd = w->pidfd, .events = POLLIN };
        return poll(&end, 1, 0) <= 0;
    }
    siginfo_t info = { 0 };
    return !waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid;
}

// Reaps it, but waits one second at most: a process stuck in the kernel (a disk that does not
// answer) is left alone.
static void end_process(struct worker *w)
{
    bool sent = false;
#ifdef SYS_pidfd_send_signal
    if (w->pidfd >= 0)
        sent = syscall(SYS_pidfd_send_signal, w->pidfd, SIGKILL, NULL, 0) == 0 || errno == ESRCH;
#endif
    if (!sent && is_alive(w))
        kill(w->pid, SIGKILL);
    for (int i = 0; i < 1000 && is_alive(w); i++) {
        struct pollfd end = { .fd = w->pidfd, .events = POLLIN };
        poll(&end, w->pidfd >= 0 ? 1 : 0, 1);
    }
    int status;
    if (waitpid(w->pid, &status, WNOHANG) == w->pid)
        w->ended_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void worker_stop(struct worker *w)
{
    if (w->pid)
        end_process(w);
    if (w->pidfd >= 0)
        close(w->pidfd);
    if (w->shared)
        munmap(w->shared, w->size);
    w->pid = 0;
    w->pidfd = -1;
    w->shared = NULL;
}

// --- waiting -------------------------------------------------------------------------------------

static uint32_t peek(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

// CPU time of the process, or 0 if the system does not tell.
static uint64_t cpu_ms(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
        return 0;
    return (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

static void sleep_on(uint32_t *word, uint32_t value)
{
    struct timespec look = { .tv_nsec = LOOK_MS * 1000000L };
    syscall(SYS_futex, word, FUTEX_WAIT, value, &look, NULL, 0);
}

struct patience { // when something last moved
    uint64_t wall, cpu;
};

static struct patience patience_now(const struct worker *w)
{
    return (struct patience){ clock_ms(), cpu_ms(w->pid) };
}

// CPU time decides: on a busy machine a process that is not scheduled does not hang.
static bool is_over(const struct worker *w, struct patience since, struct patience now)
{
    return now.cpu - since.cpu > w->stall_ms || now.wall - since.wall > IDLE_STALLS * w->stall_ms;
}

// Charges the CPU time since the last check to the job that the process says is running.
static void worker_note_time(struct worker *w, const struct patience *start,
                             struct patience *before, const struct patience *now, uint32_t job)
{
    // It may have ended: then its CPU time is no longer available.
    uint64_t spent = now->cpu > before->cpu ? now->cpu - before->cpu : 0;
    w->job_ms[job < WORKER_JOBS ? job : WORKER_JOBS - 1] += (uint32_t)spent;
    if (now->cpu > start->cpu)
        w->run_ms = now->cpu - start->cpu;
    *before = *now;
}

// Waits until batch n is finished, the process is gone, or nothing has moved for too long. Progress
// is what the worker reports, and it may lie: jobs only count upwards, heartbeats count for a
// limited time, and the whole wait is bounded.
static enum worker_outcome worker_wait_for(struct worker *w, uint32_t n)
{
    struct jail_shared *s = w->shared;
    const uint64_t start = clock_ms();
    struct patience moved = patience_now(w), before = moved;
    const struct patience first = moved;
    uint64_t began = start;
    w->run_ms = 0;
    w->cancelled = false;
    uint32_t current = peek(&s->current), beat = peek(&s->beat);
    for (;;) {
        uint32_t finished = peek(&s->finished);
        if (finished == n)
            return WORKER_DONE;
        sleep_on(&s->finished, finished);
        if (peek(&s->finished) == n)
            return WORKER_DONE;
        if (!is_alive(w))
            return peek(&s->finished) == n ? WORKER_DONE : WORKER_DIED;
        struct patience now = patience_now(w);
        worker_note_time(w, &first, &before, &now, n ? peek(&s->current) : 0);
        w->cancelled = !progress_step(w->progress, "asking tp_traverse", 0, 0);
        if (w->cancelled || (n && w->run_most_ms && w->run_ms > w->run_most_ms))
            return WORKER_STALLED;
        if (peek(&s->current) > current) {
            current = peek(&s->current);
            began = now.wall;
            moved = now;
        }
        if (peek(&s->beat) != beat) {
            beat = peek(&s->beat);
            moved = now;
        }
        if (is_over(w, moved, now) || now.wall - began > JOB_STALLS * w->stall_ms
            || now.wall - start > BATCH_MS_MAX)
            return WORKER_STALLED;
    }
}

static bool worker_explain(struct worker *w, enum worker_outcome outcome, struct err *err)
{
    static const char *const steps[JAIL_STEPS] = {
        [JAIL_STEP_NONE] = "before its first step",
        [JAIL_STEP_ORDERS] = "on reading its orders: it is of another version of ouro",
        [JAIL_STEP_MOVE] = "on moving out of the target's way",
        [JAIL_STEP_MAP] = "on mapping the target's memory",
        [JAIL_STEP_LOCK] = "on locking itself up",
        [JAIL_STEP_ENGINE] = "on starting the emulator (libunicorn)",
    };
    uint32_t step = peek(&w->shared->step), error = peek(&w->shared->error);
    if (w->cancelled)
        return err_set(err, ERR_CANCELLED, "stopped while %s started", w->program);
    if (outcome == WORKER_STALLED)
        return err_set(err, ERR_IO, "%s: does not answer", w->program);
    return err_set(err, ERR_IO, "%s: failed %s%s%s", w->program,
                   steps[step < JAIL_STEPS ? step : JAIL_STEP_NONE], error ? ": " : "",
                   error ? strerror((int)error) : "");
}

bool worker_launch(struct worker *w, struct err *err)
{
    worker_stop(w);
    int program = open(w->program, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (program < 0)
        return err_errno(err, errno, w->program);
    int memory = new_memory(parts_of(w).size);
    bool ok = memory >= 0 || err_errno(err, errno, "the memory shared with ouro-traverse");
    ok = ok && share(w, memory, program, err) && worker_spawn(w, memory, program, err);
    if (memory >= 0)
        close(memory);
    close(program);
    if (ok) {
        w->batch = 0;
        enum worker_outcome outcome = worker_wait_for(w, 0);
        ok = outcome == WORKER_DONE || worker_explain(w, outcome, err);
        w->unmapped = peek(&w->shared->unmapped);
        w->unmapped_error = peek(&w->shared->unmapped_error);
    }
    if (!ok)
        worker_stop(w);
    return ok;
}

// --- batches -------------------------------------------------------------------------------------

// Copies the reported answers, then checks the copy: the worker can change the original at any
// time.
static enum worker_outcome take_answers(struct worker *w, uint32_t done)
{
    const char *base = (const char *)w->shared;
    struct worker_parts p = parts_of(w);
    memcpy(w->ends, base + p.ends, done * sizeof *w->ends);
    uint32_t reached = 0;
    for (uint32_t i = 0; i < done; i++) {
        if (w->ends[i].end < reached || w->ends[i].end > w->visit_most)
            return WORKER_LIED;
        reached = w->ends[i].end;
    }
    if (!vec_grow(&w->visits, &w->visit_room, (size_t)reached + 1, sizeof *w->visits, NULL))
        return WORKER_MEMORY;
    memcpy(w->visits, base + p.visits, reached * sizeof *w->visits);
    return WORKER_DONE;
}

static void post(struct worker *w, const struct jail_job *jobs, uint32_t count)
{
    struct jail_shared *s = w->shared;
    memcpy((char *)s + parts_of(w).jobs, jobs, count * sizeof *jobs);
    s->count = count;
    s->current = 0;
    // 0 and JAIL_NOT_YET are reserved.
    w->batch = w->batch + 1 == JAIL_NOT_YET ? 1 : w->batch + 1;
    __atomic_store_n(&s->request, w->batch, __ATOMIC_RELEASE);
    syscall(SYS_futex, &s->request, FUTEX_WAKE, 1, NULL, NULL, 0);
}

enum worker_outcome worker_run(struct worker *w, const struct jail_job *jobs, uint32_t count,
                               uint32_t *done)
{
    *done = 0;
    if (!w->pid)
        return WORKER_DIED;
    memset(w->job_ms, 0, count * sizeof *w->job_ms);
    post(w, jobs, count);
    enum worker_outcome outcome = worker_wait_for(w, w->batch);
    if (outcome != WORKER_DONE)
        end_process(w); // from here on nobody writes
    uint32_t answered = outcome == WORKER_DONE ? peek(&w->shared->done) : peek(&w->shared->current);
    uint32_t most = outcome == WORKER_DONE ? count : count - 1;
    bool sane = answered <= most && (outcome != WORKER_DONE || answered);
    enum worker_outcome taken = sane ? take_answers(w, answered) : WORKER_LIED;
    if (taken == WORKER_DONE)
        *done = answered;
    else
        outcome = taken;
    if (outcome == WORKER_DONE)
        return outcome;
    if (taken == WORKER_LIED || taken == WORKER_MEMORY)
        outcome = taken;
    worker_stop(w);
    return outcome;
}

// --- opening and closing -------------------------------------------------------------------------

bool worker_open(struct worker *w, struct target *target, const struct worker_options *options,
                 struct err *err)
{
    *w = (struct worker){
        .machine = target->machine,
        .tls = options->tls,
        .stall_ms = options->stall_ms ? options->stall_ms : STALL_MS,
        .visit_most = options->visit_most && options->visit_most < WORKER_VISITS
                          ? options->visit_most
                          : WORKER_VISITS,
        .progress = options->progress,
        .pidfd = -1,
    };
    if (!worker_maps_open(&w->maps, target, err))
        return false;
    w->program = strdup(options->program);
    w->ends = malloc(WORKER_JOBS * sizeof *w->ends);
    w->job_ms = calloc(WORKER_JOBS, sizeof *w->job_ms);
    bool ok = (w->program && w->ends && w->job_ms
               && vec_grow(&w->visits, &w->visit_room, VISITS_KEPT, sizeof *w->visits, NULL))
              || err_memory(err, "the jail's answers");
    ok = ok
         && (!options->emulated
             || worker_find_plain(target, &w->patches, &w->patch_count, &w->patch_room, err));
    if (ok) {
        w->place = worker_find_place(target, JAIL_SHARED + parts_of(w).size);
        ok = w->place
             || err_set(err, ERR_UNSUPPORTED, "the target leaves no addresses for ouro-traverse");
    }
    if (!ok)
        worker_close(w);
    return ok;
}

void worker_close(struct worker *w)
{
    if (w->program)
        worker_stop(w);
    worker_maps_close(&w->maps);
    free(w->patches);
    free(w->words);
    free(w->program);
    free(w->ends);
    free(w->job_ms);
    free(w->visits);
    *w = (struct worker){ .pidfd = -1 };
}
