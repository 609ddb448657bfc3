// SPDX-License-Identifier: GPL-3.0-or-later
// The target's files in ouro-emulate's own memory, for the emulator to look at.
//
// Does not know: Unicorn.
// Owns: the runs and what they map, for as long as the process lives.
#ifndef OURO_JAIL_EMULATOR_MAPS_H
#define OURO_JAIL_EMULATOR_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jail/protocol.h"

struct emulator_run { // neighbouring maps with equal rights: contiguous for the guest and for us
    uint64_t start, size;
    uint8_t *host;
    bool exec;
    bool mapped; // the guest has it
};

struct emulator_maps {
    struct emulator_run *runs; // sorted by start
    size_t count;
};

// errno, 0: done. Maps that cannot be had are counted in the orders and left as zeroes.
int emulator_maps_open(struct emulator_maps *maps, struct jail_shared *orders);

// The run that holds the address, or null.
struct emulator_run *emulator_maps_at(const struct emulator_maps *maps, uint64_t at);

// Puts plain code where the orders want it.
void emulator_maps_patch(struct emulator_maps *maps, const struct jail_shared *orders);

#endif
