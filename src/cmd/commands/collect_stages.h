// SPDX-License-Identifier: GPL-3.0-or-later
// `collect --stages`: the stages of a dry run (heap/analysis/stages.h) as rows, and what a collection
// would cost; `collect --stage`: one of them by its name.
//
// Owns, borrows: nothing.
#ifndef OURO_CMD_COMMANDS_COLLECT_STAGES_H
#define OURO_CMD_COMMANDS_COLLECT_STAGES_H

#include "cmd/session/session.h"

extern const struct column stages_columns[];
#define STAGES_NAMES                                                                               \
    "candidates outside reachable unreachable uncollectable finalizers weakrefs uncertain freed"

bool stages_tell(struct session *session, const struct collection *collection,
                 struct report *report, struct err *err);

// Which objects are at a stage: one bit each. Null: out of memory, or no such stage, as err says.
uint64_t *stages_marks(struct session *session, const struct collection *collection,
                       const char *stage, struct err *err);

#endif
