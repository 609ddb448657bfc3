// SPDX-License-Identifier: GPL-3.0-or-later
// A module whose file is missing, from the target's memory: its exported symbols, the names of
// what it has copies of, its relocations.
//
// Does not know: files. The loader maps what it needs itself (PT_DYNAMIC and the tables that it names),
// so a core that was written with its files' pages has that of every module.
//
// Owns: nothing; the elf it makes points into the target's views unless `copy` says otherwise.
// Cost: a few views per module; the symbols are not looked through.
#ifndef OURO_TARGET_MODULE_MEMORY_H
#define OURO_TARGET_MODULE_MEMORY_H

#include <stdbool.h>

#include "target/elf.h"
#include "target/target.h"

// Null: the tables are not in memory, or memory ran out (*lost is set then). copy: the target goes
// before the elf does.
struct elf *module_memory_open(struct target *target, addr bias, const struct elf_shape *shape,
                               bool copy, bool *lost);

#endif
