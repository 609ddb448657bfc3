// SPDX-License-Identifier: GPL-3.0-or-later
// A dry run told in stages: how many objects are at each step of a collection, which ones, and what a
// collection would cost.
//
//      candidates -> subtract -> outside -> reachable -> unreachable -> uncollectable,
//      finalizers, weakrefs -> uncertain, freed -> cost, advice
//
// The cost is an estimate, by rates that were measured elsewhere, and called so.
// Does not know: how the run comes about (heap/analysis/collect.h). Owns: nothing.
// Cost: a pass over the objects, one over the candidates' references, one over weak references.
#ifndef OURO_CMD_ANALYSIS_STAGES_H
#define OURO_CMD_ANALYSIS_STAGES_H

#include "cmd/report/report.h"
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
