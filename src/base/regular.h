// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a file whose name a target may have given.
//
// Under such a name may lie anything, and another thing at every moment: a FIFO that nobody writes
// to, a device that does something when it is opened, a link. So the name is looked at first
// (O_PATH opens nothing), and what was looked at is what is opened, without waiting; only regular
// files. Code that needs the file again asks whether it is still the same one.
//
// Does not know: what is in the file. Owns: nothing; the descriptor is the caller's, and closed on
// exec. Cost: an open, twice.
#ifndef OURO_BASE_REGULAR_H
#define OURO_BASE_REGULAR_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

struct regular {
    uint64_t device, inode, size;
    struct timespec changed; // ctime: nobody can set it
    uint32_t owner, mode;
};

// A file by its name, which is the one that was opened before; null: whatever is there.
struct regular_file {
    const char *path;
    const struct regular *which;
};

// The descriptor, or -1: err says why. *which may be null.
int regular_open(const char *path, struct regular *which, struct err *err);

// The file that was opened before, or -1: there is another one by now, or it was changed.
int regular_open_again(const char *path, const struct regular *which);

bool regular_same(const struct regular *a, const struct regular *b);

#endif
