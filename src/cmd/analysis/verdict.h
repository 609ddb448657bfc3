// SPDX-License-Identifier: GPL-3.0-or-later
// A process's memory in one sentence: what most of it is, and how much could be given back.
//
// Does not know: who owns which block (that takes a scan, which `findings` makes). Owns, borrows: nothing.
// Cost: a look at the rows of memory, and a pass over pymalloc's blocks.
#ifndef OURO_CMD_ANALYSIS_VERDICT_H
#define OURO_CMD_ANALYSIS_VERDICT_H

#include "cmd/session/select.h"

struct verdict {
    const char *sentence; // lasts as long as the report
    uint64_t objects, python_free, pinned, malloc_used, malloc_free, stacks, stack_count; // bytes
    bool known; // bytes are those in memory; else what is mapped
};

// False: the memory is not known (without values, or of a heap saved without it).
bool verdict_find(struct verdict *verdict, struct session *session, struct report *report);

#endif
