// SPDX-License-Identifier: GPL-3.0-or-later
// A collection, step by step, for one object: `collect --explain`.
//
//      refcount  -  references from candidates  (+ what threads count apart)  =  gc_refs
//      gc_refs > 0      what holds it from outside, by name
//      reached          the chain of references from a candidate that is held, and what holds that one
//      unreachable      the ring that keeps it, the finalizers that wait, the weak references
//
// Does not know: which generation; the dry run (heap/analysis/collect.h) is the caller's.
// Cost: the object's referrers and their names (the first EXPLAIN_NAMED of them); one search over
// the candidates, for garbage one more over the components of what is unreachable.
#ifndef OURO_CMD_ANALYSIS_EXPLAIN_H
#define OURO_CMD_ANALYSIS_EXPLAIN_H

#include "cmd/session/session.h"

#define EXPLAIN_NAMED 1000

extern const struct column explain_columns[];

// Adds the rows and the summary. Needs NEEDS_ROOTS.
bool explain_object(struct session *session, const struct collection *collection, node n,
                    struct report *report, struct err *err);

#endif
