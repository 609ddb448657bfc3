// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of `memory` of an earlier target, to be compared with.
//
// Does not know: who asks. Owns: the rows and their texts.
// Cost: opens the other target and builds its heap, then lets go of it.
#ifndef OURO_CMD_ANALYSIS_MEMORY_BASE_H
#define OURO_CMD_ANALYSIS_MEMORY_BASE_H

#include "cmd/session/select.h"

struct memory_base {
    struct memory_row *rows;
    size_t count;
    struct memory_row total;
    struct arena texts;
    bool by_residence; // resident bytes are known; else only what is mapped
};

bool memory_base_take(struct memory_base *base, const struct session *session, const char *file,
                      struct err *err);
void memory_base_free(struct memory_base *base); // accepts a zeroed one

// The row of that kind and name, or null.
const struct memory_row *memory_base_row(const struct memory_base *base, const char *kind,
                                         const char *name);

// Rows of the session's memory beside that of another target: which grew, and by how much.
extern const struct column memory_base_columns[];
bool memory_base_report(struct session *session, const char *file, struct report *report,
                        struct err *err);

#endif
