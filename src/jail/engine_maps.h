// SPDX-License-Identifier: GPL-3.0-or-later
// Part of engine.c: the target's files in the host's memory.
//
// Does not know: Unicorn's maps.
#ifndef OURO_JAIL_ENGINE_MAPS_H
#define OURO_JAIL_ENGINE_MAPS_H

#include "jail/engine.h"

// Fills engine->runs; contiguous in the host where they are contiguous in the guest. errno, 0: done. Maps that cannot be had are
// counted in the orders and left as zeroes.
int engine_list_runs(struct engine *engine, const struct jail_shared *orders);

#endif
