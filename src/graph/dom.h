// SPDX-License-Identifier: GPL-3.0-or-later
// Dominators: for each node, the nearest other one that every path to it goes through; and what each
// node alone keeps reachable.
//
// Does not know: sizes in bytes; weights are numbers.
// Owns: the arrays of struct dom, until dom_free(). Borrows: both graphs, while it runs.
// Invariants: `order` lists each reached node after its dominator.
// Cost: practically linear; no recursion. Memory: 8 bytes per node kept; while dom_find() runs at
// most 29 bytes per node beside the two graphs. Every array is in the order of the depth-first walk,
// not of the nodes, but one: neighbours on the walk are neighbours in memory.
#ifndef OURO_GRAPH_DOM_H
#define OURO_GRAPH_DOM_H

#include "graph/csr.h"

#define DOM_ROOT 0xfffffffeu // no single node: several roots lead here, or it is a root itself
#define DOM_NONE UINT32_MAX  // not reached

struct dom {
    uint32_t node_count;
    uint32_t reached;
    uint32_t *parent; // per node: its immediate dominator, DOM_ROOT or DOM_NONE
    uint32_t *order;  // the reached nodes, dominators first
};

// Dominators of what the roots reach. `reverse` is csr_transpose() of `csr`.
bool dom_find(const struct csr *csr, const struct csr *reverse, struct walk walk,
              const uint32_t *roots, uint32_t root_count, struct dom *dom,
              const struct progress *progress, struct err *err);

// The same where `reverse` is not there yet: it is made by threads - 1 threads while the caller's
// walks depth first, which does not need it. After a failure it is there, or blank.
bool dom_find_turning(const struct csr *csr, struct csr *reverse, unsigned threads,
                      struct walk walk, const uint32_t *roots, uint32_t root_count, struct dom *dom,
                      const struct progress *progress, struct err *err);

// Retained weights: sum[n] is each node's own weight before, and with all that it dominates after.
// Nodes that are not reached keep their own. Returns the sum over what the roots reach.
uint64_t dom_sum(const struct dom *dom, uint64_t *sum);

// The dominator tree as a graph: edges from a node to those that it immediately dominates, in
// ascending order; node dom->node_count stands for the root above the roots. 8 bytes per node.
bool dom_children(const struct dom *dom, struct csr *children, struct err *err);

void dom_free(struct dom *dom);

#endif
