// SPDX-License-Identifier: GPL-3.0-or-later
// Where a process keeps count of its old objects, so that a process beside it can read them
// without stopping it.
//
// Counts are those of the first interpreter (py/runtime/gc.h).
//
// Does not know: when they are read. Owns: nothing. Cost: the process is opened, for a moment, and closed.
#ifndef OURO_CMD_SESSION_OLD_COUNT_H
#define OURO_CMD_SESSION_OLD_COUNT_H

#include "cmd/session/session.h"
#include "py/runtime/gc.h"

bool old_count_find(const struct session_options *how, pid_t pid, struct gc_old_count *out,
                    struct err *err);

#endif
