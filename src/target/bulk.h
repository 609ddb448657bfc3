// SPDX-License-Identifier: GPL-3.0-or-later
// Copying many stretches of a process's memory at once, by several readers.
//
// Does not know: which stretches, nor whether the process stands still. A list is made first, then read: readers
// take batches of it as they get ready, and no two of them write to the same place, so that the copy is the same with any number
// of them.
//
// Owns: the list, until bulk_free(). Borrows: the places that it copies to, and `mem`. Cost: of the list, a row for
// each stretch, or for 8 MiB of a longer one; of a batch, a system call.
#ifndef OURO_TARGET_BULK_H
#define OURO_TARGET_BULK_H

#include "target/ops.h"

struct bulk_piece {
    addr from;
    uint8_t *to;
    uint32_t size;
    bool gently; // through /proc/PID/mem: see pages.h
};

struct bulk {
    pid_t pid;    // for messages
    pid_t reader; // a thread that has the memory
    int mem;      // its /proc/ID/mem; -1: not to be had
    struct bulk_piece *pieces;
    size_t count, capacity;
    size_t *batches; // the first piece of each
    size_t batch_count, batch_capacity;
    uint64_t batch_size; // of the last one
    uint64_t size;       // of all
};

// Adds [from, from+size), whole pages, to be copied to `to`.
bool bulk_add(struct bulk *bulk, struct bulk_piece piece, uint64_t size, struct err *err);

// Copies all. Pages that cannot be read are added to `lost`, and their places stay as they are. ERR_IO: the
// process has ended.
bool bulk_read(const struct bulk *bulk, unsigned threads, struct segments *lost, struct err *err);

void bulk_free(struct bulk *bulk);

#endif
