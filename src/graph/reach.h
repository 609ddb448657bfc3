// SPDX-License-Identifier: GPL-3.0-or-later
// What can be reached from a set of nodes.
//
// Does not know: which nodes are roots.
// Owns: nothing after it returns. Borrows: all arrays from the caller.
// Cost: every node reached and every edge of it is looked at once; no recursion. Memory while it
// runs: 4 bytes per node reached (the queue), beside the caller's bit per node.
#ifndef OURO_GRAPH_REACH_H
#define OURO_GRAPH_REACH_H

#include "graph/csr.h"

// Sets the bit of every node that can be reached from those whose bits `roots` has set, these included. Bits
// that are set before the call are walls: such a node is not walked through, so that a second call goes on where
// a first one ended. When cancelled, the bits set so far stay.
bool reach_from_marked(const struct csr *csr, struct walk walk, const uint64_t *roots,
                       uint64_t *seen, const struct progress *progress, struct err *err);

#endif
