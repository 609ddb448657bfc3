// SPDX-License-Identifier: GPL-3.0-or-later
// Paths from a root to one node: the shortest, then others that share no inner node with those before;
// and how many such paths there are.
//
// Does not know: names, or what makes a root. Roots may be shared by several paths; what lies
// strictly between the root and the node may not. A path never runs through a second root.
// Owns: the search's arrays, until path_close(); the arrays of struct path, until path_free().
// Borrows: both graphs, the walk's set and the roots, until path_close().
// Cost: the search goes backwards from the node and stops at the first root, so that near roots are
// found at once; never more than all edges per path. Memory: 8 bytes per node (path_count: 24), of
// which only pages that the search comes to are real. No recursion.
#ifndef OURO_GRAPH_PATH_H
#define OURO_GRAPH_PATH_H

#include "graph/csr.h"

struct path_search {
    const struct csr *csr;
    const struct csr *reverse;
    struct walk walk;
    const uint64_t *roots; // a mark per node
    const uint64_t *same;  // nodes whose edges to the target are the very references by which it is
                           // a root: no further path; null: none. Set after path_open
    uint32_t target;
    bool is_root_given; // the target is a root, and that path has been given
    uint32_t *next;     // per node: where the search came from, + 1; all 0 between searches
    uint32_t *queue;
    uint64_t *used;   // inner nodes of paths given
    uint64_t *direct; // roots whose edge to the target has been given
    uint64_t looked;  // edges, over all searches
};

struct path {
    uint32_t count;
    uint32_t *node; // node[0] is a root, node[count - 1] the target
    uint64_t *edge; // edge[i] leads from node[i] to node[i + 1], an index of csr; count - 1 of them
};

enum path_end {
    PATH_FOUND,
    PATH_NO_MORE, // there is none beside those given
    PATH_STOPPED, // the budget is gone, or the caller said stop: there may be more
};

// `reverse` is csr_transpose() of `csr`; nodes outside walk.only are hidden (the target never is).
bool path_open(struct path_search *search, const struct csr *csr, const struct csr *reverse,
               struct walk walk, const uint64_t *roots, uint32_t target, struct err *err);

// The shortest path that shares no inner node with those given before. The budget bounds the edges
// looked at in this call; 0: no bound. Where *end is not PATH_FOUND, *path is empty. Taking the
// shortest each time may use up nodes that two others could have shared out: path_count() tells.
bool path_next(struct path_search *search, uint64_t budget, struct path *path, enum path_end *end,
               const struct progress *progress, struct err *err);

struct path_tally {
    uint32_t count; // paths that pairwise share no inner node; at least so many exist
    bool is_exact;  // and no more do
};

// Counts them by augmenting paths (Menger's theorem), up to `most`, looking at no more than
// `budget` edges (0: no bound). Does not depend on the paths given so far.
bool path_count(const struct path_search *search, uint32_t most, uint64_t budget,
                struct path_tally *tally, const struct progress *progress, struct err *err);

void path_close(struct path_search *search);
void path_free(struct path *path);

#endif
