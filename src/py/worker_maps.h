// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of worker.c: what to map, and where the worker itself may lie.
//
// Does not know: processes.
// Owns: nothing; rows and descriptors become the worker's.
#ifndef OURO_PY_WORKER_MAPS_H
#define OURO_PY_WORKER_MAPS_H

#include "py/worker.h"

// Fills worker->maps and opens the files. fd: what backs the target itself. False: out of memory.
bool worker_list_maps(struct worker *worker, const struct target *target, int fd, struct err *err);

// Takes the descriptor over, also when it fails.
bool worker_keep_fd(struct worker *worker, int fd, struct err *err);

// An address with `size` bytes and a margin around them that no segment of the target uses; 0: none.
addr worker_find_place(const struct target *target, uint64_t size);

#endif
