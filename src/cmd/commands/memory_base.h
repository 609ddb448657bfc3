// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of `memory` of an earlier target, to be compared with.
//
// Does not know: who asks. Owns: nothing.
// Cost: opens the other target and builds its heap, then lets go of it.
#ifndef OURO_CMD_COMMANDS_MEMORY_BASE_H
#define OURO_CMD_COMMANDS_MEMORY_BASE_H

#include "cmd/session/select.h"

// Rows of the session's memory beside that of another target: which grew, and by how much.
extern const struct column memory_base_columns[];
bool memory_base_report(struct session *session, const char *file, struct report *report,
                        struct err *err);

#endif
