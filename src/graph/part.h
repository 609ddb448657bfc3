// SPDX-License-Identifier: GPL-3.0-or-later
// A few nodes of a big graph, cut out with the edges among them and numbered anew from 0.
//
// Does not know: how the nodes were chosen; usually they are one component's members.
// Owns: the small graph and the edge indices, until part_free(). Borrows: the member list, which
// must outlive the part; struct part_desk is scratch shared by many parts of one graph.
// Invariants: part node i is members[i]; part edge e is edge[e] of the big graph; order is kept;
// the flags are gone, so that the two top bits are free for the code that works on the part.
// Cost: the members' edges are looked at twice. Memory: 4 bytes per member, 12 bytes per inner edge.
// The desk has 4 bytes per node of the big graph, of which only the pages in use are real.
#ifndef OURO_GRAPH_PART_H
#define OURO_GRAPH_PART_H

#include "graph/csr.h"

struct part_desk {
    uint32_t *local; // per node of the big graph: its number in the part + 1; all 0 between parts
};

struct part {
    struct csr graph;
    const uint32_t *members;
    uint64_t *edge;
};

bool part_desk_init(struct part_desk *desk, uint32_t node_count, struct err *err);
void part_desk_fini(struct part_desk *desk);

// The members must be distinct. Only the walk's skip_mask matters: the members are the walk.
bool part_cut(const struct csr *csr, struct walk walk, const uint32_t *members,
              uint32_t member_count, struct part_desk *desk, struct part *part, struct err *err);

void part_free(struct part *part);

#endif
