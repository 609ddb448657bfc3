// SPDX-License-Identifier: GPL-3.0-or-later
// What a mapping is by its name, its rights and its place; and which malloc is in the process.
//
// Does not know: what is in the memory. Owns, borrows: nothing.
#ifndef OURO_MEMORY_MAPPING_NAMES_H
#define OURO_MEMORY_MAPPING_NAMES_H

#include "memory/memory.h"

// Finds out which libraries' variables point into anonymous mappings: memory->users. Cost: a look at
// each word of libraries' variables.
bool mapping_find_users(struct memory *memory, struct err *err);

// Where the variables of a module end that mapping i begins with, and whose they are; its start and
// -1: it has none.
addr mapping_variables(const struct memory *memory, size_t i, int *module);

// Claims variables that lie in no mapping of their file.
bool mapping_claim_variables(struct memory *memory, struct err *err);

// The row for what nobody claims of mapping i. MEMORY_NO_ROW: out of memory.
uint32_t mapping_row(struct memory *memory, size_t i);

// A malloc other than glibc's that the process has loaded: "jemalloc", "tcmalloc", "mimalloc",
// "musl". Null: none that is known.
const char *mapping_allocator(struct target *target);

#endif
