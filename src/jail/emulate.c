// SPDX-License-Identifier: GPL-3.0-or-later
// ouro-emulate: as ouro-traverse, for a core of another instruction set. Same protocol, Unicorn
// instead of the processor.
//
// The target's code is interpreted and has no system calls to make. The lock confines the
// interpreter, in case a core is crafted to break out of it: no descriptors, no new rights, only
// memory and waiting.
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "jail/emulator.h"

#define LOOKS_MAX 4 // times 50 ms without a visit in between

struct emulate_state {
    struct jail_shared *shared;
    struct emulator engine;
    uint32_t calling;  // a batch is running
    uint32_t watching; // the watchdog has started, including its C library's system calls
};

static void emulate_fail(struct jail_shared *shared, enum jail_step step, int error)
{
    shared->error = (uint32_t)error;
    shared->step = step;
    _exit(3);
}

// --- the watchdog --------------------------------------------------------------------------------

// Ends a job that has visited nothing for too long.
static void *watch(void *context)
{
    struct emulate_state *em = context;
    uint32_t job = 0, seen = 0, looks = 0;
    __atomic_store_n(&em->watching, 1, __ATOMIC_RELEASE);
    for (;;) {
        struct timespec pause = { .tv_nsec = 50000000 };
        nanosleep(&pause, NULL);
        if (!__atomic_load_n(&em->calling, __ATOMIC_ACQUIRE)) {
            looks = 0;
            continue;
        }
        em->shared->beat++;
        uint32_t now = __atomic_load_n(&em->shared->current, __ATOMIC_RELAXED),
                 count = em->engine.visit_count;
        if (now != job || count != seen) {
            job = now;
            seen = count;
            looks = 0;
        } else if (++looks >= LOOKS_MAX) {
            emulator_interrupt(&em->engine);
        }
    }
    return NULL;
}

// --- locking -------------------------------------------------------------------------------------

static int allow_calls(void)
{
    static const int calls[] = {
        SCMP_SYS(exit_group),    SCMP_SYS(exit),
        SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(futex),         SCMP_SYS(mmap),
        SCMP_SYS(munmap),        SCMP_SYS(mprotect),
        SCMP_SYS(mremap),        SCMP_SYS(madvise),
        SCMP_SYS(brk),           SCMP_SYS(nanosleep),
        SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
        SCMP_SYS(gettimeofday),  SCMP_SYS(restart_syscall),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return ENOMEM;
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1); // includes the watchdog
    for (size_t i = 0; i < sizeof calls / sizeof *calls && !failed; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    failed = failed ? failed : seccomp_load(filter);
    seccomp_release(filter);
    return -failed;
}

// Only ever lower: raising a limit that somebody set takes a privilege that we may lack.
static int emulate_limit(int what, rlim_t most)
{
    struct rlimit both = { most, most }, now;
    if (getrlimit(what, &now) == 0 && now.rlim_max < most)
        both.rlim_cur = both.rlim_max = now.rlim_max;
    return setrlimit(what, &both) ? errno : 0;
}

static int lock(const struct jail_shared *shared)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != shared->parent)
        return ESRCH;
    int failed = emulate_limit(RLIMIT_CORE, 0);
    failed = failed ? failed : emulate_limit(RLIMIT_FSIZE, 0);
    failed = failed ? failed : emulate_limit(RLIMIT_CPU, 3600);
    if (failed || prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return failed ? failed : errno;
    for (int fd = 0; fd <= shared->fd_most; fd++)
        close(fd);
    failed = emulate_limit(RLIMIT_NOFILE, 0);
    return failed ? failed : allow_calls();
}

// --- batches -------------------------------------------------------------------------------------

static void serve(struct emulate_state *em)
{
    struct jail_shared *shared = em->shared;
    for (uint32_t batch = 0;;) {
        __atomic_store_n(&shared->finished, batch, __ATOMIC_RELEASE);
        syscall(SYS_futex, &shared->finished, FUTEX_WAKE, 1, NULL, NULL, 0);
        uint32_t next;
        while ((next = __atomic_load_n(&shared->request, __ATOMIC_ACQUIRE)) == batch)
            syscall(SYS_futex, &shared->request, FUTEX_WAIT, batch, NULL, NULL, 0);
        batch = next;
        uint32_t count =
            shared->count < shared->job_most ? shared->count : (uint32_t)shared->job_most;
        __atomic_store_n(&em->calling, 1, __ATOMIC_RELEASE);
        shared->done = emulator_batch(&em->engine, count);
        __atomic_store_n(&em->calling, 0, __ATOMIC_RELEASE);
    }
}

int main(int argc, char **argv)
{
    static struct emulate_state em;
    int fd = argc == 2 ? atoi(argv[1]) : 0;
    void *first = fd > 2 ? mmap(NULL, JAIL_PAGE, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (first == MAP_FAILED || ((struct jail_shared *)first)->magic != JAIL_MAGIC) {
        fputs("ouro-emulate: a part of ouro, which starts it itself\n", stderr);
        return 2;
    }
    uint64_t size = ((struct jail_shared *)first)->size;
    em.shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (em.shared == MAP_FAILED)
        return 2;
    int failed = emulator_open(&em.engine, em.shared);
    if (failed)
        emulate_fail(em.shared, JAIL_STEP_ENGINE, failed);
    pthread_t watchdog;
    failed = pthread_create(&watchdog, NULL, watch, &em);
    while (!failed && !__atomic_load_n(&em.watching, __ATOMIC_ACQUIRE))
        sched_yield();
    failed = failed ? failed : lock(em.shared);
    if (failed)
        emulate_fail(em.shared, JAIL_STEP_LOCK, failed);
    serve(&em);
}
