// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes by colour refinement (B. Weisfeiler and A. Lehman, 1968; in the directed, labelled form of
// Shervashidze et al., JMLR 12, 2011).
//
// Problem: give nodes the same colour when their surroundings are alike.
//  1. A node's first colour is its label.
//  2. In each round its new colour mixes its old one, the sum over the edges that leave it of a mix
//     of edge label and target colour, and the same, mixed otherwise, over the edges that enter it.
//     Sums do not know the order.
//  3. After some rounds, as many for all parts of one size, the colours, whatever their order, are the shape.
#include "graph/shape.h"

#include <stdlib.h>
#include <string.h>

#define SALT_NODE 0x9e3779b97f4a7c15u
#define SALT_LEAVING 0xd1b54a32d192ed03u
#define SALT_ENTERING 0x8cb92ba72f3d8dd7u

// The finalizer of MurmurHash3: every bit of the answer depends on every bit of x.
static uint64_t shape_mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

struct colours {
    uint64_t *now;
    uint64_t *leaving; // sums over the edges that leave and enter each node
    uint64_t *entering;
};

static bool colours_init(struct colours *colours, uint32_t count, struct err *err)
{
    colours->now = malloc(((size_t)count + 1) * sizeof *colours->now);
    colours->leaving = malloc(((size_t)count + 1) * sizeof *colours->leaving);
    colours->entering = malloc(((size_t)count + 1) * sizeof *colours->entering);
    if (colours->now && colours->leaving && colours->entering)
        return true;
    return err_memory(err, "finding a shape");
}

static void colours_fini(struct colours *colours)
{
    free(colours->now);
    free(colours->leaving);
    free(colours->entering);
}

// Enough rounds to cover a small part completely; a large one is distinguished by its sizes and its
// nodes' close surroundings.
static unsigned rounds_for(uint32_t count)
{
    if (count > 1000000)
        return 3;
    return count < 12 ? count : 12;
}

static void refine(const struct part *part, const struct shape_labels *labels,
                   struct colours *colours)
{
    const struct csr *csr = &part->graph;
    memset(colours->leaving, 0, csr->node_count * sizeof *colours->leaving);
    memset(colours->entering, 0, csr->node_count * sizeof *colours->entering);
    for (uint32_t n = 0; n < csr->node_count; n++) {
        uint64_t end = csr_end(csr, n);
        for (uint64_t e = csr_first(csr, n); e < end; e++) {
            uint32_t to = csr->to[e] & CSR_NODE;
            uint64_t label =
                labels->edge ? labels->edge(labels->context, part->members[n], part->edge[e]) : 0;
            colours->leaving[n] += shape_mix(colours->now[to] + shape_mix(label + SALT_LEAVING));
            colours->entering[to] += shape_mix(colours->now[n] + shape_mix(label + SALT_ENTERING));
        }
    }
    for (uint32_t n = 0; n < csr->node_count; n++)
        colours->now[n] = shape_mix(shape_mix(colours->now[n] + SALT_NODE)
                                    + shape_mix(colours->leaving[n] + SALT_LEAVING)
                                    + shape_mix(colours->entering[n] + SALT_ENTERING));
}

static void colour(const struct part *part, const struct shape_labels *labels,
                   struct colours *colours)
{
    uint32_t count = part->graph.node_count;
    for (uint32_t n = 0; n < count; n++)
        colours->now[n] = shape_mix((labels->node ? labels->node[n] : 0) + SALT_NODE);
    for (unsigned round = rounds_for(count); round > 0; round--)
        refine(part, labels, colours);
}

// A hash of the sizes and the sum of the mixed colours: the order does not matter.
static uint64_t shape_hash_of(const struct part *part, const uint64_t *colour)
{
    uint64_t sum = 0;
    for (uint32_t n = 0; n < part->graph.node_count; n++)
        sum += shape_mix(colour[n]);
    return shape_mix(sum + shape_mix(part->graph.node_count + shape_mix(part->graph.edge_count)));
}

bool shape_hash(const struct part *part, struct shape_labels labels, uint64_t *hash,
                struct err *err)
{
    struct colours colours;
    bool ok = colours_init(&colours, part->graph.node_count, err);
    if (ok) {
        colour(part, &labels, &colours);
        *hash = shape_hash_of(part, colours.now);
    }
    colours_fini(&colours);
    return ok;
}
