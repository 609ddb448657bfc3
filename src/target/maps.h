// SPDX-License-Identifier: GPL-3.0-or-later
// What a process has mapped where: NT_FILE of a core and /proc/PID/maps say the same thing.
//
// Does not know: ELF, segments.
//
// Owns: the rows and their paths.
#ifndef OURO_TARGET_MAPS_H
#define OURO_TARGET_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"
#include "base/err.h"

struct mapping {
    addr start, end;
    uint64_t offset; // in the file, in bytes
    uint32_t flags;  // SEGMENT_READ | SEGMENT_WRITE | SEGMENT_EXEC; 0: not known
    bool shared;
    uint64_t inode; // 0: not a file, or not known
    char *path;     // null: anonymous; "[stack]" and the like as the kernel writes them
};

// No memory of a process lies beyond: see segments_add, which cuts there, as maps_add does.
#define ADDRESS_END (UINT64_MAX - 0xfffff)

struct maps {
    struct mapping *rows; // sorted by start
    size_t count, room;
};

// Takes row.path over, also when it fails.
bool maps_add(struct maps *maps, struct mapping row, struct err *err);

// Adds copies of all rows.
bool maps_copy(struct maps *maps, const struct maps *from, struct err *err);

void maps_sort(struct maps *maps);

// The mapping that holds the address, or null. Maps must be sorted.
const struct mapping *maps_at(const struct maps *maps, addr at);

void maps_fini(struct maps *maps);

// Reads /proc/PID/task/TID/maps (a main thread that has ended shows no maps of its own).
bool maps_read(struct maps *maps, pid_t pid, pid_t tid, struct err *err);

// Where a path of the target is for us: root (may be null or "") before it; a "(deleted)" the
// kernel appended is dropped when only the bare name is there. Null when there is no regular file.
char *maps_resolve(const char *root, const char *path);

// The same, but only what really lies below root: a link that leads out of there leads nowhere.
char *maps_resolve_inside(const char *root, const char *path);

#endif
