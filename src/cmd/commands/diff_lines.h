// SPDX-License-Identifier: GPL-3.0-or-later
// `diff --by line`: which lines allocated what is new, where tracemalloc was on.
//
// Does not know: what "new" means; it is handed the objects. Owns: nothing.
// Cost: the groups by line (session_groups), then a pass over the objects.
#ifndef OURO_CMD_COMMANDS_DIFF_LINES_H
#define OURO_CMD_COMMANDS_DIFF_LINES_H

#include "cmd/session/session.h"

extern const struct column diff_line_columns[];

// One row per line, the one with the most bytes first. fresh: marks of the objects.
bool diff_add_lines(struct session *session, const uint64_t *fresh, struct report *report,
                    struct err *err);

#endif
