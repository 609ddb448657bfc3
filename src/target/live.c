// SPDX-License-Identifier: GPL-3.0-or-later
// State of a target that is a process: see live.h.
#include "target/live.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/ops.h"
#include "target/proc.h"

struct live *live_new(struct target *target, const char *kind, const struct target_ops *ops,
                      pid_t pid, struct err *err)
{
    *target = (struct target){ .kind = kind, .fd = -1 };
    struct live *live = calloc(1, sizeof *live);
    if (!live) {
        err_memory(err, "a process");
        return NULL;
    }
    live->memfd = live->mem = -1;
    live->reader = pid;
    target->ops = ops;
    target->state = live;
    target->pid = pid;
    target->machine = proc_machine();
    target->command = proc_command(pid);
    live->auxv = proc_auxv(pid, &live->auxv_size);
    return live;
}

bool live_note_threads(struct target *target, struct live *live, struct err *err)
{
    size_t count;
    const struct held_thread *threads = hold_threads(live->hold, &count);
    live->reader = hold_reader(live->hold);
    live->threads = malloc((count + 1) * sizeof *threads);
    free(target->threads);
    target->threads = hold_list(live->hold, &target->thread_count);
    if (!live->threads || !target->threads)
        return err_memory(err, "the list of threads");
    memcpy(live->threads, threads, count * sizeof *threads);
    live->thread_count = count;
    return true;
}

void live_close(struct target *target)
{
    struct live *live = target->state;
    hold_close(live->hold);
    for (size_t i = 0; i < live->cluster_count; i++)
        if (live->clusters[i].host)
            munmap(live->clusters[i].host, live->clusters[i].end - live->clusters[i].start);
    free(live->clusters);
    if (live->memfd >= 0)
        close(live->memfd);
    if (live->mem >= 0)
        close(live->mem);
    maps_fini(&live->maps);
    free(live->auxv);
    free(live->threads);
    free(live);
}
