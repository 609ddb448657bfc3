// SPDX-License-Identifier: GPL-3.0-or-later
// State of a target that is a process: see live.h.
#include "target/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/guard.h"
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
    live->memfd = -1;
    live->reader = pid;
    target->ops = ops;
    target->state = live;
    target->pid = pid;
    target->machine = proc_machine();
    target->command = proc_command(pid);
    provenance_of_process(&target->provenance, pid);
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

static int compare_inodes(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

bool *live_late(const struct maps *maps, struct err *err)
{
    size_t count = 0;
    bool *late = calloc(maps->count + 1, sizeof *late);
    uint64_t *programs = malloc((maps->count + 1) * sizeof *programs);
    for (size_t i = 0; late && programs && i < maps->count; i++)
        if (maps->rows[i].flags & SEGMENT_EXEC && !maps->rows[i].shared)
            programs[count++] = maps->rows[i].inode;
    if (late && programs && count)
        qsort(programs, count, sizeof *programs, compare_inodes);
    for (size_t i = 0; late && programs && i < maps->count; i++) {
        const struct mapping *m = &maps->rows[i];
        late[i] = !mapping_is_anonymous(m)
                  && (m->shared
                      || !bsearch(&m->inode, programs, count, sizeof *programs, compare_inodes));
    }
    if (!programs) {
        free(late);
        late = NULL;
    }
    free(programs);
    if (!late)
        err_memory(err, "the list of mapped files");
    return late;
}

bool live_check(const struct target *target, struct err *err)
{
    const struct live *live = target->state;
    if (!live->pages.maps || pages_alive(&live->pages))
        return true;
    char path[64], program[8];
    snprintf(path, sizeof path, "/proc/%d/task/%d/exe", (int)target->pid, (int)live->reader);
    return err_set(err, ERR_IO, "process %d %s while it was being read", (int)target->pid,
                   readlink(path, program, sizeof program) < 0 ? "ended" : "began another program");
}

size_t live_fetch(struct target *target, addr from, void *to, size_t size)
{
    struct live *live = target->state;
    size_t got = pages_read(&live->pages, from, to, size);
    if (got < size && target->pending.kind == ERR_NONE)
        live_check(target, &target->pending);
    return got;
}

bool live_mappings(const struct target *target, struct maps *maps, struct err *err)
{
    const struct live *live = target->state;
    return maps_copy(maps, &live->maps, err);
}

void live_close(struct target *target)
{
    struct live *live = target->state;
    hold_close(live->hold);
    for (size_t i = 0; i < live->cluster_count; i++)
        if (live->clusters[i].host)
            guard_unmap(live->clusters[i].host,
                        (size_t)(live->clusters[i].end - live->clusters[i].start));
    free(live->clusters);
    if (live->memfd >= 0)
        close(live->memfd);
    pages_close(&live->pages);
    segments_fini(&live->late);
    maps_fini(&live->maps);
    free(live->auxv);
    free(live->threads);
    free(live);
}
