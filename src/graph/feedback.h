// SPDX-License-Identifier: GPL-3.0-or-later
// Which kinds of edges to take out so that no ring is left: a smallest feedback set, by classes.
//
// An edge has a class: what a program would have to change, once, for all edges of it to go. Class 0
// is what no program can change.
//
// Does not know: names. Works on the graph of a struct part. Owns: the classes of struct feedback,
// until feedback_free().
// Invariant: of several sets of the same number of classes the one with the least cost is given, of
// those the one whose classes come first: the answer does not depend on the order of nodes or
// edges, as long as is_smallest.
// Cost: each look for a ring is one pass over the part; as many as the budget (edges looked at)
// allows. Memory while it runs: 17 bytes per node.
#ifndef OURO_GRAPH_FEEDBACK_H
#define OURO_GRAPH_FEEDBACK_H

#include "graph/csr.h"

#define FEEDBACK_EXACT_MAX 4 // classes in a set that is looked for by trying all

struct feedback_edges {
    const uint32_t *class_of; // per edge of the csr
    const uint32_t *cost;     // per class; class 0 is never taken
    uint32_t class_count;     // class 0 included
};

struct feedback {
    uint32_t *classes; // in ascending order
    uint32_t count;    // 0: there is no such set
    bool is_hopeless;  // some ring is of class 0 alone
    bool is_smallest;  // no set of fewer classes will do
};

bool feedback_find(const struct csr *csr, const struct feedback_edges *edges, uint64_t budget,
                   struct feedback *feedback, struct err *err);
void feedback_free(struct feedback *feedback);

#endif
