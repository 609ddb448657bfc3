// SPDX-License-Identifier: GPL-3.0-or-later
// Strongly connected components: which nodes lie on rings together.
//
// Does not know: what a component means. A node is on some ring exactly when its component has two
// members or more, or an edge to itself.
// Owns: the arrays of struct scc and struct scc_rings, until their free.
// Invariants: components are numbered in the order in which they are complete, so that an edge
// between two of them always leads from the higher number to the lower.
// Cost: every node of the walk and every edge of it is looked at once (and once more on the way
// back); no recursion. Memory: 4 bytes per node of the graph kept, 4 bytes per component kept, and
// while it runs 8 bytes per node of the walk (scc_rings: 4 bytes per component).
#ifndef OURO_GRAPH_SCC_H
#define OURO_GRAPH_SCC_H

#include "graph/csr.h"

#define SCC_NONE UINT32_MAX

struct scc {
    uint32_t node_count;
    uint32_t count;
    uint32_t *component; // per node; SCC_NONE outside the walk
    uint32_t *size;      // per component: its members
};

// The components that hold a ring, with their members in ascending order.
struct scc_rings {
    uint32_t count;
    uint32_t *component; // per ring component: its number in struct scc
    uint32_t *first;     // count + 1; members of i: member[first[i]] .. member[first[i + 1] - 1]
    uint32_t *member;
};

bool scc_find(const struct csr *csr, struct walk walk, struct scc *scc,
              const struct progress *progress, struct err *err);

bool scc_list_rings(const struct csr *csr, struct walk walk, const struct scc *scc,
                    struct scc_rings *rings, struct err *err);

// Nodes from which the whole walk can be reached, as few as can be: the lowest-numbered node of
// each component that no edge of the walk enters. (What roots are to the living, these are to
// garbage.) The caller frees *tops.
bool scc_tops(const struct csr *csr, struct walk walk, const struct scc *scc, uint32_t **tops,
              uint32_t *count, struct err *err);

void scc_free(struct scc *scc);
void scc_rings_free(struct scc_rings *rings);

#endif
