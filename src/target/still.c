// SPDX-License-Identifier: GPL-3.0-or-later
// A process that is stopped without our doing: read in place, like one that gdb holds.
//
// The kernel that hands a core to a helper (core_pattern) keeps the process as it died until the
// helper has ended: its memory can be read, but nobody can trace it any more.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/proc.h"
#include "target/proc_file.h"

static bool still_is_dumping(pid_t pid)
{
    uint64_t dumping;
    return proc_number(pid, "status", "CoreDumping:", &dumping) && dumping == 1;
}

// Whether the freezer of cgroup version 2 has frozen it.
static bool still_is_frozen(pid_t pid)
{
    char file[64], group[3000], events[4096];
    uint64_t frozen;
    snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
    if (!proc_cgroup(file, NULL, group, sizeof group))
        return false;
    snprintf(events, sizeof events, "/sys/fs/cgroup%s/cgroup.events", group);
    return file_number(events, "frozen", &frozen) && frozen == 1;
}

// A thread that may run at any time; 0: none.
static pid_t still_running(pid_t pid)
{
    char path[64];
    pid_t running = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && !running && (task = readdir(tasks));) {
        pid_t tid = (pid_t)atoi(task->d_name);
        char state = tid > 0 ? proc_state(pid, tid) : 'T';
        if (state && !strchr("TtZX", state))
            running = tid;
    }
    if (tasks)
        closedir(tasks);
    return running;
}

bool target_open_still(struct target *target, pid_t pid, const struct target_options *options,
                       struct err *err)
{
    *target = (struct target){ .fd = -1 };
    if (!proc_state(pid, pid))
        return err_set(err, ERR_NOT_FOUND, "no process %d", (int)pid);
    pid_t running = still_running(pid);
    if (running && !still_is_dumping(pid) && !still_is_frozen(pid))
        return err_set(err, ERR_USAGE,
                       "process %d is not stopped: its thread %d may run (--still is for what is "
                       "stopped, frozen or dumping its core)",
                       (int)pid, (int)running);
    const struct target_callback itself = { .pid = pid };
    if (!target_open_callback(target, &itself, options, err))
        return false;
    target->kind = "process";
    return true;
}
