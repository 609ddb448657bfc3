// SPDX-License-Identifier: GPL-3.0-or-later
// Which variant of memcmp and its like the target's C library chose: the emulator replaces them
// (jail/protocol.h).
//
// Does not know: the emulator.
//
// The C library picks a variant for the processor when a library is loaded, and leaves its address
// in a slot of every caller. The slots are found by name, in each module's relocations.
#ifndef OURO_PY_EXTENSION_WORKER_PLAIN_H
#define OURO_PY_EXTENSION_WORKER_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "jail/protocol.h"
#include "target/target.h"

// Appends to *rows. x86-64 only: elsewhere there are none. False: out of memory. Cost: all
// relocations of all modules.
bool worker_find_plain(struct target *target, struct jail_patch **rows, size_t *count, size_t *room,
                       struct err *err);

#endif
