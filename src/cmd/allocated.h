// SPDX-License-Identifier: GPL-3.0-or-later
// Where objects were allocated, for the commands that show it.
//
// Does not know: how tracemalloc keeps it (py/tracemalloc.h). Owns: nothing; the session has it.
#ifndef OURO_CMD_ALLOCATED_H
#define OURO_CMD_ALLOCATED_H

#include "cmd/session.h"
#include "py/tracemalloc.h"

// What is known without reading the tables: a few reads at first, then nothing.
const struct tracemalloc *allocated_look(struct session *session);

// The tables. Fails with one sentence when tracemalloc was not on in the target.
bool allocated_need(struct session *session, struct err *err);

// The trace of the object's block, or null. After allocated_need. Cost: O(log traces).
const struct trace *allocated_trace(const struct session *session, node n);

// The same, for a walk over objects in the order of their numbers: begin with a cursor of 0.
// Cost: amortised O(1).
const struct trace *allocated_next(const struct session *session, node n, size_t *cursor);

// "file:line" of the call that allocated; in the report's arena.
const char *allocated_line(const struct tracemalloc *tm, const struct trace *trace,
                           struct report *report);

#endif
