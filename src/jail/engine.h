// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one function of the target in Unicorn, on its memory: the heart of ouro-emulate.
//
// Does not know: batches, and who asks.
//
// The library is found at run time; the header is all that the build needs. Two things in it shape this file. Every map costs
// (thousands of them take minutes), so that maps are made when a job first touches them, neighbours as one. And a hook must
// not change the maps (the library itself would crash): it notes the address and stops; the job then starts again.
//
// Owns: the engine, the host's mappings of the target's files.
#ifndef OURO_JAIL_ENGINE_H
#define OURO_JAIL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

#include "jail/engine_maps.h"
#include "jail/protocol.h"

struct engine_api { // what dlsym found
#define ENGINE_CALL(name) __typeof__(uc_##name) *name;
#include "jail/engine_calls.def"
#undef ENGINE_CALL
};

struct engine_arch;

struct engine {
    struct engine_api uc;
    uc_engine *core;
    uc_context *fresh;       // what every job starts from
    const struct engine_arch *arch;
    struct engine_maps maps;
    uint64_t visitor, home, stack; // guest addresses: the visitor's code, where the function returns to
    uint64_t wanted;         // the address that was not mapped
    uint64_t *visits;
    volatile uint32_t visit_count;
    uint32_t visit_most;
    volatile bool full;
};

// errno of what failed, 0: ready.
int engine_open(struct engine *engine, struct jail_shared *orders);

// Calls function(object, visitor, 0). Visits are appended to engine->visits.
enum jail_answer engine_call(struct engine *engine, struct jail_job job);

// From another thread: ends the call that runs.
void engine_interrupt(struct engine *engine);

#endif
