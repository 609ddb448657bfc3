// SPDX-License-Identifier: GPL-3.0-or-later
// Locks the worker up: after cell_lock it can compute, exit, return from a signal and wait on two
// words, nothing else.
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "jail/cell.h"

static int64_t drop_descriptors(const struct jail_shared *shared)
{
#ifdef SYS_close_range
    if (!arch_syscall(SYS_close_range, 0, UINT32_MAX, 0, 0, 0, 0))
        return 0;
#endif
    // An older kernel: close everything that the parent may have left open.
    for (int64_t fd = 0; fd <= shared->fd_most; fd++)
        arch_syscall(SYS_close, (uint64_t)fd, 0, 0, 0, 0, 0);
    return 0;
}

// Only ever lower: raising a limit that somebody set takes a privilege that we may lack.
static int64_t lock_limit(int what, uint64_t most)
{
    uint64_t both[2] = { most, most }, now[2];
    int64_t failed =
        arch_syscall(SYS_prlimit64, 0, (uint64_t)what, 0, (uint64_t)(uintptr_t)now, 0, 0);
    if (!failed && now[1] < most)
        both[0] = both[1] = now[1];
    return arch_syscall(SYS_prlimit64, 0, (uint64_t)what, (uint64_t)(uintptr_t)both, 0, 0, 0);
}

static int64_t limit_resources(void)
{
    int64_t failed = lock_limit(RLIMIT_CORE, 0);
    failed = failed ? failed : lock_limit(RLIMIT_FSIZE, 0);
    failed = failed ? failed : lock_limit(RLIMIT_NOFILE, 0);
    failed = failed ? failed : lock_limit(RLIMIT_NPROC, 0);
    failed = failed ? failed : lock_limit(RLIMIT_MEMLOCK, 0);
    return failed ? failed : lock_limit(RLIMIT_CPU, 600);
}

static int64_t control(int what, uint64_t value)
{
    return arch_syscall(SYS_prctl, (uint64_t)what, value, 0, 0, 0, 0);
}

// A filter that is short enough to be read. Anything else than what it allows ends the process.
//      exit_group, rt_sigreturn
//      futex(&finished, FUTEX_WAKE), futex(&request, FUTEX_WAIT)
//      mprotect(..., PROT_READ), mprotect(..., PROT_READ | PROT_WRITE): never to run anything
static int64_t filter_calls(const struct jail_shared *shared)
{
    uint64_t finished = (uintptr_t)&shared->finished, request = (uintptr_t)&shared->request;
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_HIGH(field)                                                                           \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + 4)
#define WHEN(value, is, is_not) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), is, is_not)
    // The numbers in WHEN are how many lines to skip.
    struct sock_filter lines[] = {
        LOAD(arch),
        WHEN(ARCH_AUDIT, 0, 22),
        LOAD(nr),
        WHEN(SYS_exit_group, 19, 0),
        WHEN(SYS_rt_sigreturn, 18, 0),
        WHEN(SYS_mprotect, 12, 0),
        WHEN(SYS_futex, 0, 17),
        LOAD_HIGH(args[0]),
        WHEN(finished >> 32, 0, 15), // one mapping: the high halves are the same, see below
        LOAD(args[0]),
        WHEN(finished, 0, 3),
        LOAD(args[1]),
        WHEN(FUTEX_WAKE, 10, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        WHEN(request, 0, 9),
        LOAD(args[1]),
        WHEN(FUTEX_WAIT, 6, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        LOAD_HIGH(args[2]),
        WHEN(0, 0, 4),
        LOAD(args[2]),
        WHEN(PROT_READ, 1, 0),
        WHEN(PROT_READ | PROT_WRITE, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    if (finished >> 32 != request >> 32)
        return -22; // EINVAL
    struct sock_fprog program = { sizeof lines / sizeof *lines, lines };
    return arch_syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
                        (uint64_t)(uintptr_t)&program, 0, 0, 0);
}

int64_t cell_lock(struct jail_shared *shared)
{
    int64_t failed = drop_descriptors(shared);
    failed = failed ? failed : control(PR_SET_PDEATHSIG, 9);
    if (!failed && arch_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0) != shared->parent)
        return -3; // ESRCH: the parent has ended meanwhile
    failed = failed ? failed : control(PR_SET_DUMPABLE, 0);
    failed = failed ? failed : control(PR_SET_NO_NEW_PRIVS, 1);
    failed = failed ? failed : limit_resources();
    if (!failed && shared->tls)
        failed = arch_set_tls(shared->tls);
    return failed ? failed : filter_calls(shared);
}
