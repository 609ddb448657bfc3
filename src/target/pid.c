// SPDX-License-Identifier: GPL-3.0-or-later
// A live process that is held and read directly, block by block.
#include <stdlib.h>

#include "target/live.h"
#include "target/module.h"
#include "target/ops.h"
#include "target/proc.h"

static const struct target_ops pid_ops = {
    .name = "process",
    .fetch = live_fetch,
    .settle = live_settle,
    .check = live_check,
    .mappings = live_mappings,
    .close = live_close,
};

static bool pid_build(struct target *target, struct live *live,
                      const struct target_options *options, struct err *err)
{
    if (!live_note_threads(target, live, err)
        || !maps_read(&live->maps, target->pid, live->reader, err))
        return false;
    pages_open(&live->pages, target->pid, live->reader, &live->maps);
    if (!live->maps.count)
        return err_set(err, ERR_IO,
                       "process %d has no memory (it is ending, or part of the kernel)",
                       (int)target->pid);
    struct segments list = { 0 };
    bool *late = live_late(&live->maps, err);
    bool ok = late && proc_segments(&live->maps, late, &list, err);
    free(late);
    segments_settle(&list);
    target_take_segments(target, &list);
    if (!ok)
        return false;
    ok = proc_modules(target, target->pid, &live->maps,
                      proc_inside_exe(live->auxv, live->auxv_size), options, err);
    modules_tie(target);
    target_note_run(target, live->auxv, live->auxv_size);
    return ok;
}

bool target_open_pid(struct target *target, pid_t pid, const struct target_options *options,
                     struct err *err)
{
    struct live *live = live_new(target, "process", &pid_ops, pid, err);
    if (!live)
        return false;
    live->hold = hold_open(pid, err);
    if (live->hold && pid_build(target, live, options, err))
        return true;
    target_close(target);
    return false;
}
