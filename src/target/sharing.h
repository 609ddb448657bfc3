// SPDX-License-Identifier: GPL-3.0-or-later
// Which processes a live one is related to by fork, and which of its pages it shares with them.
//
// Does not know: why it matters. Asks /proc now, not when the target was copied.
// Owns: a descriptor. Cost: a look at every process for the family; 8 bytes read per page.
#ifndef OURO_TARGET_SHARING_H
#define OURO_TARGET_SHARING_H

#include "target/target.h"

struct family {        // processes that run the same program file, at the same addresses: forks
    pid_t parent;      // 0: the parent is none
    uint32_t siblings; // of that parent, without the process itself
    uint32_t children; // of the process
};

// False: the target is no live process of this machine.
bool sharing_family(const struct target *target, struct family *family);

// Bytes of all its pages that nobody else has, as smaps_rollup counts them (Private_Dirty). 0: it
// cannot be told.
uint64_t sharing_private(pid_t pid);

// The same of all that sharing_family() counts and the process itself; *processes: how many.
uint64_t sharing_private_of_family(const struct target *target, uint32_t *processes);

#define SHARING_WINDOW 512 // pages whose state is read at once

struct sharing {
    int fd;       // /proc/PID/pagemap; -1: cannot be told
    addr page;    // the first of the window
    size_t count; // pages of the window
    uint64_t window[SHARING_WINDOW];
};

enum page_state { PAGE_UNKNOWN, PAGE_ABSENT, PAGE_SHARED, PAGE_OWN };

// False: it cannot be told. Ask in ascending order. pid: the target's own, or that of its family.
bool sharing_open(struct sharing *sharing, const struct target *target, pid_t pid);
enum page_state sharing_page(struct sharing *sharing, addr at);
void sharing_close(struct sharing *sharing);

#endif
