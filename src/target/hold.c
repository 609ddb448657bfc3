// SPDX-License-Identifier: GPL-3.0-or-later
// Stopping all threads of a process: see hold.h.
#include "target/hold.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "target/maps.h"
#include "target/proc.h"
#include "target/proc_file.h"

#define PATIENCE_US ((uint64_t)5000000) // after this a thread that does not stop is an error
#define STUCK_US ((uint64_t)100000)     // after this a thread in state D counts as stopped
#define VFORK_US ((uint64_t)1000)       // ... and so does one that waits for its vfork() child
#define NAP_NS 20000
#define SETTLE_ROUNDS 1000 // a process that creates threads faster than this wins

enum hold_state { HOLD_STARTING, HOLD_HELD, HOLD_FAILED, HOLD_RELEASE };

struct hold {
    pid_t pid;
    pthread_t tracer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum hold_state state;
    struct err err;
    struct held_thread *threads;
    size_t count, room;
    uint64_t began, ended; // microseconds
};

static struct held_thread *find_thread(struct hold *hold, pid_t tid)
{
    for (size_t i = 0; i < hold->count; i++)
        if (hold->threads[i].tid == tid)
            return &hold->threads[i];
    return NULL;
}

static bool hold_add_thread(struct hold *hold, pid_t tid)
{
    if (hold->count == hold->room) {
        size_t room = hold->room ? hold->room * 2 : 32;
        struct held_thread *rows = realloc(hold->threads, room * sizeof *rows);
        if (!rows)
            return err_memory(&hold->err, "the list of threads");
        hold->threads = rows;
        hold->room = room;
    }
    hold->threads[hold->count++] = (struct held_thread){ .tid = tid };
    return true;
}

static bool seize(struct hold *hold, pid_t tid, bool *is_new)
{
    if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) == 0) {
        *is_new = true;
        if (!hold->began)
            hold->began = clock_us();
        ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
        return hold_add_thread(hold, tid);
    }
    int why = errno;
    char state = proc_state(hold->pid, tid);
    if (!state || state == 'Z' || state == 'X') // ended, or ending: it will run no more code
        return true;
    return proc_denied(hold->pid, why, &hold->err);
}

// One pass over the list of threads; new ones are seized.
static bool seize_all(struct hold *hold, bool *found_new)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)hold->pid);
    DIR *folder = opendir(path);
    if (!folder)
        return proc_denied(hold->pid, errno == ENOENT ? ESRCH : errno, &hold->err);
    bool ok = true;
    *found_new = false;
    for (struct dirent *entry; ok && (entry = readdir(folder));) {
        pid_t tid = (pid_t)atoi(entry->d_name);
        if (tid > 0 && !find_thread(hold, tid))
            ok = seize(hold, tid, found_new);
    }
    closedir(folder);
    return ok;
}

// Checks whether the thread has stopped or ended. Never waits. The stop is examined but not
// consumed: otherwise the kernel would hand us a pending signal to pass on, and it would be lost if
// we died in between. Left in place, the kernel delivers it.
static void look(struct held_thread *thread)
{
    siginfo_t info = { 0 };
    int how = WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL | __WNOTHREAD;
    if (waitid(P_PID, (id_t)thread->tid, &info, how)) {
        thread->gone |= errno == ECHILD;
        return;
    }
    if (info.si_pid != thread->tid)
        return;
    if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED) { // we have to reap it
        waitpid(thread->tid, NULL, __WALL | __WNOTHREAD | WNOHANG);
        thread->gone = true;
        return;
    }
    thread->stopped = true;
    // A stop with an event is ours or a group stop; one without is a pending signal.
    if (info.si_status >> 8 == 0)
        thread->signal = info.si_status;
}

// A thread in state D takes no interrupt and runs no code. If it waits for its fork's child, that
// lasts until the child has called exec; anything else is soon over.
static bool is_still(const struct hold *hold, pid_t tid, uint64_t waited)
{
    char path[64];
    size_t size;
    if (proc_state(hold->pid, tid) != 'D')
        return false;
    if (waited > STUCK_US)
        return true;
    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", (int)hold->pid, (int)tid);
    char *text = file_slurp(path, 256, &size);
    long number = text && *text >= '0' && *text <= '9' ? strtol(text, NULL, 10) : -1;
    free(text);
#ifdef SYS_vfork
    if (number == SYS_vfork)
        return true;
#endif
    return number == SYS_clone || number == SYS_clone3;
}

static bool wait_all(struct hold *hold)
{
    uint64_t since = clock_us();
    for (;;) {
        size_t waiting = 0;
        uint64_t waited = clock_us() - since;
        for (size_t i = 0; i < hold->count; i++) {
            struct held_thread *t = &hold->threads[i];
            if (!t->stopped && !t->gone)
                look(t);
            if (t->stopped || t->gone)
                continue;
            if (waited > VFORK_US && is_still(hold, t->tid, waited))
                continue;
            waiting++;
        }
        if (!waiting)
            return true;
        if (waited > PATIENCE_US)
            return err_set(&hold->err, ERR_IO, "process %d: %zu %s could not be stopped",
                           (int)hold->pid, waiting, text_plural(waiting, "thread", "threads"));
        nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
    }
}

static void read_registers(struct held_thread *thread)
{
    if (!thread->stopped || thread->gone)
        return;
    struct iovec io = { thread->registers, sizeof thread->registers };
    if (ptrace(PTRACE_GETREGSET, thread->tid, (void *)(uintptr_t)NT_PRSTATUS, &io) == 0)
        thread->register_size = io.iov_len;
#if defined(__aarch64__)
    io = (struct iovec){ &thread->tls, sizeof thread->tls };
    ptrace(PTRACE_GETREGSET, thread->tid, (void *)(uintptr_t)NT_ARM_TLS, &io);
#else
    thread->tls = thread->registers[21]; // fs_base of user_regs_struct
#endif
}

static bool stop_all(struct hold *hold)
{
    bool found_new = true;
    for (int round = 0; found_new; round++) {
        if (round == SETTLE_ROUNDS)
            return err_set(&hold->err, ERR_IO,
                           "process %d makes new threads faster than they can be stopped",
                           (int)hold->pid);
        if (!seize_all(hold, &found_new) || !wait_all(hold))
            return false;
    }
    size_t alive = 0;
    for (size_t i = 0; i < hold->count; i++) {
        read_registers(&hold->threads[i]);
        alive += !hold->threads[i].gone;
    }
    if (!alive)
        return err_set(&hold->err, ERR_IO, "process %d ended while it was being stopped",
                       (int)hold->pid);
    return true;
}

// A thread that is not stopped yet cannot be detached; the end of our thread detaches it.
static void release_all(struct hold *hold)
{
    for (size_t i = 0; i < hold->count; i++) {
        struct held_thread *t = &hold->threads[i];
        if (!t->stopped && !t->gone)
            look(t);
        if (!t->gone)
            ptrace(PTRACE_DETACH, t->tid, NULL, (void *)(uintptr_t)t->signal);
    }
    hold->ended = clock_us();
}

static void set_state(struct hold *hold, enum hold_state state)
{
    pthread_mutex_lock(&hold->lock);
    hold->state = state;
    pthread_cond_broadcast(&hold->changed);
    pthread_mutex_unlock(&hold->lock);
}

static void *trace(void *argument)
{
    struct hold *hold = argument;
    bool ok = stop_all(hold);
    if (!ok)
        release_all(hold);
    set_state(hold, ok ? HOLD_HELD : HOLD_FAILED);
    if (!ok)
        return NULL;
    pthread_mutex_lock(&hold->lock);
    while (hold->state != HOLD_RELEASE)
        pthread_cond_wait(&hold->changed, &hold->lock);
    pthread_mutex_unlock(&hold->lock);
    release_all(hold);
    return NULL;
}

// Signals are the program's own affair: none may be handled on our thread.
static int start_tracer(struct hold *hold)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int why = pthread_create(&hold->tracer, NULL, trace, hold);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return why;
}

static void hold_free(struct hold *hold)
{
    pthread_mutex_destroy(&hold->lock);
    pthread_cond_destroy(&hold->changed);
    free(hold->threads);
    free(hold);
}

struct hold *hold_open(pid_t pid, struct err *err)
{
    if (pid <= 0 || pid == getpid()) {
        proc_denied(pid, pid <= 0 ? ESRCH : EPERM, err);
        return NULL;
    }
    if (proc_is_32_bit(pid)) {
        err_set(err, ERR_UNSUPPORTED, "process %d is a 32-bit process: ouro reads 64-bit ones",
                (int)pid);
        return NULL;
    }
    struct hold *hold = calloc(1, sizeof *hold);
    if (!hold) {
        err_memory(err, "a held process");
        return NULL;
    }
    hold->pid = pid;
    pthread_mutex_init(&hold->lock, NULL);
    pthread_cond_init(&hold->changed, NULL);
    int why = start_tracer(hold);
    if (why) {
        err_errno(err, why, "a thread that holds the process");
        hold_free(hold);
        return NULL;
    }
    pthread_mutex_lock(&hold->lock);
    while (hold->state == HOLD_STARTING)
        pthread_cond_wait(&hold->changed, &hold->lock);
    bool ok = hold->state == HOLD_HELD;
    pthread_mutex_unlock(&hold->lock);
    if (ok)
        return hold;
    pthread_join(hold->tracer, NULL);
    if (err)
        *err = hold->err;
    hold_free(hold);
    return NULL;
}

uint64_t hold_close(struct hold *hold)
{
    if (!hold)
        return 0;
    set_state(hold, HOLD_RELEASE);
    pthread_join(hold->tracer, NULL);
    uint64_t us = hold->ended - hold->began;
    hold_free(hold);
    return us;
}

const struct held_thread *hold_threads(const struct hold *hold, size_t *count)
{
    *count = hold->count;
    return hold->threads;
}

struct thread *hold_list(const struct hold *hold, size_t *count)
{
    struct thread *rows = calloc(hold->count + 1, sizeof *rows);
    *count = 0;
    for (size_t i = 0; rows && i < hold->count; i++) {
        const struct held_thread *t = &hold->threads[i];
        if (t->gone)
            continue;
        bool known = t->register_size > 0;
        bool x86 = proc_machine() == MACHINE_X86_64;
        rows[(*count)++] = (struct thread){
            .tid = t->tid,
            .fs_base = t->tls,
            .pc = known ? t->registers[x86 ? 16 : 32] : 0,
            .sp = known ? t->registers[x86 ? 19 : 31] : 0,
        };
        if (known)
            memcpy(rows[*count - 1].registers, t->registers, sizeof t->registers);
    }
    return rows;
}

pid_t hold_reader(const struct hold *hold)
{
    for (size_t i = 0; i < hold->count; i++)
        if (!hold->threads[i].gone)
            return hold->threads[i].tid;
    return hold->pid;
}
