// SPDX-License-Identifier: GPL-3.0-or-later
// The loader's own list of the files that it mapped (struct r_debug), for a core without NT_FILE:
// the kernel leaves that note out above 4 MB, qemu-user and old gcores write none.
//
//      auxv  AT_PHDR ---> program headers ---> PT_DYNAMIC ---> DT_DEBUG ---> r_debug
//                                                                              |
//                                   link_map (name, what is added) <--- r_map -+- r_next: dlmopen()
//
// Does not know: what is in the files, or whether they are the right ones (module.h).
//
// Owns: nothing; the rows are the caller's. Cost: a page per file.
#ifndef OURO_TARGET_LINK_MAP_H
#define OURO_TARGET_LINK_MAP_H

#include "target/maps.h"
#include "target/module.h"

// Adds a mapping a loadable segment. The target's segments must be there. No list, or one that
// cannot be followed: nothing is added, or what could be. Fails when memory runs out.
bool link_map_read(struct target *target, const uint8_t *auxv, size_t auxv_size,
                   const struct module_source *source, struct maps *to, struct err *err);

#endif
