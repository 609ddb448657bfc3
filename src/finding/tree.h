// SPDX-License-Identifier: GPL-3.0-or-later
// The dominator tree laid out so that all that an object retains is a run of an array.
//
//      order   | a  b  c  d  e | f  g ...      a retains b..e: number[a] .. end[number[a]]
//
// Owns: 12 bytes per object. Borrows: nothing afterwards. Cost: a pass over the dominators.
#ifndef OURO_FINDING_TREE_H
#define OURO_FINDING_TREE_H

#include "base/err.h"
#include "base/progress.h"
#include "heap/analysis/dominate.h"

struct tree {
    uint32_t count;
    node *order;      // objects, each before what it dominates
    uint32_t *number; // an object's place there; NODE_NONE: hidden
    uint32_t *end;    // per place: one past the last that it dominates
};

bool tree_build(struct tree *tree, const struct heap *heap, const struct dominate *dominate,
                const struct progress *progress, struct err *err);
void tree_free(struct tree *tree); // accepts a zeroed one

static inline bool tree_dominates(const struct tree *tree, node above, node below)
{
    uint32_t a = tree->number[above], b = tree->number[below];
    return a != NODE_NONE && b != NODE_NONE && a <= b && b < tree->end[a];
}

#endif
