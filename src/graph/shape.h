// SPDX-License-Identifier: GPL-3.0-or-later
// The shape of a part: a number that does not depend on how its nodes are numbered, so that equal
// rings of different objects can be counted together.
//
// Does not know: what the labels mean (types and edge names, say); equal labels are equal things.
// Owns: nothing after it returns.
// Invariants: parts that differ only in numbering, or in the order of edges, have equal shapes.
// Equal shapes are very probably equal parts, not certainly: graphs that colour refinement cannot
// tell apart exist (regular ones of equal size and labels), and 64-bit hashes can collide. Good for
// grouping, not for proof.
// Cost: a few rounds over the nodes and edges. Memory while it runs: 24 bytes per member.
#ifndef OURO_GRAPH_SHAPE_H
#define OURO_GRAPH_SHAPE_H

#include "graph/part.h"

// What a shape is made of; any of the two may be null: then all labels are alike.
struct shape_labels {
    const uint32_t *node;                                                // per part node
    uint32_t (*edge)(const void *context, uint32_t from, uint64_t edge); // the big graph's numbers
    const void *context;
};

bool shape_hash(const struct part *part, struct shape_labels labels, uint64_t *hash,
                struct err *err);

#endif
