// SPDX-License-Identifier: GPL-3.0-or-later
// The graph floor: integers in, integers out. This is its face; each header below has the details.
//
// Does not know: a single word of Python. Nodes are 0 .. n - 1, edges are indices into one array,
// labels and weights are numbers.
//
//   n nodes, m edges of the walk; "keeps" is what the answer holds, "uses" what goes while it runs,
//   in bytes, beside the graphs. ~: reserved by pages, of which only those touched are real.
//
//   verb                answers                                  time            keeps     uses
//   csr_begin..finish   a graph, appended in node order          n + m           4n + 4m   half
//   csr_transpose       who refers to each node                  n + m           4n + 4m   0
//   reach_from_marked   what the roots reach                     n + m           n/8       ~4n
//   scc_find            components                               n + m           4n + 4c   ~8n
//   scc_list_rings      those with rings, and their members      n + m           4n        4c
//   scc_tops            where a rootless set begins              n + m           4 each    c/8
//   dom_find            immediate dominators                     n + m log n     8n        29n
//   dom_sum             what each node alone keeps               n               8n        0
//   dom_children        the dominator tree, downwards            n               8n        0
//   part_cut            some nodes and the edges among them      their edges     4s + 12t  ~4n
//   ring_shortest       a shortest ring of a part                s * t, budget   16 each   8s
//   ring_cut_find       the edge to break it by                  64 t, budget    0         17s
//   feedback_find       which kinds of edges to break all by     t, by budget    4 each   17s
//   path_next           the nearest root's path, then others     n + m, budget   12 each   ~8.3n
//   path_count          how many share no inner node             k(n + m), b.    0         ~24n
//   shape_hash          a number for a part's form               12(s + t)       0         24s
//
//   c: components; s, t: nodes and edges of a part; k: paths counted
//
// Nothing here recurses, prints, or keeps state between calls but in the structs it is given. Long
// jobs take a struct progress; when it says stop they fail with ERR_CANCELLED, and what they had is
// freed. (The searches for paths report PATH_STOPPED instead: a path not found is an answer, too.)
#ifndef OURO_GRAPH_GRAPH_H
#define OURO_GRAPH_GRAPH_H

#include "graph/csr.h"
#include "graph/dom.h"
#include "graph/marks.h"
#include "graph/part.h"
#include "graph/path.h"
#include "graph/reach.h"
#include "graph/feedback.h"
#include "graph/ring.h"
#include "graph/scc.h"
#include "graph/shape.h"

#endif
