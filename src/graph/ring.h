// SPDX-License-Identifier: GPL-3.0-or-later
// One ring of a component, to be drawn; and the edge to cut so that as little as possible of the
// component stays on rings.
//
// Does not know: names. Works on a struct part whose nodes are one strongly connected component.
// Owns: the arrays of struct ring, until ring_free().
// Invariants: node[i] leads to node[i + 1] by edge[i], the last to node[0]; no node comes twice;
// node and edge are the big graph's.
// Cost: bounded by the budget, counted in edges looked at; no recursion. Memory while it runs: 8
// bytes per member for the search, 17 for the cut.
#ifndef OURO_GRAPH_RING_H
#define OURO_GRAPH_RING_H

#include "graph/part.h"

struct ring {
    uint32_t length;
    uint32_t *node;
    uint64_t *edge;
    uint32_t *part_node; // the same nodes in the part's numbers
    bool is_shortest;    // of the whole component
};

enum ring_cut_why {
    RING_CUT_ALL,     // without it no ring is left
    RING_CUT_MAX,     // of the edges tried, it leaves the fewest nodes on rings
    RING_CUT_BUSIEST, // nothing could be tried: it leads to the ring's most referenced node
    RING_CUT_NONE,    // every edge of the ring is fixed: place, from, to and edge say nothing
};

struct ring_cut {
    uint32_t from;
    uint32_t to;
    uint64_t edge;   // the first edge between them
    uint32_t copies; // how many parallel edges lead from `from` to `to`: all must go
    uint32_t left;   // nodes still on rings afterwards; not known (0) for RING_CUT_BUSIEST
    uint32_t place;  // its place in the ring: edge[place]
    enum ring_cut_why why;
};

// The shortest ring found within the budget; always some ring: the first search is not bounded.
bool ring_shortest(const struct part *part, uint64_t budget, struct ring *ring, struct err *err);

// Every edge whose removal leaves no ring lies on every ring: so it is enough to try those of one.
// They are tried by how many edges enter their target, most first, and the first that leaves no
// ring is taken: where children point at their parent, that is the pointer to the parent.
// fixed: marks of places whose edge cannot be taken out; null: none is.
bool ring_cut_find(struct part *part, const struct ring *ring, const uint64_t *fixed,
                   uint64_t budget, struct ring_cut *cut, struct err *err);

// The sentence for a reason.
const char *ring_cut_why_text(enum ring_cut_why why);

void ring_free(struct ring *ring);

#endif
