// SPDX-License-Identifier: GPL-3.0-or-later
// Starting a locked-up gdb: see gdb_spawn.h.
//
// Everything that needs memory or may fail happens before the vfork; the child only makes system
// calls. The rules of Landlock are spelled out here because installed headers may be older than the
// running kernel.
#include "layout/gdb_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

#define FIRST 3 // the child's number of the first descriptor
#define DATA_MAX ((rlim_t)2 << 30)
#define SPACE_MAX ((rlim_t)16 << 30)
#define WRITTEN_MOST ((rlim_t)64 << 20)
#define CPU_MOST 120

static bool spawn_pass(struct gdb_spawn *spawn, int fd, bool readable, int *at, struct err *err)
{
    // Out of the way of the child's descriptor numbers.
    int moved =
        spawn->count < GDB_SPAWN_MOST ? fcntl(fd, F_DUPFD_CLOEXEC, FIRST + GDB_SPAWN_MOST) : -1;
    int number = errno;
    close(fd);
    if (moved < 0)
        return spawn->count < GDB_SPAWN_MOST ? err_errno(err, number, "a descriptor for gdb")
                                             : err_set(err, ERR_IO, "too many files for gdb");
    *at = FIRST + (int)spawn->count;
    spawn->readable[spawn->count] = readable;
    spawn->passed[spawn->count++] = moved;
    return true;
}

bool gdb_spawn_pass(struct gdb_spawn *spawn, int fd, int *at, struct err *err)
{
    return spawn_pass(spawn, fd, true, at, err);
}

bool gdb_spawn_pass_place(struct gdb_spawn *spawn, int fd, int *at, struct err *err)
{
    return spawn_pass(spawn, fd, false, at, err);
}

void gdb_spawn_fini(struct gdb_spawn *spawn)
{
    while (spawn->count)
        close(spawn->passed[--spawn->count]);
}

// ---- The program

// The file that a name stands for, for free(). Relative folders in $PATH are ignored: what lies in
// the current folder may be the target's.
static char *spawn_find_program(const char *name)
{
    if (strchr(name, '/'))
        return realpath(name, NULL);
    const char *path = getenv("PATH");
    for (const char *from = path ? path : "/usr/bin:/bin"; *from;) {
        size_t size = strcspn(from, ":");
        struct text file = TEXT_INIT;
        text_add(&file, from, size);
        text_add_char(&file, '/');
        text_add_string(&file, name);
        struct stat st;
        bool found = from[0] == '/' && !stat(text_string(&file), &st) && S_ISREG(st.st_mode)
                     && !access(text_string(&file), X_OK);
        char *real = found ? realpath(text_string(&file), NULL) : NULL;
        text_fini(&file);
        if (real)
            return real;
        from += size + (from[size] == ':');
    }
    return NULL;
}

// ---- Files: Landlock

struct landlock_rules { // linux/landlock.h: struct landlock_ruleset_attr, as far as version 1 knows
    uint64_t handled;
};

struct landlock_rule { // struct landlock_path_beneath_attr
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

enum {
    LANDLOCK_CREATE = 444, // the same number on every machine
    LANDLOCK_ADD = 445,
    LANDLOCK_RESTRICT = 446,
    LANDLOCK_ASK_VERSION = 1,
    LANDLOCK_BENEATH = 1,
    LANDLOCK_EXECUTE = 1 << 0,
    LANDLOCK_READ_FILE = 1 << 2,
    LANDLOCK_READ_DIR = 1 << 3,
    LANDLOCK_ALL_1 = (1 << 13) - 1, // rights of its first version
    LANDLOCK_REFER = 1 << 13,       // 2
    LANDLOCK_TRUNCATE = 1 << 14,    // 3
};

// -1: this kernel has none.
static int spawn_rules_new(void)
{
    long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_ASK_VERSION);
    struct landlock_rules rules = { LANDLOCK_ALL_1 };
    if (version >= 2)
        rules.handled |= LANDLOCK_REFER;
    if (version >= 3)
        rules.handled |= LANDLOCK_TRUNCATE;
    return version < 1 ? -1 : (int)syscall(LANDLOCK_CREATE, &rules, sizeof rules, 0);
}

// Allows reading the files below a folder, or one file (and executing, if asked for).
static void spawn_rules_allow(int ruleset, int fd, uint64_t more)
{
    struct stat st;
    if (ruleset < 0 || fd < 0 || fstat(fd, &st))
        return;
    uint64_t rights = LANDLOCK_READ_FILE | more | (S_ISDIR(st.st_mode) ? LANDLOCK_READ_DIR : 0);
    struct landlock_rule rule = { rights, fd };
    syscall(LANDLOCK_ADD, ruleset, LANDLOCK_BENEATH, &rule, 0);
}

static void spawn_rules_allow_path(int ruleset, const char *path, uint64_t more)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    spawn_rules_allow(ruleset, fd, more);
    if (fd >= 0)
        close(fd);
}

// The folder that a program was installed into: /opt/gdb of /opt/gdb/bin/gdb.
static void spawn_rules_allow_home(int ruleset, const char *program)
{
    static const char *const parts[] = { "lib", "lib64", "libexec", "share", "bin" };
    char path[PATH_MAX];
    const char *slash = strrchr(program, '/');
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (snprintf(path, sizeof path, "%.*s/../%s", (int)(slash - program), program, parts[i])
            < (int)sizeof path)
            spawn_rules_allow_path(ruleset, path, LANDLOCK_EXECUTE);
}

// gdb/ of .../gdb/ouro/locate.py: scripts use one another.
static void spawn_rules_allow_script(int ruleset, const char *script)
{
    char *folder = realpath(script, NULL);
    for (int i = 0; folder && i < 2; i++) {
        char *slash = strrchr(folder, '/');
        if (slash)
            *slash = '\0';
    }
    if (folder && folder[0])
        spawn_rules_allow_path(ruleset, folder, 0);
    free(folder);
}

static int spawn_rules_of(const struct gdb_spawn *spawn, const char *program, const char *script)
{
    // What programs need to run; nothing in anybody's home, /var or /root.
    static const char *const system[] = { "/usr", "/lib",       "/lib32",     "/lib64",
                                          "/bin", "/nix/store", "/gnu/store", "/opt" };
    static const char *const more[] = {
        "/etc/ld.so.cache", "/etc/ld.so.preload",     "/etc/localtime",
        "/etc/terminfo",    "/etc/inputrc",           "/dev/null",
        "/dev/zero",        "/dev/urandom",           "/proc/cpuinfo",
        "/proc/meminfo",    "/sys/devices/system/cpu"
    };
    int ruleset = spawn_rules_new();
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        spawn_rules_allow_path(ruleset, system[i], LANDLOCK_EXECUTE);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        spawn_rules_allow_path(ruleset, more[i], 0);
    spawn_rules_allow_path(ruleset, program, LANDLOCK_EXECUTE);
    spawn_rules_allow_home(ruleset, program);
    spawn_rules_allow_script(ruleset, script);
    for (size_t i = 0; i < spawn->count; i++)
        if (spawn->readable[i])
            spawn_rules_allow(ruleset, spawn->passed[i], 0);
    return ruleset;
}

// ---- Calls: seccomp

#if defined __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#define OUR_ARCH 0 // no filter here, so gdb is not started
#endif

// Numbers that headers may not know yet; they are the same on every machine.
enum {
    CALL_PIDFD_SEND_SIGNAL = 424,
    CALL_IO_URING_SETUP = 425,
    CALL_IO_URING_ENTER = 426,
    CALL_IO_URING_REGISTER = 427,
    CALL_OPEN_TREE = 428,
    CALL_MOVE_MOUNT = 429,
    CALL_FSOPEN = 430,
    CALL_FSMOUNT = 432,
    CALL_CLONE3 = 435,
    CALL_OPENAT2 = 437,
    CALL_PIDFD_GETFD = 438,
    CALL_PROCESS_MADVISE = 440,
    CALL_MOUNT_SETATTR = 442,
    CALL_FCHMODAT2 = 452,
};

// Calls that a gdb which only reads files never makes, and that would do harm even with every file
// closed to it: to other processes, over the network, to modes, owners and times, to the system.
static const uint16_t spawn_refused_calls[] = {
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_sendto,
    SYS_sendmsg,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kill,
    SYS_tkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_personality,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_fanotify_init,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SYS_utimensat,
    SYS_truncate,
    SYS_mknodat,
    SYS_mkdirat,
    SYS_unlinkat,
    SYS_renameat2,
    SYS_linkat,
    SYS_symlinkat,
    SYS_mq_open,
    SYS_msgget,
    SYS_semget,
    SYS_shmget,
    SYS_setpriority,
    SYS_sched_setscheduler,
    SYS_setsid,
    SYS_memfd_create,
    SYS_kcmp,
    SYS_ioprio_set,
    SYS_migrate_pages,
    SYS_move_pages,
    CALL_PIDFD_SEND_SIGNAL,
    CALL_IO_URING_SETUP,
    CALL_IO_URING_ENTER,
    CALL_IO_URING_REGISTER,
    CALL_OPEN_TREE,
    CALL_MOVE_MOUNT,
    CALL_FSOPEN,
    CALL_FSMOUNT,
    CALL_OPENAT2,
    CALL_PIDFD_GETFD,
    CALL_PROCESS_MADVISE,
    CALL_MOUNT_SETATTR,
    CALL_FCHMODAT2,
#ifdef SYS_creat
    SYS_creat,
#endif
#ifdef SYS_chmod
    SYS_chmod,
#endif
#ifdef SYS_chown
    SYS_chown,
    SYS_lchown,
#endif
#ifdef SYS_utime
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
#endif
#ifdef SYS_mkdir
    SYS_mkdir,
    SYS_rmdir,
    SYS_unlink,
    SYS_rename,
    SYS_link,
    SYS_symlink,
    SYS_mknod,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
#endif
};

#define N_REFUSED (sizeof spawn_refused_calls / sizeof *spawn_refused_calls)
#define FILTER_MOST (2 * N_REFUSED + 40)

struct spawn_filter {
    struct sock_filter lines[FILTER_MOST];
    size_t count;
    size_t self; // the line that compares with the child's own PID
};

static void spawn_filter_line(struct spawn_filter *filter, uint16_t code, uint32_t k, uint8_t yes,
                              uint8_t no)
{
    filter->lines[filter->count++] = (struct sock_filter){ code, yes, no, k };
}

static void spawn_filter_load(struct spawn_filter *filter, size_t at)
{
    spawn_filter_line(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)at, 0, 0);
}

static void spawn_filter_return(struct spawn_filter *filter, uint32_t what)
{
    spawn_filter_line(filter, BPF_RET | BPF_K, what, 0, 0);
}

// Skips the next line unless the loaded word equals `value`.
static void spawn_filter_when(struct spawn_filter *filter, uint32_t value)
{
    spawn_filter_line(filter, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

#define FORBID (SECCOMP_RET_ERRNO | EPERM)
#define LOW_HALF(n) (offsetof(struct seccomp_data, args) + 8 * (n))

// Refuses a call if one of the bits is set in its argument.
static void spawn_filter_bits(struct spawn_filter *filter, uint32_t call, int argument,
                              uint32_t bits)
{
    spawn_filter_line(filter, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    spawn_filter_load(filter, LOW_HALF(argument));
    spawn_filter_line(filter, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    spawn_filter_return(filter, FORBID);
    spawn_filter_return(filter, SECCOMP_RET_ALLOW);
}

// The child may send a signal to itself (abort), and to nobody else.
static void spawn_filter_signals(struct spawn_filter *filter)
{
    spawn_filter_line(filter, BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 4);
    spawn_filter_load(filter, LOW_HALF(0));
    filter->self = filter->count;
    spawn_filter_line(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    spawn_filter_return(filter, FORBID);
    spawn_filter_return(filter, SECCOMP_RET_ALLOW);
}

static void spawn_filter_make(struct spawn_filter *filter)
{
    const uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    filter->count = 0;
    spawn_filter_load(filter, offsetof(struct seccomp_data, arch));
    spawn_filter_line(filter, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
    spawn_filter_return(filter, FORBID);
    spawn_filter_load(filter, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    spawn_filter_line(filter, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1); // x32
    spawn_filter_return(filter, FORBID);
#endif
    spawn_filter_when(filter, CALL_CLONE3); // clone's flags are examined: clone3's are in memory
    spawn_filter_return(filter, SECCOMP_RET_ERRNO | ENOSYS);
    for (size_t i = 0; i < N_REFUSED; i++) {
        spawn_filter_when(filter, spawn_refused_calls[i]);
        spawn_filter_return(filter, FORBID);
    }
    spawn_filter_signals(filter);
    spawn_filter_bits(filter, SYS_prlimit64, 0, UINT32_MAX); // its own limits, only to lower them
    spawn_filter_bits(filter, SYS_openat, 2, writing);
#ifdef SYS_open
    spawn_filter_bits(filter, SYS_open, 1, writing);
#endif
    spawn_filter_return(filter, SECCOMP_RET_ALLOW);
}

// ---- The child

struct spawn_locked {
    const struct gdb_spawn *spawn;
    const char *program;
    char *const *arguments, *const *environment;
    int nothing, complaints, ruleset;
    pid_t parent;
    struct spawn_filter filter;
};

static void spawn_child_limit(int what, rlim_t most)
{
    struct rlimit now = { 0, 0 };
    getrlimit(what, &now);
    most = now.rlim_max < most ? now.rlim_max : most;
    struct rlimit both = { most, most };
    setrlimit(what, &both);
}

static void spawn_child_limits(void)
{
    spawn_child_limit(RLIMIT_DATA, DATA_MAX);
    spawn_child_limit(RLIMIT_AS, SPACE_MAX);
    spawn_child_limit(RLIMIT_FSIZE, WRITTEN_MOST);
    spawn_child_limit(RLIMIT_CORE, 0);
    spawn_child_limit(RLIMIT_CPU, CPU_MOST);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1000", 4) < 0) {
        // then the OOM killer is as likely to take it as us
    }
    if (fd >= 0)
        close(fd);
}

// Root keeps only the right to read what it was given. Without root's rights this does nothing.
static void spawn_child_drop_rights(void)
{
    struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };
    if (syscall(SYS_capget, &head, data))
        return;
    uint32_t kept = 1u << CAP_DAC_READ_SEARCH & data[0].permitted;
    data[0] = (struct __user_cap_data_struct){ .effective = kept, .permitted = kept };
    data[1] = (struct __user_cap_data_struct){ 0 };
    syscall(SYS_capset, &head, data);
}

// gdb must not inherit the caller's handlers and mask; a terminal's ^C stays with us.
static void spawn_child_signals(void)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &usual, NULL);
    setpgid(0, 0);
}

static bool spawn_child_descriptors(const struct spawn_locked *child)
{
    bool ok = dup2(child->nothing, STDIN_FILENO) >= 0 && dup2(child->nothing, STDOUT_FILENO) >= 0
              && dup2(child->complaints, STDERR_FILENO) >= 0;
    for (size_t i = 0; ok && i < child->spawn->count; i++)
        ok = dup2(child->spawn->passed[i], FIRST + (int)i) >= 0;
    if (ok && child->ruleset >= 0) {
        spawn_rules_allow_path(child->ruleset, "/proc/self", 0);
        ok = syscall(LANDLOCK_RESTRICT, child->ruleset, 0) == 0;
    }
    unsigned from = FIRST + (unsigned)child->spawn->count;
#ifdef SYS_close_range
    syscall(SYS_close_range, from, UINT_MAX, 0); // ours are close-on-exec: others' may not be
#endif
    return ok;
}

static bool spawn_child_lock(struct spawn_locked *child)
{
    struct spawn_filter *filter = &child->filter;
    struct sock_fprog program = { (unsigned short)filter->count, filter->lines };
    filter->lines[filter->self].k = (uint32_t)getpid();
    return OUR_ARCH && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

// Becomes gdb, or reports why not.
static int spawn_child_run(struct spawn_locked *child)
{
    spawn_child_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != child->parent)
        return ESRCH;
    spawn_child_limits();
    spawn_child_drop_rights();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || !spawn_child_descriptors(child)
        || !spawn_child_lock(child))
        return errno ? errno : EPERM;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(child->program, child->arguments, child->environment);
    return errno;
}

// As posix_spawn does: our memory is not copied, and signals are blocked while it is shared.
static bool spawn_child_start(struct spawn_locked *child, pid_t *pid, int *failed)
{
    volatile int number = 0;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t made = vfork();
    if (made == 0) {
        number = spawn_child_run(child);
        _exit(127);
    }
    *failed = made < 0 ? errno : number;
    *pid = made;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    while (made > 0 && *failed && waitpid(made, NULL, 0) < 0 && errno == EINTR)
        continue;
    return *failed == 0;
}

static bool spawn_child(const struct gdb_spawn *spawn, struct gdb_spawn *own,
                        struct spawn_locked *child, const char *script, pid_t *pid, struct err *err)
{
    int number;
    child->spawn = spawn;
    child->parent = getpid();
    child->ruleset = -1;
    int ruleset = spawn_rules_of(spawn, child->program, script), at;
    if (ruleset >= 0 && !gdb_spawn_pass(own, ruleset, &at, err))
        return false;
    if (ruleset >= 0)
        child->ruleset = own->passed[own->count - 1];
    spawn_filter_make(&child->filter);
    bool ok = spawn_child_start(child, pid, &number);
    return ok || err_errno(err, number, "gdb could not be started, locked up");
}

bool gdb_spawn_start(const struct gdb_spawn *spawn, const char *const *arguments,
                     char *const *environment, pid_t *pid, int *complaints, struct err *err)
{
    char *program = spawn_find_program(arguments[0]);
    size_t last = 0;
    while (arguments[last + 1])
        last++;
    if (!program)
        return err_errno(err, ENOENT, arguments[0]);
    int ends[2] = { -1, -1 }, nothing = open("/dev/null", O_RDWR | O_CLOEXEC), at;
    struct gdb_spawn own = { .count = 0 };
    bool ok = (nothing >= 0 && pipe2(ends, O_CLOEXEC) == 0) || err_errno(err, errno, "a pipe");
    if (!ok && nothing >= 0)
        close(nothing);
    ok = ok && gdb_spawn_pass(&own, nothing, &at, err) && gdb_spawn_pass(&own, ends[1], &at, err);
    struct spawn_locked *child = ok ? calloc(1, sizeof *child) : NULL;
    if (child) {
        child->program = program;
        child->arguments = (char *const *)arguments;
        child->environment = environment;
        child->nothing = own.passed[0];
        child->complaints = own.passed[1];
    }
    ok = child && spawn_child(spawn, &own, child, arguments[last], pid, err);
    if (!ok && ends[0] >= 0)
        close(ends[0]);
    *complaints = ok ? ends[0] : -1;
    gdb_spawn_fini(&own);
    free(child);
    free(program);
    return ok;
}
