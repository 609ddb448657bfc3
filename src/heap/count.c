// SPDX-License-Identifier: GPL-3.0-or-later
// The lengths of the collector's lists: see count.h.
#include "heap/count.h"

#include "py/gc.h"
#include "py/mimalloc.h"

#define PROGRESS_EVERY 65536

struct counting {
    struct python *py;
    struct list_lengths *lengths;
    const struct progress *progress;
    uint64_t met;
    bool cancelled;
};

static bool going(struct counting *counting)
{
    counting->cancelled =
        ++counting->met % PROGRESS_EVERY == 0
        && !progress_step(counting->progress, "counting generations", counting->met, 0);
    return !counting->cancelled;
}

// A ring that misses the list's head never ends. R. P. Brent (1980): an object that is kept in mind
// while twice as many follow as before is met again in any ring.
static bool count_list(struct counting *counting, addr head, bool collecting, int gen)
{
    struct gc_walk walk;
    addr kept = 0;
    uint64_t *count = &counting->lengths->objects[gen], next = 1;
    gc_walk_begin(&walk, counting->py, head, collecting);
    for (addr at; (at = gc_walk_next(&walk));) {
        if (at == kept) {
            counting->lengths->broken[gen] = true;
            return true;
        }
        if (++*count == next) {
            kept = at;
            next *= 2;
        }
        if (!going(counting))
            return false;
    }
    counting->lengths->broken[gen] = walk.broken;
    return true;
}

static bool count_block(void *context, enum mimalloc_heap heap, addr block, const uint8_t *bytes,
                        uint64_t size)
{
    struct counting *counting = context;
    const struct python *py = counting->py;
    uint64_t offset = gc_block_offset(py, heap);
    bool frozen;
    (void)block;
    if (heap >= MIMALLOC_GC && offset + (uint64_t)py->layout.sizeof_PyObject <= size
        && gc_bits_tracked(py, bytes + offset, &frozen))
        counting->lengths->objects[frozen ? GEN_PERMANENT : GEN_0]++;
    return going(counting);
}

bool count_lists(struct python *py, size_t interpreter, struct list_lengths *lengths,
                 const struct progress *progress, struct err *err)
{
    struct counting counting = { .py = py, .lengths = lengths, .progress = progress };
    struct gc_state state;
    *lengths = (struct list_lengths){ 0 };
    py->guards = mimalloc_guards(py);
    python_gc_state(py, interpreter, &state);
    bool ok = mimalloc_each(py, interpreter, count_block, &counting);
    for (int g = 0; ok && g < GEN_COUNT; g++)
        if (py->interpreters[interpreter].heads[g])
            ok = count_list(&counting, py->interpreters[interpreter].heads[g], state.collecting, g);
    return !counting.cancelled || err_set(err, ERR_CANCELLED, "counting was cancelled");
}
