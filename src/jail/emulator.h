// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one function of the target in Unicorn, on its memory: the heart of ouro-emulate.
//
// Does not know: batches, and who asks.
//
// The library is found at run time; the header is all that the build needs. Two things in it shape
// this file. Every mapping is expensive (thousands of them take minutes), so mappings are made when a
// job first touches them, neighbours as one. And a hook must not change the maps (the library itself
// would crash): it notes the address and stops; the job then starts again.
//
// Starting the emulator costs more than most jobs. So it is started once per batch, in a loop of
// three instructions, and a hook on the loop's first one takes the last job's answer and puts the
// next job into the registers.
//
// Owns: the engine, the host's mappings of the target's files.
#ifndef OURO_JAIL_EMULATOR_H
#define OURO_JAIL_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

#include "jail/emulator_maps.h"
#include "jail/protocol.h"

struct emulator_api { // what dlsym found
#define EMULATOR_CALL(name) __typeof__(uc_##name) *name;
#include "jail/engine_calls.def"
#undef EMULATOR_CALL
};

struct emulator_arch;

struct emulator {
    struct emulator_api uc;
    uc_engine *core;
    uc_context *fresh; // what the guest starts from
    const struct emulator_arch *arch;
    struct emulator_maps maps;
    uint64_t home;    // guest address of the loop that calls,
    uint64_t visitor; // of the visitor's code,
    uint64_t stack;   // of the top of the stack
    uint64_t wanted;  // the address that was not mapped
    bool full;        // too many visits
    // The batch under way.
    struct jail_shared *shared;
    const struct jail_job *jobs;
    struct jail_end *ends;
    uint64_t *visits;
    uint32_t count, next; // `next` is the job that runs, when one does
    bool running;
    uint32_t before; // visits when it began
    volatile uint32_t visit_count;
};

// errno of what failed, 0: ready.
int emulator_open(struct emulator *engine, struct jail_shared *shared);

// Calls function(object, visitor, 0) for the first `count` jobs of the shared memory and writes
// their ends. How many were answered: fewer than all when the visits of the next one did not fit
// behind the others'.
uint32_t emulator_batch(struct emulator *engine, uint32_t count);

// From another thread: ends the call that runs.
void emulator_interrupt(struct emulator *engine);

#endif
