// SPDX-License-Identifier: GPL-3.0-or-later
// Where the heap's objects were allocated: tracemalloc's traces beside them.
//
// Does not know: who asks, nor how tracemalloc keeps it (py/trace/tracemalloc.h). Owns: nothing.
#ifndef OURO_HEAP_NAMES_ALLOCATED_H
#define OURO_HEAP_NAMES_ALLOCATED_H

#include "base/text.h"
#include "heap/analysis/group.h"
#include "heap/heap.h"
#include "py/trace/tracemalloc.h"

// The trace of the object's block, or null. Cost: O(log traces).
const struct trace *allocated_trace(const struct heap *heap, const struct tracemalloc *tm, node n);

// The same, for a walk over objects in the order of their numbers: begin with a cursor of 0.
// Cost: amortised O(1).
const struct trace *allocated_next(const struct heap *heap, const struct tracemalloc *tm, node n,
                                   size_t *cursor);

// "file:line" of the call that allocated.
void allocated_line(const struct tracemalloc *tm, const struct trace *trace, struct text *out);

// GROUP_LINE: objects by the line that allocated them.
bool allocated_groups(struct groups *groups, const struct heap *heap, const struct tracemalloc *tm,
                      struct err *err);

#endif
