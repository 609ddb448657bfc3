// SPDX-License-Identifier: GPL-3.0-or-later
// ouro-traverse from inside: the verbs of its start, in the order in which they are used.
//
// Does not know: what the functions that it calls are for.
//
//      move      away from where the target's memory has to go
//      clear     nothing of the kernel's own layout is left
//      map       the target's memory, where it was
//      lock      no descriptors, no rights, four system calls
//      serve     batches, until the parent ends it
//
// Owns: the one struct jail_cell, which a signal handler must find without any register to lean on.
// No C library: errors are the kernel's own numbers, 0 or negative.
#ifndef OURO_JAIL_CELL_H
#define OURO_JAIL_CELL_H

#include <stddef.h>
#include <stdint.h>

#include "jail/arch.h"
#include "jail/protocol.h"

#pragma GCC visibility push(hidden)

struct visits {
    uint64_t *to;
    uint32_t count, most;
};

struct jail_cell {
    struct jail_shared *shared;
    volatile uint32_t calling; // the target's code runs
    volatile uint32_t answer;  // enum jail_answer, set by a handler
    uint32_t job, ticks, seen; // what the last tick saw
    struct visits visits;
    uint64_t kept[JAIL_KEPT_PAGES]; // addresses of the pages that the job under way writes to
    uint32_t kept_count;
};

extern struct jail_cell cell;
extern uint64_t cell_landing; // where arch_call saved its caller

#pragma GCC visibility pop

#define HIDDEN __attribute__((visibility("hidden")))

// Moves to shared->place and goes on in function(shared at its new address). Only returns when that
// failed.
HIDDEN int64_t cell_move(const struct jail_shared *shared, int fd, void (*function)(void *));

// Unmaps everything but [shared->place, its end).
HIDDEN void cell_clear(const struct jail_shared *shared);

// Maps what the orders list; what cannot be had is counted.
HIDDEN void cell_map(struct jail_shared *shared);

// Whether the address is data of the target: neither code nor the worker's own.
HIDDEN int cell_is_data(const struct jail_shared *shared, uint64_t at);

HIDDEN int64_t cell_lock(struct jail_shared *shared);

HIDDEN _Noreturn void cell_serve(struct jail_shared *shared);

// Ends the worker and leaves word why.
HIDDEN _Noreturn void cell_fail(struct jail_shared *shared, enum jail_step step, int64_t error);

HIDDEN _Noreturn void cell_exit(int status);

static inline uint64_t round_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) & ~(to - 1);
}

#endif
