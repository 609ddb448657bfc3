// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting, for a limited time, for a program that we have started.
//
// Does not know: what it does. The child leads a process group of its own, and the group ends with it
// when its time is over or the user wants to stop. Owns: nothing. Cost: a look each 10 ms.
#ifndef OURO_CLI_CHILD_H
#define OURO_CLI_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "cli/notices.h"

enum {
    CHILD_KILLED = -1, // by a signal that was not ours
    CHILD_LATE = -2,   // by us: its time was over, or the user wanted to stop
};

// Its exit status, or one of these. A child that is late is asked to end (SIGTERM), and killed when it has
// not within grace_ms; 0: killed at once.
int child_wait(pid_t child, int64_t most_ms, int64_t grace_ms, const struct notices *notices);

#endif
