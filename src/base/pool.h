// SPDX-License-Identifier: GPL-3.0-or-later
// Work that several threads share, for as long as it takes.
//
// Does not know: what the work is. Each part writes where no other does, and asks for nothing that
// another may be changing: readers of a target, caches and tables of types belong to the caller's
// thread alone. The parts' sum must not depend on how many there are: one thread and many give the
// same bytes.
//
// Owns: its threads, which end before pool_run() returns: a process that forks between two answers
// has none. They take no signals but the faults that they cause.
// Errors: where a thread cannot be had the caller does its part. Cost: some 30 us a thread.
#ifndef OURO_BASE_POOL_H
#define OURO_BASE_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/progress.h"

#define POOL_MOST 8u // threads, the caller's among them

// part 0 is the caller's thread, which alone may report progress.
typedef void pool_call(void *context, unsigned part, unsigned parts);

// threads: 1 .. POOL_MOST, the caller's included.
void pool_run(unsigned threads, pool_call *call, void *context);

// What parts ask whether to go on. Part 0 reports progress for all, as if the others were as far; all of them notice
// a cancellation, which `stopped` keeps.
struct pool_progress {
    const struct progress *progress;
    const char *phase;
    uint64_t total; // of all parts
    unsigned parts;
    atomic_bool stopped;
};

// done: of this part.
static inline bool pool_goes_on(struct pool_progress *shared, unsigned part, uint64_t done)
{
    if (!part
        && !progress_step(shared->progress, shared->phase, done * shared->parts, shared->total))
        atomic_store(&shared->stopped, true);
    return !atomic_load(&shared->stopped);
}

// Pieces that are taken one by one, by whoever is ready.
struct pool_pieces {
    atomic_size_t next;
    size_t count;
};

static inline bool pool_take(struct pool_pieces *pieces, size_t *piece)
{
    *piece = atomic_fetch_add_explicit(&pieces->next, 1, memory_order_relaxed);
    return *piece < pieces->count;
}

#endif
