// SPDX-License-Identifier: GPL-3.0-or-later
// Where a process keeps count of its old objects, so that whoever waits beside it can read them
// without stopping it.
//
//      long_lived_total      what the last full collection left
//      long_lived_pending    what has come to generation 2 since
//
// Their sum is how many objects are in generation 2, plus those of it that have been freed since.
// Incremental and free-threaded collectors have no such counts. Of several interpreters the first.
//
// Does not know: when. Owns: nothing. Cost: the process is opened, for a moment, and closed.
#ifndef OURO_CMD_ANALYSIS_OLD_COUNT_H
#define OURO_CMD_ANALYSIS_OLD_COUNT_H

#include "cmd/session/session.h"

struct old_count {
    addr total, pending; // two words
};

bool old_count_find(const struct session_options *how, pid_t pid, struct old_count *out,
                    struct err *err);

#endif
