// SPDX-License-Identifier: GPL-3.0-or-later
// A directed graph in flat arrays: for each node, the edges that leave it, one after the other.
//
// Does not know: what a node is. An edge is a 32-bit word: the node it leads to (CSR_NODE) and two
// flags on top whose meaning is the caller's. Two edge sets live in one array that way: every
// algorithm takes a `struct walk` and leaves out the edges that have one of its skip_mask's flags.
//
//      base     | 0                 | 71                one uint64_t per 4096 nodes
//      offset   | 0 0 2 5 ...       | 0 3 3 ...         one uint32_t per node, relative to base
//                     |                   |
//                     v                   v
//      to       | a b c d e ...     | ...               edges of node n: csr_first(n) .. csr_end(n)
//
// Owns: the three arrays, from csr_begin() or csr_transpose() to csr_free(). A csr may also be laid
// by hand over arrays that somebody else owns (a mapped file); such a one is never freed here.
// Invariants, once finished: edges keep the order in which they were added, duplicates included;
// every word leads to a node below node_count.
// Cost: 4 bytes per node, 4 bytes per edge. Limits: 2^30 - 2 nodes, 2^32 edges per 4096 nodes.
#ifndef OURO_GRAPH_CSR_H
#define OURO_GRAPH_CSR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "graph/marks.h"

#define CSR_NODE 0x3fffffffu
#define CSR_NODE_MAX (CSR_NODE - 1) // the greatest node_count
#define CSR_BLOCK_SHIFT 12
#define CSR_NO_EDGE UINT64_MAX

struct csr {
    uint32_t node_count;
    uint64_t edge_count;
    uint32_t *offset;   // node_count + 1
    uint64_t *base;     // (node_count >> CSR_BLOCK_SHIFT) + 1
    uint32_t *to;       // edge_count
    uint32_t node_room; // how many nodes and edges the arrays have room for, while building
    uint64_t edge_room;
};

// Which part of a graph an algorithm sees. All zero: the whole of it.
struct walk {
    uint32_t skip_mask;   // edges with one of these flags are not there
    const uint64_t *only; // nodes that are not in this set are not there (null: all are); borrowed
};

// The index, in `to`, of the first edge of the node; its last is just before csr_end().
static inline uint64_t csr_first(const struct csr *csr, uint32_t at)
{
    return csr->base[at >> CSR_BLOCK_SHIFT] + csr->offset[at];
}

static inline uint64_t csr_end(const struct csr *csr, uint32_t at)
{
    return csr_first(csr, at + 1);
}

static inline bool walk_has(const struct walk *walk, uint32_t at)
{
    return !walk->only || marks_has(walk->only, at);
}

static inline bool walk_takes(const struct walk *walk, uint32_t word)
{
    return !(word & walk->skip_mask) && walk_has(walk, word & CSR_NODE);
}

// Building, in node order: begin, then for each node its csr_add()s and one csr_end_node(), then
// finish. The rooms are first guesses (0 is allowed); arrays grow by half, in place where the
// system can remap pages, and finish gives back what is left over. After a failure: csr_free().
bool csr_begin(struct csr *csr, uint32_t node_room, uint64_t edge_room, struct err *err);
bool csr_grow_edges(struct csr *csr, struct err *err);    // csr_add()'s rare half
bool csr_end_node_slow(struct csr *csr, struct err *err); // csr_end_node()'s rare half
bool csr_finish(struct csr *csr, struct err *err);

static inline bool csr_add(struct csr *csr, uint32_t word, struct err *err)
{
    if (__builtin_expect(csr->edge_count == csr->edge_room, 0) && !csr_grow_edges(csr, err))
        return false;
    csr->to[csr->edge_count++] = word;
    return true;
}

// Makes sure that so many more fit: then they may be put at to[edge_count++].
static inline bool csr_reserve(struct csr *csr, uint64_t count, struct err *err)
{
    while (__builtin_expect(csr->edge_room - csr->edge_count < count, 0))
        if (!csr_grow_edges(csr, err))
            return false;
    return true;
}

static inline bool csr_end_node(struct csr *csr, struct err *err)
{
    uint32_t next = csr->node_count + 1;
    uint64_t offset = csr->edge_count - csr->base[csr->node_count >> CSR_BLOCK_SHIFT];
    bool begins = !(next & ((1u << CSR_BLOCK_SHIFT) - 1)); // a block
    if (__builtin_expect(begins || next > csr->node_room || offset > UINT32_MAX, 0))
        return csr_end_node_slow(csr, err);
    csr->node_count = next;
    csr->offset[next] = (uint32_t)offset;
    return true;
}

// Building in pieces, which threads fill beside one another. After csr_begin(), each piece is a
// stretch of `count` nodes from `first` on, which begins with a block; csr_add() and
// csr_end_node() do not care. When all nodes of all pieces are there, csr_join() lays them one
// behind the other, frees the pieces, and finishes. A piece that is given up: csr_drop_piece().
#define CSR_BLOCK (1u << CSR_BLOCK_SHIFT)
bool csr_begin_piece(const struct csr *csr, uint32_t first, uint32_t count, uint64_t edge_room,
                     struct csr *piece, struct err *err);
bool csr_join(struct csr *csr, struct csr *pieces, size_t count, struct err *err);
void csr_drop_piece(struct csr *piece);

// The same edges the other way round, flags kept; the sources of a node's edges come in ascending
// order. Time: two passes over the edges, which so many threads share (base/pool.h). Memory: the
// result, and 4 bytes a node for every thread beyond the first.
bool csr_transpose(const struct csr *csr, struct csr *reverse, unsigned threads,
                   const struct progress *progress, struct err *err);

// The graph of node_count nodes whose out-degrees stand in reverse->offset[0 .. node_count - 1]
// becomes one with room for them: turns counts into cursors, allocates `to`. After each edge was
// put at csr_first(node) with ++offset[node], csr_settle() turns the cursors into starts.
bool csr_counted(struct csr *csr, struct err *err);
void csr_settle(struct csr *csr);

// Whether arrays that somebody else laid are a csr, piece by piece, whatever is in them: the nodes
// from `first` to before `end`, and the edges likewise. All pieces together cover both; then every
// algorithm may rely on it. The lengths of the arrays are checked by the caller.
bool csr_nodes_fit(const struct csr *csr, uint32_t first, uint32_t end);
bool csr_edges_fit(const struct csr *csr, uint64_t first, uint64_t end);
static inline uint64_t csr_block_count(uint32_t node_count) // items of `base`
{
    return ((uint64_t)node_count >> CSR_BLOCK_SHIFT) + 1;
}

// A csr of node_count nodes with all counts 0, for csr_counted().
bool csr_blank(struct csr *csr, uint32_t node_count, struct err *err);

// The index of the first edge from one node to another, or CSR_NO_EDGE. Time: the node's edges.
uint64_t csr_find_edge(const struct csr *csr, uint32_t skip_mask, uint32_t from, uint32_t to);

// Every edge that leads to a node, in order, where nobody has transposed the graph: a look at all of
// them, which is a twentieth of transposing it.
typedef void csr_meet(void *context, uint32_t from, uint32_t word);
void csr_each_to(const struct csr *csr, uint32_t to, csr_meet *meet, void *context);

// Frees the arrays and forgets them. A zeroed csr is fine.
void csr_free(struct csr *csr);

#endif
