// SPDX-License-Identifier: GPL-3.0-or-later
// Which of a target's segments a jailed worker maps, and where; and where the worker itself may lie.
//
// Does not know: processes.
//
// Text comes only from a module's file, which target/ has held against the build-id in the memory;
// all else is data, even where the target could execute it. mmap wants whole pages, so that a page
// that two segments share, or one whose place in its file is not on a page boundary, is copied.
//
// Owns: the rows, and a descriptor for each file. Borrows: nothing afterwards.
#ifndef OURO_PY_EXTENSION_WORKER_MAPS_H
#define OURO_PY_EXTENSION_WORKER_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "jail/protocol.h"
#include "target/target.h"

struct worker_maps {
    struct jail_map *rows; // sorted by start
    size_t count, room;
    int *fds; // one a file; the process inherits them under these numbers
    size_t fd_count, fd_room;
    size_t left_out; // segments that cannot be mapped: no file of theirs could be opened
};

// False: out of memory, or this target cannot be mapped (it is read through gdb, or page by page).
bool worker_maps_open(struct worker_maps *maps, const struct target *target, struct err *err);
void worker_maps_close(struct worker_maps *maps); // accepts a zeroed one

// Whether [at] lies in text that a file of the target backs.
bool worker_maps_has_text(const struct worker_maps *maps, addr at);

// An address with `size` bytes and a margin around them that no segment of the target uses; 0:
// none.
addr worker_find_place(const struct target *target, uint64_t size);

#endif
