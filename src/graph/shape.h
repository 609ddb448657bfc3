// SPDX-License-Identifier: GPL-3.0-or-later
// The shape of a part: a number that does not depend on how its nodes are numbered, so that equal
// rings of different objects can be counted together.
//
// Does not know: what the labels mean (types and edge names, say); equal labels are equal things.
// Owns: the colours, until shape_free().
// Invariants: parts that differ only in numbering, or in the order of edges, have equal shapes.
// Equal shapes are very probably equal parts, not certainly: graphs that colour refinement cannot
// tell apart exist (regular ones of equal size and labels), and 64-bit hashes can collide. Good for
// grouping, not for proof.
// Cost: a few rounds over the nodes and edges, and one sort of the colours. Memory while it runs:
// 24 bytes per member; kept: 8 bytes per member, or none with shape_hash().
#ifndef OURO_GRAPH_SHAPE_H
#define OURO_GRAPH_SHAPE_H

#include "graph/part.h"

struct shape {
    uint64_t hash; // of all below
    uint32_t node_count;
    uint64_t edge_count;
    uint64_t *colour; // node_count, sorted
};

// What a shape is made of; any of the two may be null: then all labels are alike.
struct shape_labels {
    const uint32_t *node;                                                // per part node
    uint32_t (*edge)(const void *context, uint32_t from, uint64_t edge); // the big graph's numbers
    const void *context;
};

bool shape_find(const struct part *part, struct shape_labels labels, struct shape *shape,
                struct err *err);

// The hash alone.
bool shape_hash(const struct part *part, struct shape_labels labels, uint64_t *hash,
                struct err *err);

// Equal sizes and equal colours, one by one: what two equal hashes promise, looked at.
bool shape_equal(const struct shape *a, const struct shape *b);

void shape_free(struct shape *shape);

#endif
