// SPDX-License-Identifier: GPL-3.0-or-later
// A file that an answer goes into: there whole or not at all, for its owner alone.
//
// What is written has the target's values in it, perhaps in a folder where others may write. So it
// is made under a name that nobody can guess (O_EXCL, mode 0600) and renamed when it is whole: a
// symbolic link of that name is refused, a file is replaced. What is no regular file (a device, a
// FIFO, /dev/stdout) is written to as it is.
//
// Does not know: what is written. Owns: the descriptor, and the unfinished file until outfile_keep or
// outfile_drop. Cost: an open, a rename.
#ifndef OURO_BASE_OUTFILE_H
#define OURO_BASE_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct outfile {
    int fd;
    char *path;    // what it shall be called
    char *partial; // what it is called; null: it is no regular file
    bool fresh;    // nothing is replaced
};

bool outfile_open(struct outfile *output, const char *path, struct err *err);

// The same, but nothing of that name may be there, then or at the end.
bool outfile_create(struct outfile *output, const char *path, struct err *err);
bool outfile_write(struct outfile *output, const void *bytes, size_t size, struct err *err);

// Others may read it, too: there is nothing of the target's values in it.
void outfile_share(struct outfile *output);

// Gives it its name; false: it is gone. *size may be null.
bool outfile_keep(struct outfile *output, uint64_t *size, struct err *err);

// Removes what was written; accepts one that is closed.
void outfile_drop(struct outfile *output);

#endif
