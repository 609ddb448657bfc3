// SPDX-License-Identifier: GPL-3.0-or-later
// What the control group of a process tells of memory: how much of its limit is used, how often it
// came up against it, and how long its processes wait for memory (PSI).
//
//      limit, now     of the group, or of the nearest above it that has a limit
//      events         counted there, with all groups below (memory.events)
//      pressure       of the process's own group; else of the machine
//
// Version 1 has no high, and counts as `max` what was refused (memory.failcnt).
//
// Does not know: when to look. Owns: nothing. Errors: none; what cannot be read is not known.
// Cost: some small files.
#ifndef OURO_TARGET_CGROUP_H
#define OURO_TARGET_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_event { CGROUP_HIGH, CGROUP_MAX, CGROUP_OOM, CGROUP_OOM_KILL, CGROUP_EVENTS };

struct cgroup_memory {
    bool has_limit, has_pressure;
    bool has_event[CGROUP_EVENTS];
    uint64_t now, limit; // bytes
    uint64_t events[CGROUP_EVENTS];
    double pressure; // percent of the last ten seconds in which some process waited
};

struct cgroup_sources { // files to read, for tests
    const char *cgroup; // the process's: /proc/PID/cgroup
    const char *root;   // /sys/fs/cgroup
    const char *pressure;
};

void cgroup_memory_read(pid_t pid, struct cgroup_memory *out);
void cgroup_memory_read_from(const struct cgroup_sources *sources, struct cgroup_memory *out);

// Whether the process is in the group of that path, or in one below it. The path as /proc/PID/cgroup
// has it, or below /sys/fs/cgroup.
bool cgroup_has(pid_t pid, const char *path);

// "high", "max", "oom", "oom_kill".
extern const char *const cgroup_event_names[CGROUP_EVENTS];

#endif
