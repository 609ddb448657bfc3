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

#define PAGE 4096                             // of both machines that ouro knows
#define PAGEMAP_EXCLUSIVE (UINT64_C(1) << 56) // Documentation/admin-guide/mm/pagemap.rst
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)

// A core's process is gone, whoever has its number now.
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

// The parent of a process, or 0. The name in brackets may hold anything.
static pid_t sharing_parent_of(pid_t pid)
{
    char name[64], line[512];
    snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return 0;
    line[size] = 0;
    int parent = 0;
    const char *behind = strrchr(line, ')');
    return behind && sscanf(behind + 1, " %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

static bool runs(pid_t pid, const char *program)
{
    char path[PATH_MAX];
    return program_of(pid, path, sizeof path) && !strcmp(path, program);
}

bool sharing_family(const struct target *target, struct family *family)
{
    char program[PATH_MAX];
    *family = (struct family){ 0 };
    if (!is_live(target) || !program_of(target->pid, program, sizeof program))
        return false;
    pid_t parent = sharing_parent_of(target->pid);
    if (parent && runs(parent, program))
        family->parent = parent;
    DIR *folder = opendir("/proc");
    if (!folder)
        return true;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 0 || pid == target->pid)
            continue;
        pid_t above = sharing_parent_of(pid);
        if (above == target->pid && runs(pid, program))
            family->children++;
        else if (above && above == family->parent && runs(pid, program))
            family->siblings++;
    }
    closedir(folder);
    return true;
}

bool sharing_open(struct sharing *sharing, const struct target *target)
{
    char name[64];
    *sharing = (struct sharing){ .fd = -1 };
    if (!is_live(target))
        return false;
    snprintf(name, sizeof name, "/proc/%d/pagemap", (int)target->pid);
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
