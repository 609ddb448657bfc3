// SPDX-License-Identifier: GPL-3.0-or-later
// Calls what the batches ask for, and recovers wherever that leads.
//
// The target's TLS register is in force: nothing here may use thread-local storage, a stack
// protector or errno.
#include <linux/futex.h>
#include <linux/mman.h>

#include "jail/cell.h"

#include "base/unused.h"

struct jail_cell cell;
uint64_t cell_landing;

enum { SIG_ILL = 4, SIG_TRAP = 5, SIG_BUS = 7, SIG_FPE = 8, SIG_SEGV = 11, SIG_PROF = 27 };
enum {
    KERNEL_SIGINFO = 4,
    KERNEL_ONSTACK = 0x08000000,
    KERNEL_RESTORER = 0x04000000,
    KERNEL_NODEFER = 0x40000000
};
enum { CODE_ACCESS = 2 }; // SEGV_ACCERR: what is mapped does not allow it

struct kernel_signal { // the start of siginfo_t
    int number, error, code, unused;
    uint64_t at;
};

struct kernel_action {
    void (*handler)(int, const struct kernel_signal *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};

struct kernel_stack {
    void *start;
    int flags;
    size_t size;
};

void cell_exit(int status)
{
    for (;;)
        arch_syscall(SYS_exit_group, (uint64_t)status, 0, 0, 0, 0, 0);
}

void cell_fail(struct jail_shared *shared, enum jail_step step, int64_t error)
{
    shared->error = (uint32_t)-error;
    shared->step = step;
    cell_exit(3);
}

// Whether the current job has neither ended nor visited anything for too long.
static int is_runaway(void)
{
    uint32_t job = cell.shared->current, count = cell.visits.count;
    cell.shared->beat++;
    if (job != cell.job || count != cell.seen) {
        cell.job = job;
        cell.seen = count;
        cell.ticks = 0;
        return 0;
    }
    return ++cell.ticks >= cell.shared->ticks_most;
}

// Taking and releasing a lock is no reason to fail: GLib does so in front of everything. The page
// becomes writable for the job, and is restored before the next one begins.
static int serve_lend_page(const struct kernel_signal *signal)
{
    const struct jail_shared *shared = cell.shared;
    uint64_t page = signal->at & ~(uint64_t)(shared->page - 1);
    if (signal->code != CODE_ACCESS || cell.kept_count >= JAIL_KEPT_PAGES
        || shared->page > JAIL_PAGE || !cell_is_data(shared, signal->at))
        return 0;
    for (uint32_t i = 0; i < cell.kept_count; i++)
        if (cell.kept[i] == page)
            return 0; // it did not die of a write
    const uint64_t *from = (const void *)(uintptr_t)page;
    uint64_t *to = (void *)(uintptr_t)(shared->place + JAIL_KEPT + cell.kept_count * JAIL_PAGE);
    for (uint64_t i = 0; i < shared->page / sizeof *to; i++)
        to[i] = from[i];
    if (arch_syscall(SYS_mprotect, page, shared->page, PROT_READ | PROT_WRITE, 0, 0, 0))
        return 0;
    cell.kept[cell.kept_count++] = page;
    return 1;
}

static void serve_take_pages_back(void)
{
    const struct jail_shared *shared = cell.shared;
    while (cell.kept_count) {
        uint64_t page = cell.kept[--cell.kept_count];
        uint64_t *to = (void *)(uintptr_t)page;
        const uint64_t *from =
            (const void *)(uintptr_t)(shared->place + JAIL_KEPT + cell.kept_count * JAIL_PAGE);
        for (uint64_t i = 0; i < shared->page / sizeof *to; i++)
            to[i] = from[i];
        arch_syscall(SYS_mprotect, page, shared->page, PROT_READ, 0, 0, 0);
    }
}

// SA_NODEFER: no signal stays blocked when the handler does not return.
static void on_signal(int number, const struct kernel_signal *signal)
{
    if (number == SIG_PROF && (!cell.calling || !is_runaway()))
        return;
    if (number == SIG_SEGV && cell.calling && serve_lend_page(signal))
        return;
    if (!cell.calling)
        cell_exit(4);
    cell.calling = 0;
    cell.answer = number == SIG_PROF ? JAIL_RUNAWAY : JAIL_FAULT;
    arch_land();
}

static int64_t serve_take_signals(const struct jail_shared *shared)
{
    struct kernel_stack stack = {
        .start = (void *)(uintptr_t)(shared->place + JAIL_SIGNALS),
        .size = JAIL_SIGNALS_SIZE,
    };
    struct kernel_action action = { .flags = KERNEL_SIGINFO | KERNEL_ONSTACK | KERNEL_RESTORER
                                             | KERNEL_NODEFER };
    // Assigned one by one: the compiler may turn an initialiser into a constant that would need a
    // relocation.
    __asm__("" : "=r"(action.handler) : "0"(on_signal));
    __asm__("" : "=r"(action.restorer) : "0"(arch_restore));
    int64_t failed = arch_syscall(SYS_sigaltstack, (uint64_t)(uintptr_t)&stack, 0, 0, 0, 0, 0);
    for (int i = 0; i < 32 && !failed; i++)
        if (UINT32_C(1) << i
            & (1u << SIG_ILL | 1u << SIG_TRAP | 1u << SIG_BUS | 1u << SIG_FPE | 1u << SIG_SEGV
               | 1u << SIG_PROF))
            failed = arch_syscall(SYS_rt_sigaction, (uint64_t)i, (uint64_t)(uintptr_t)&action, 0, 8,
                                  0, 0);
    // ITIMER_PROF counts our CPU time: an idle worker is left alone.
    int64_t tick = shared->tick_us;
    int64_t times[4] = { tick / 1000000, tick % 1000000, tick / 1000000, tick % 1000000 };
    return failed ? failed : arch_syscall(SYS_setitimer, 2, (uint64_t)(uintptr_t)times, 0, 0, 0, 0);
}

static int visit(void *object, UNUSED void *list)
{
    struct visits *v = &cell.visits;
    if (v->count >= v->most) {
        cell.calling = 0;
        cell.answer = JAIL_FULL;
        arch_land();
    }
    v->to[v->count++] = (uint64_t)(uintptr_t)object;
    return 0;
}

static struct jail_end run_job(struct jail_job job)
{
    uint32_t before = cell.visits.count;
    cell.answer = JAIL_ANSWERED;
    cell.calling = 1;
    // The visitor's argument is not where the visits are kept: anybody who has it can write to it.
    static const char nothing[64];
    int returned =
        arch_call(cell.shared->place + JAIL_TARGET_STACK, job.object, visit, nothing, job.function);
    cell.calling = 0;
    serve_take_pages_back();
    if (cell.answer != JAIL_ANSWERED)
        cell.visits.count = before;
    return (struct jail_end){ cell.visits.count, cell.answer, returned };
}

// How many of the jobs were answered: fewer than all if the visits of the next one did not fit
// after the others'.
static uint32_t run_batch(struct jail_shared *shared, uint32_t count)
{
    const struct jail_job *jobs = (const void *)((const char *)shared + shared->jobs);
    struct jail_end *ends = (void *)((char *)shared + shared->ends);
    cell.visits = (struct visits){
        .to = (void *)((char *)shared + shared->visits),
        .most = (uint32_t)shared->visit_most,
    };
    for (uint32_t i = 0; i < count; i++) {
        __atomic_store_n(&shared->current, i, __ATOMIC_RELEASE);
        struct jail_end end = run_job(jobs[i]);
        if (end.answer == JAIL_FULL && end.end)
            return i;
        ends[i] = end;
    }
    return count;
}

static void futex(uint32_t *word, int what, uint32_t value)
{
    arch_syscall(SYS_futex, (uint64_t)(uintptr_t)word, (uint64_t)what, value, 0, 0, 0);
}

_Noreturn void cell_serve(struct jail_shared *shared)
{
    cell.shared = shared;
    int64_t failed = serve_take_signals(shared);
    if (!failed)
        failed = cell_lock(shared);
    if (failed)
        cell_fail(shared, JAIL_STEP_LOCK, failed);
    for (uint32_t batch = 0;;) {
        __atomic_store_n(&shared->finished, batch, __ATOMIC_RELEASE);
        futex(&shared->finished, FUTEX_WAKE, 1);
        uint32_t next;
        while ((next = __atomic_load_n(&shared->request, __ATOMIC_ACQUIRE)) == batch)
            futex(&shared->request, FUTEX_WAIT, batch);
        batch = next;
        uint32_t count =
            shared->count < shared->job_most ? shared->count : (uint32_t)shared->job_most;
        shared->done = run_batch(shared, count);
    }
}
