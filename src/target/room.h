// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory may be taken without any process being killed for it: what the machine says is
// available, and what every memory cgroup above us still allows (version 1 and 2), less a margin.
//
// A process that is looked at from within its container shares a cgroup with us: what we take there
// may cost its life, not ours.
//
// Owns: nothing. Errors: none; what cannot be read limits nothing. Cost: a few small files per level.
#ifndef OURO_TARGET_ROOM_H
#define OURO_TARGET_ROOM_H

#include <stdint.h>

#define ROOM_UNLIMITED UINT64_MAX

struct room_sources { // files to read, for tests
    const char *meminfo, *cgroup, *mountinfo;
};

// In bytes. null: the process's own files under /proc.
uint64_t room_bytes(const struct room_sources *sources);

// From now on the kernel, when memory runs out, takes this process and those it starts before any
// other. Needs no privilege.
void room_offer(void);

#endif
