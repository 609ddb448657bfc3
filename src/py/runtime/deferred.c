// SPDX-License-Identifier: GPL-3.0-or-later
// Refcounts kept outside the objects: see deferred.h. Follows Python/uniqueid.c and
// gc_visit_thread_stacks().
#include "py/runtime/deferred.h"

#include "py/runtime/frames.h"
#include "py/read.h"

#define COUNTS_MAX (UINT64_C(1) << 24)
#define SLOTS_MAX 1000000u

// struct _Py_unique_id_pool: a lock, the table, its free list, its size.
enum { POOL_TABLE = 8, POOL_SIZE = 24 };

static void thread_counts(const struct python *py, const struct interpreter *in,
                          const struct pythread *thread, deferred_take *take, void *context)
{
    struct target *t = py->target;
    addr pool = INSIDE(py, in->at, PyInterpreterState_unique_ids);
    uint64_t most = target_u64(t, pool + POOL_SIZE, NULL);
    uint64_t count = READ(py, thread->at, _PyThreadStateImpl_refcounts_size);
    count = count < most ? count : most;
    if (count == 0 || count > COUNTS_MAX)
        return;
    const uint8_t *values =
        target_view(t, READ(py, thread->at, _PyThreadStateImpl_refcounts_values), count * 8);
    const uint8_t *objects = target_view(t, target_u64(t, pool + POOL_TABLE, NULL), count * 8);
    for (uint64_t i = 0; values && objects && i < count; i++)
        if (load64(values
                   + i * 8)) // an entry without counts may be free: then it points to another entry
            take(context, load64(objects + i * 8), load_s64(values + i * 8));
}

static void frame_references(const struct python *py, const struct frame *frame,
                             deferred_take *take, void *context)
{
    uint64_t code = READ(py, frame->at, _PyInterpreterFrame_f_executable);
    if ((code & 3) == 1)
        take(context, code & ~(addr)3, 1);
    uint32_t count = frame->local_count + frame->stack_depth;
    for (uint32_t i = 0; i < count && i < SLOTS_MAX; i++) {
        bool counted;
        addr to = frame_slot(py, frame, i, &counted);
        if (to && !counted)
            take(context, to, 1);
    }
}

static bool deferred_has_tables(const struct python *py)
{
    const struct layout *l = &py->layout;
    return py->rules.free_threaded && py->rules.stackrefs && l->PyInterpreterState_unique_ids >= 0
           && l->_PyThreadStateImpl_refcounts_values >= 0
           && l->_PyThreadStateImpl_refcounts_size >= 0;
}

void deferred_counts(const struct python *py, size_t interpreter, deferred_take *take,
                     void *context)
{
    const struct interpreter *in = &py->interpreters[interpreter];
    for (size_t i = 0; deferred_has_tables(py) && i < in->thread_count; i++)
        thread_counts(py, in, &in->threads[i], take, context);
}

void deferred_each(const struct python *py, size_t interpreter, deferred_take *take, void *context)
{
    const struct interpreter *in = &py->interpreters[interpreter];
    if (!py->rules.free_threaded || !py->rules.stackrefs)
        return;
    deferred_counts(py, interpreter, take, context);
    for (size_t i = 0; i < in->thread_count; i++) {
        struct frame_walk walk;
        struct frame frame;
        for (frame_walk_begin(&walk, py, &in->threads[i]); frame_walk_next(&walk, &frame);)
            frame_references(py, &frame, take, context);
    }
}
