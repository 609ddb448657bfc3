// SPDX-License-Identifier: GPL-3.0-or-later
// Families and shared pages, out of /proc: see sharing.h.
#include "target/sharing.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/unused.h"
#include "target/proc_file.h"

#define PAGE 4096                             // the same on both machines that ouro knows
#define PAGEMAP_EXCLUSIVE (UINT64_C(1) << 56) // Documentation/admin-guide/mm/pagemap.rst
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)

// A core's process is gone, whoever has its PID now.
static bool is_live(const struct target *target)
{
    return target->pid > 0 && (!strcmp(target->kind, "process") || !strcmp(target->kind, "copy"));
}

static bool program_of(pid_t pid, char *path, size_t size)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/exe", (int)pid);
    ssize_t length = readlink(name, path, size - 1);
    path[length > 0 ? length : 0] = 0;
    return length > 0;
}

static pid_t sharing_parent_of(pid_t pid)
{
    uint64_t parent;
    return proc_stat(pid, PROC_STAT_PARENT, &parent) ? (pid_t)parent : 0;
}

// The address of a process's stack; 0: unknown.
static uint64_t sharing_stack_of(pid_t pid)
{
    uint64_t stack;
    return proc_stat(pid, PROC_STAT_STACK, &stack) ? stack : 0;
}

static bool runs(pid_t pid, const char *program, uint64_t stack)
{
    char path[PATH_MAX];
    return program_of(pid, path, sizeof path) && !strcmp(path, program)
           && sharing_stack_of(pid) == stack;
}

uint64_t sharing_private(pid_t pid)
{
    uint64_t kib;
    return proc_number(pid, "smaps_rollup", "Private_Dirty:", &kib) ? kib << 10 : 0;
}

typedef void sharing_take(void *context, pid_t pid, bool is_child);

// Calls back for each of the process's siblings and children.
static bool sharing_each(const struct target *target, pid_t *parent, sharing_take *take,
                         void *context)
{
    char program[PATH_MAX];
    *parent = 0;
    if (!is_live(target) || !program_of(target->pid, program, sizeof program))
        return false;
    uint64_t stack = sharing_stack_of(target->pid);
    pid_t own = sharing_parent_of(target->pid);
    if (own && runs(own, program, stack))
        *parent = own;
    DIR *folder = opendir("/proc");
    if (!folder)
        return true;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        pid_t above = pid > 0 && pid != target->pid ? sharing_parent_of(pid) : 0;
        if (above && (above == target->pid || above == *parent) && runs(pid, program, stack))
            take(context, pid, above == target->pid);
    }
    closedir(folder);
    return true;
}

static void sharing_count(void *context, UNUSED pid_t pid, bool is_child)
{
    struct family *family = context;
    family->children += is_child;
    family->siblings += !is_child;
}

bool sharing_family(const struct target *target, struct family *family)
{
    *family = (struct family){ 0 };
    return sharing_each(target, &family->parent, sharing_count, family);
}

struct sharing_sum {
    uint64_t bytes;
    uint32_t processes;
};

static void sharing_add(void *context, pid_t pid, UNUSED bool is_child)
{
    struct sharing_sum *sum = context;
    sum->bytes += sharing_private(pid);
    sum->processes++;
}

uint64_t sharing_private_of_family(const struct target *target, uint32_t *processes)
{
    struct sharing_sum sum = { 0 };
    pid_t parent;
    if (sharing_each(target, &parent, sharing_add, &sum)) {
        sharing_add(&sum, target->pid, false);
        if (parent)
            sharing_add(&sum, parent, false);
    }
    *processes = sum.processes;
    return sum.bytes;
}

bool sharing_open(struct sharing *sharing, const struct target *target, pid_t pid)
{
    char name[64];
    *sharing = (struct sharing){ .fd = -1 };
    if (!is_live(target))
        return false;
    snprintf(name, sizeof name, "/proc/%d/pagemap", (int)pid);
    sharing->fd = open(name, O_RDONLY | O_CLOEXEC);
    return sharing->fd >= 0;
}

enum page_state sharing_page(struct sharing *sharing, addr at)
{
    addr page = at / PAGE;
    if (page < sharing->page || page - sharing->page >= sharing->count) {
        ssize_t size = pread(sharing->fd, sharing->window, sizeof sharing->window,
                             (off_t)(page * sizeof *sharing->window));
        sharing->page = page;
        sharing->count = size > 0 ? (size_t)size / sizeof *sharing->window : 0;
        if (!sharing->count)
            return PAGE_UNKNOWN;
    }
    uint64_t word = sharing->window[page - sharing->page];
    if (!(word & PAGEMAP_PRESENT))
        return PAGE_ABSENT;
    return word & PAGEMAP_EXCLUSIVE ? PAGE_OWN : PAGE_SHARED;
}

void sharing_close(struct sharing *sharing)
{
    if (sharing->fd >= 0)
        close(sharing->fd);
    *sharing = (struct sharing){ .fd = -1 };
}
