// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a process's memory, in a saved heap: mappings and their pages, and the blocks of
// its mallocs, so that rows, sums and owners are what they were.
//
// Does not know: rows and claims: they are made anew.
// Owns, borrows: nothing. Hostile bytes: nothing is believed that does not fit together.
// Cost: two to four bytes per block.
#ifndef OURO_MEMORY_SAVED_BLOCKS_H
#define OURO_MEMORY_SAVED_BLOCKS_H

#include "base/store.h"
#include "memory/memory.h"

#define MEMORY_SECTION "process memory"

// Writes the section; nothing where out has failed.
void memory_write(const struct memory *memory, struct store_out *out);

// As memory_open(). False, too, where the section is missing.
bool memory_restore(struct memory *memory, struct target *target, struct store *store,
                    struct err *err);

#endif
