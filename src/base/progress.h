// SPDX-License-Identifier: GPL-3.0-or-later
// How a long job reports its progress, and learns that it should stop.
//
// Does not know: who listens. Cost: the job calls it a few hundred times in all, never per object.
#ifndef OURO_BASE_PROGRESS_H
#define OURO_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    // phase: a static string ("finding objects"). total 0: not known. False means stop: the job
    // keeps what it has where that makes sense and fails with ERR_CANCELLED.
    bool (*call)(void *context, const char *phase, uint64_t done, uint64_t total);
    void *context;
};

// True: go on. A null progress, or one without a callback, always goes on.
static inline bool progress_step(const struct progress *progress, const char *phase, uint64_t done,
                                 uint64_t total)
{
    return !progress || !progress->call || progress->call(progress->context, phase, done, total);
}

#endif
