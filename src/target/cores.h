// SPDX-License-Identifier: GPL-3.0-or-later
// How many processors this process may use: those it may be scheduled on, and no more than what
// every control group above it allows (version 1 and 2).
//
// Owns: nothing. Errors: none; what cannot be read limits nothing. Cost: a small file a level.
#ifndef OURO_TARGET_CORES_H
#define OURO_TARGET_CORES_H

struct cores_sources {  // files to read, for tests
    const char *cgroup; // /proc/self/cgroup
    const char *root;   // /sys/fs/cgroup
};

// At least 1. null: the process's own.
unsigned cores_allowed(const struct cores_sources *sources);

#endif
