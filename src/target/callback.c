// SPDX-License-Identifier: GPL-3.0-or-later
// A target that somebody else holds still: gdb, whatever it is attached to.
//
// With a read function, every block comes through it. Without one the process runs on this machine
// and is read directly: gdb's own tracing does not interfere with process_vm_readv.
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "target/elf.h"
#include "target/live.h"
#include "target/module.h"
#include "target/ops.h"
#include "target/proc.h"

struct callback {
    struct live live; // first: live_close frees the whole
    size_t (*read)(void *context, addr from, void *to, size_t size);
    void *context;
};

static size_t callback_fetch(struct target *target, addr from, void *to, size_t size)
{
    struct callback *callback = target->state;
    if (!callback->read)
        return live_fetch(target, from, to, size);
    size_t got = callback->read(callback->context, from, to, size);
    if (got == TARGET_REFUSED) {
        target->refused = true;
        return 0;
    }
    return got < size ? got : size;
}

static const struct target_ops callback_ops = {
    .name = "gdb",
    .fetch = callback_fetch,
    .settle = live_settle,
    .check = live_check,
    .mappings = live_mappings,
    .close = live_close,
};

static bool copy_maps(struct maps *maps, const struct target_callback *from, struct err *err)
{
    for (size_t i = 0; i < from->map_count; i++) {
        const char *path = from->paths ? from->paths[i] : NULL;
        struct mapping row = {
            .start = from->maps[i].start,
            .end = from->maps[i].end,
            .offset = from->maps[i].offset,
            .flags = from->maps[i].flags & (SEGMENT_READ | SEGMENT_WRITE | SEGMENT_EXEC),
            .path = path ? strdup(path) : NULL,
        };
        if (path && !row.path)
            return err_memory(err, "the list of mapped files");
        if (row.start >= row.end)
            free(row.path);
        else if (!maps_add(maps, row, err))
            return false;
    }
    maps_sort(maps);
    return true;
}

static bool copy_threads(struct target *target, const struct target_callback *from, struct err *err)
{
    if (!from->thread_count)
        return true;
    target->threads = calloc(from->thread_count, sizeof *target->threads);
    if (!target->threads)
        return err_memory(err, "the list of threads");
    memcpy(target->threads, from->threads, from->thread_count * sizeof *target->threads);
    target->thread_count = from->thread_count;
    return true;
}

// The far end of a gdbserver may be another kind of machine: its programs tell which.
static enum machine machine_of(const struct target *target)
{
    for (size_t i = 0; i < target->module_count; i++)
        if (target->modules[i].elf)
            return elf_shape_of(target->modules[i].elf)->machine == EM_AARCH64 ? MACHINE_AARCH64
                                                                               : MACHINE_X86_64;
    return proc_machine();
}

static bool callback_build(struct target *target, struct callback *callback,
                           const struct target_callback *from, const struct target_options *options,
                           struct err *err)
{
    struct live *live = &callback->live;
    bool ok = from->maps ? copy_maps(&live->maps, from, err)
                         : maps_read(&live->maps, from->pid, from->pid, err);
    if (!ok)
        return false;
    if (!live->maps.count)
        return err_set(err, ERR_READ, "the target has no memory that is known");
    if (!callback->read)
        pages_open(&live->pages, from->pid, from->pid, &live->maps);
    struct segments list = { 0 };
    bool *late = live_late(&live->maps, err);
    ok = late && proc_segments(&live->maps, late, &list, err);
    free(late);
    segments_settle(&list);
    target_take_segments(target, &list);
    // Through gdb the files are where gdb's sysroot says, not where a process of this machine sees
    // them.
    struct module_source source = {
        .root = options ? options->sysroot : NULL,
        .strict = options && options->strict,
        .exe = options ? options->exe : NULL,
        .inside_exe = proc_inside_exe(live->auxv, live->auxv_size),
    };
    if (ok)
        ok = callback->read
                 ? modules_find(target, &live->maps, &source, err)
                 : proc_modules(target, from->pid, &live->maps, source.inside_exe, options, err);
    modules_tie(target);
    target_note_run(target, live->auxv, live->auxv_size);
    target->machine = machine_of(target);
    return ok;
}

// What the kernel told the program when it started (auxv). /proc has it for a process of this
// machine; for any other the caller may have it.
static bool callback_note_start(struct target *target, struct live *live,
                                const struct target_callback *from, struct err *err)
{
    if (!from->maps) {
        target->command = proc_command(from->pid);
        provenance_of_process(&target->provenance, from->pid);
        live->auxv = proc_auxv(from->pid, &live->auxv_size);
        return true;
    }
    target->command = from->command && *from->command ? strdup(from->command) : NULL;
    if (!from->auxv || !from->auxv_size)
        return true;
    live->auxv = malloc(from->auxv_size);
    if (!live->auxv)
        return err_memory(err, "the auxiliary vector");
    memcpy(live->auxv, from->auxv, from->auxv_size);
    live->auxv_size = from->auxv_size;
    return true;
}

bool target_open_callback(struct target *target, const struct target_callback *from,
                          const struct target_options *options, struct err *err)
{
    *target = (struct target){ .kind = "gdb", .fd = -1 };
    if (!from->read && from->pid <= 0)
        return err_set(err, ERR_USAGE, "neither a way to read nor a process");
    struct callback *callback = calloc(1, sizeof *callback);
    if (!callback)
        return err_memory(err, "a target");
    callback->read = from->read;
    target->is_slow = from->read != NULL;
    callback->context = from->context;
    callback->live.memfd = -1;
    callback->live.reader = from->pid;
    target->ops = &callback_ops;
    target->state = callback;
    target->pid = from->pid;
    target->signal = from->signal;
    target->machine = proc_machine();
    if (callback_note_start(target, &callback->live, from, err) && copy_threads(target, from, err)
        && callback_build(target, callback, from, options, err))
        return true;
    target_close(target);
    return false;
}
