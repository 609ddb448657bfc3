// SPDX-License-Identifier: GPL-3.0-or-later
// What can be reached from a set of nodes, and in how many steps.
//
// Does not know: which nodes are roots.
// Owns: nothing after it returns. Borrows: all arrays from the caller.
// Cost: every node reached and every edge of it is looked at once; no recursion. Memory while it
// runs: 4 bytes per node reached (the queue), beside the caller's bit or 4 bytes per node.
#ifndef OURO_GRAPH_REACH_H
#define OURO_GRAPH_REACH_H

#include "graph/csr.h"

#define REACH_NEVER UINT32_MAX

// Sets the bit of every node that can be reached from the sources, these included. Bits that are
// set before the call are walls: such a node is neither counted nor walked through, so that a
// second call goes on where a first one ended. `count` (may be null) gets the number of bits newly
// set. When cancelled, the bits set so far stay.
bool reach_from(const struct csr *csr, struct walk walk, const uint32_t *sources,
                uint32_t source_count, uint64_t *seen, uint32_t *count,
                const struct progress *progress, struct err *err);

// The same, from the nodes whose bits `roots` has set.
bool reach_from_marked(const struct csr *csr, struct walk walk, const uint64_t *roots,
                       uint64_t *seen, const struct progress *progress, struct err *err);

// Writes, for every node of the graph, its distance in edges from the nearest source, or
// REACH_NEVER.
bool reach_distances(const struct csr *csr, struct walk walk, const uint32_t *sources,
                     uint32_t source_count, uint32_t *distance, const struct progress *progress,
                     struct err *err);

#endif
