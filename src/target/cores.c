// SPDX-License-Identifier: GPL-3.0-or-later
// How many processors may be used: see cores.h.
#include "target/cores.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "target/proc_file.h"

#define PATH_SIZE 4096
#define CORES_MOST 1024u

// How many microseconds of each period the processes of a group may run, over all processors.
// Version 2 has both numbers in one file ("150000 100000", "max 100000"); in version 1 a quota of
// -1 means no limit.
static unsigned cores_of_group(const char *folder, bool second)
{
    char path[PATH_SIZE + 64], text[64];
    uint64_t quota = 0, period = 0;
    unsigned long long words[2];
    snprintf(path, sizeof path, "%s/%s", folder, second ? "cpu.max" : "cpu.cfs_quota_us");
    if (second
        && sscanf(file_peek(path, text, sizeof text), "%llu %llu", &words[0], &words[1]) == 2)
        quota = words[0], period = words[1];
    if (!second && file_number(path, NULL, &quota)) {
        snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
        if (!file_number(path, NULL, &period))
            return CORES_MOST;
    }
    if (!quota || !period || quota / period >= CORES_MOST)
        return CORES_MOST;
    uint64_t cores = (quota + period / 2) / period; // half a processor more is worth a thread
    return cores ? (unsigned)cores : 1;
}

// The process's group, and those above it.
static unsigned cores_of_groups(const struct cores_sources *from, bool second)
{
    char folder[PATH_SIZE], group[PATH_SIZE];
    if (!proc_cgroup(from->cgroup, second ? NULL : "cpu", group, sizeof group))
        return CORES_MOST;
    size_t top = strlen(from->root) + (second ? 0 : strlen("/cpu"));
    if ((size_t)snprintf(folder, sizeof folder, "%s%s%s", from->root, second ? "" : "/cpu",
                         strcmp(group, "/") ? group : "")
        >= sizeof folder)
        return CORES_MOST;
    unsigned least = CORES_MOST;
    do {
        unsigned cores = cores_of_group(folder, second);
        least = cores < least ? cores : least;
    } while (proc_cgroup_up(folder, top));
    return least;
}

unsigned cores_allowed(const struct cores_sources *sources)
{
    static const struct cores_sources own = { "/proc/self/cgroup", "/sys/fs/cgroup" };
    const struct cores_sources *from = sources ? sources : &own;
    cpu_set_t set;
    unsigned least = CORES_MOST;
    if (!sched_getaffinity(0, sizeof set, &set))
        least = (unsigned)CPU_COUNT(&set);
    for (int second = 0; second < 2; second++) {
        unsigned cores = cores_of_groups(from, second);
        least = cores < least ? cores : least;
    }
    return least ? least : 1;
}
