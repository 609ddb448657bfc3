// SPDX-License-Identifier: GPL-3.0-or-later
// Facts about a process: see proc.h.
#include "target/proc.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "target/module.h"
#include "target/proc_file.h"

int proc_memory(pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)tid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

size_t proc_read(int fd, addr from, void *to, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(fd, (uint8_t *)to + done, size - done, (off_t)(from + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

static size_t peek_file(pid_t tid, addr from, void *to, size_t size)
{
    int fd = proc_memory(tid);
    size_t done = fd < 0 ? 0 : proc_read(fd, from, to, size);
    if (fd >= 0)
        close(fd);
    return done;
}

size_t proc_peek(pid_t tid, addr from, void *to, size_t size)
{
    size_t done = 0;
    while (done < size) {
        struct iovec here = { (uint8_t *)to + done, size - done };
        struct iovec there = { (void *)(uintptr_t)(from + done), size - done };
        ssize_t got = process_vm_readv(tid, &here, 1, &there, 1, 0);
        // A container's filter may forbid the call and still let /proc be read.
        if (got < 0 && (errno == ENOSYS || errno == EPERM))
            return done + peek_file(tid, from + done, (uint8_t *)to + done, size - done);
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

enum machine proc_machine(void)
{
#if defined(__aarch64__)
    return MACHINE_AARCH64;
#else
    return MACHINE_X86_64;
#endif
}

// A number of /proc/PID/status; -1: not there.
static long status_number(pid_t pid, const char *name)
{
    uint64_t number;
    return proc_number(pid, "status", name, &number) ? (long)number : -1;
}

static uint64_t ptrace_scope(void)
{
    uint64_t scope;
    return file_number("/proc/sys/kernel/yama/ptrace_scope", NULL, &scope) ? scope : 0;
}

static bool proc_is_alive(pid_t pid, pid_t tid)
{
    char state = proc_state(pid, tid);
    return state && state != 'Z' && state != 'X';
}

// A thread through which /proc shows the process: itself, or another one where the main thread has
// left by pthread_exit() (a zombie, without memory or files). `pid` where none lives.
static pid_t proc_living(pid_t pid)
{
    char path[64];
    pid_t living = pid;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *folder = proc_is_alive(pid, pid) ? NULL : opendir(path);
    for (struct dirent *entry; living == pid && folder && (entry = readdir(folder));) {
        pid_t tid = (pid_t)atoi(entry->d_name);
        if (tid > 0 && proc_is_alive(pid, tid))
            living = tid;
    }
    if (folder)
        closedir(folder);
    return living;
}

bool proc_denied(pid_t pid, int number, struct err *err)
{
    char path[64], link[8];
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    struct stat st;
    if (stat("/proc/self", &st))
        return err_set(err, ERR_IO, "/proc is not mounted; ouro reads processes through it");
    if (stat(path, &st) || number == ESRCH)
        return err_set(err, ERR_IO, "no process %d", (int)pid);
    if (pid == getpid())
        return err_set(err, ERR_IO, "process %d is ouro itself, which cannot stop itself",
                       (int)pid);
    if (!proc_is_alive(pid, proc_living(pid)))
        return err_set(err, ERR_IO, "process %d has ended (a zombie has no memory)", (int)pid);
    long tracer = status_number(pid, "TracerPid:");
    if (tracer > 0) {
        long process = status_number((pid_t)tracer, "Tgid:"); // the tracer is one of its threads
        return err_set(err, ERR_IO, "process %d is already traced by process %ld (a debugger?)",
                       (int)pid, process > 0 ? process : tracer);
    }
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    if (readlink(path, link, sizeof link) < 0 && errno == ENOENT)
        return err_set(err, ERR_IO, "process %d is a thread of the kernel", (int)pid);
    uint64_t scope = ptrace_scope();
    if (scope >= 3)
        return err_set(err, ERR_IO,
                       "process %d may not be traced: kernel.yama.ptrace_scope is 3, which "
                       "forbids it to everybody until the next boot",
                       (int)pid);
    if (scope == 2)
        return err_set(err, ERR_IO,
                       "process %d may not be traced: kernel.yama.ptrace_scope is 2, which "
                       "requires CAP_SYS_PTRACE",
                       (int)pid);
    long owner = status_number(pid, "Uid:");
    if (owner >= 0 && owner != (long)getuid())
        return err_set(err, ERR_IO, "process %d belongs to user %ld: CAP_SYS_PTRACE is missing",
                       (int)pid, owner);
    if (scope == 1)
        return err_set(err, ERR_IO,
                       "process %d may not be traced: kernel.yama.ptrace_scope is 1, which "
                       "requires CAP_SYS_PTRACE unless it is a child of ours",
                       (int)pid);
    return err_set(err, ERR_IO, "process %d may not be traced: %s; CAP_SYS_PTRACE is missing",
                   (int)pid, strerror(number));
}

bool proc_is_32_bit(pid_t pid)
{
    char path[64];
    uint8_t ident[EI_NIDENT];
    snprintf(path, sizeof path, "/proc/%d/exe", (int)proc_living(pid));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t got = fd >= 0 ? pread(fd, ident, sizeof ident, 0) : -1;
    if (fd >= 0)
        close(fd);
    return got == sizeof ident && !memcmp(ident, ELFMAG, SELFMAG) && ident[EI_CLASS] == ELFCLASS32;
}

char *proc_command(pid_t pid)
{
    pid = proc_living(pid);
    size_t size = 0;
    char *text = proc_slurp(pid, "cmdline", 1 << 20, &size);
    if (text && size) {
        while (size && !text[size - 1])
            size--;
        for (size_t i = 0; i < size; i++)
            if (!text[i])
                text[i] = ' ';
        return text;
    }
    free(text);
    text = proc_slurp(pid, "comm", 64, &size);
    char *command = NULL;
    if (asprintf(&command, "[%.*s]", text ? (int)strcspn(text, "\n") : 1, text ? text : "?") < 0)
        command = NULL;
    free(text);
    return command;
}

uint8_t *proc_auxv(pid_t pid, size_t *size)
{
    return (uint8_t *)proc_slurp(proc_living(pid), "auxv", 1 << 16, size);
}

addr proc_inside_exe(const uint8_t *auxv, size_t size)
{
    for (size_t at = 0; auxv && at + 16 <= size; at += 16) {
        uint64_t pair[2];
        memcpy(pair, auxv + at, sizeof pair);
        if (pair[0] == AT_PHDR)
            return pair[1];
    }
    return 0;
}

void proc_root(pid_t pid, char *text, size_t size)
{
    pid = proc_living(pid);
    char path[64], ours[64], theirs[64], root[8];
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
    ssize_t a = readlink("/proc/self/ns/mnt", ours, sizeof ours);
    ssize_t b = readlink(path, theirs, sizeof theirs);
    snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
    ssize_t c = readlink(path, root, sizeof root);
    bool same = a > 0 && a == b && !memcmp(ours, theirs, (size_t)a) && c == 1 && *root == '/';
    snprintf(text, size, "%s", same ? "" : path);
}

// How many mappings from the i-th on become one segment.
static size_t proc_joined(const struct maps *maps, const bool *late, size_t i)
{
    size_t next = i + 1;
    while (next < maps->count && maps->rows[next].start == maps->rows[next - 1].end
           && maps->rows[next].flags == maps->rows[i].flags && !late[i] && !late[next])
        next++;
    return next - i;
}

bool proc_segments(const struct maps *maps, const bool *late, struct segments *to, struct err *err)
{
    addr reached = 0; // the maps may come from the caller and may overlap
    struct segments rows = { 0 };
    bool ok = true;
    for (size_t i = 0, many; ok && i < maps->count; i += many) {
        const struct mapping *first = &maps->rows[i];
        many = proc_joined(maps, late, i);
        struct segment row = {
            .start = first->start > reached ? first->start : reached,
            .end = maps->rows[i + many - 1].end,
            .flags = first->flags | (late[i] ? SEGMENT_LATE : 0),
            .module = -1,
        };
        if (row.end <= row.start)
            continue;
        reached = row.end;
        if (!(first->flags & SEGMENT_READ))
            row.flags |= SEGMENT_MISSING;
        ok = segments_add(&rows, row, err);
    }
    ok = ok && segments_add_lazily(to, &rows, err);
    segments_fini(&rows);
    return ok;
}

bool proc_modules(struct target *target, pid_t pid, const struct maps *maps, addr inside_exe,
                  const struct target_options *options, struct err *err)
{
    char root[64];
    proc_root(pid, root, sizeof root);
    struct module_source source = {
        .root = options && options->sysroot  ? options->sysroot
                : options && options->strict ? NULL
                                             : root,
        .strict = options && options->strict,
        .exe = options ? options->exe : NULL,
        .inside_exe = inside_exe,
        .pid = proc_living(pid),
        .passing = !target->kind, // a probe (snapshot.c)
    };
    return modules_find(target, maps, &source, err);
}
