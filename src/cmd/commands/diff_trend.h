// SPDX-License-Identifier: GPL-3.0-or-later
// Types, modules, paths, lines, rows of memory or suspects over N moments: `diff A B C --trend`. The
// open heap is the last moment, the words are the earlier ones, in the order of time.
//
// Each moment is compared with the open heap by the types' names (cmd/session/compare.h keeps what it learned of
// each file), so that moments may be of several runs. What becomes of objects one by one is `diff
// --kept`.
//
// Owns: the table, while it runs. Cost: each file is opened once; two numbers per type and moment.
#ifndef OURO_CMD_COMMANDS_DIFF_TREND_H
#define OURO_CMD_COMMANDS_DIFF_TREND_H

#include "cmd/session/session.h"

enum trend_by {
    TREND_BY_TYPE,
    TREND_BY_MODULE,
    TREND_BY_PATH,
    TREND_BY_LINE,
    TREND_BY_MEMORY,
    TREND_BY_SUSPECT,
};
const struct column *trend_columns(enum trend_by by);

// Adds a row for each whose count or bytes changed.
bool trend_run(struct session *session, const struct args *args, enum trend_by by,
               struct report *report, struct err *err);

#endif
