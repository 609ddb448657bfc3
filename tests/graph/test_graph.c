// SPDX-License-Identifier: GPL-3.0-or-later
// The graph floor on graphs that can be drawn by hand, and on shapes that break recursive programs.
#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "graph/graph.h"
#include "unit.h"

#define FLAG 0x80000000u
#define HOLDS 0x40000000u
#define CHAIN 10000000u
#define LEAVES 1000000u

static const struct walk everything = { 0 };

// A graph from pairs; from must not descend.
static struct csr graph_of(uint32_t node_count, const uint32_t (*pairs)[2], uint32_t count)
{
    struct err err = ERR_INIT;
    struct csr csr;
    UNIT_OK(csr_begin(&csr, 0, 0, &err), &err);
    for (uint32_t n = 0, i = 0; n < node_count; n++) {
        for (; i < count && pairs[i][0] == n; i++)
            UNIT_OK(csr_add(&csr, pairs[i][1], &err), &err);
        UNIT_OK(csr_end_node(&csr, &err), &err);
    }
    UNIT_OK(csr_finish(&csr, &err), &err);
    return csr;
}

#define GRAPH(node_count, ...)                                                                     \
    graph_of(node_count, (const uint32_t[][2]){ __VA_ARGS__ },                                     \
             (uint32_t)(sizeof((const uint32_t[][2]){ __VA_ARGS__ }) / sizeof(uint32_t[2])))

static struct csr transposed(const struct csr *csr)
{
    struct err err = ERR_INIT;
    struct csr reverse = { 0 };
    UNIT_OK(csr_transpose(csr, &reverse, 1, NULL, &err), &err);
    return reverse;
}

struct met {
    const struct csr *reverse;
    uint32_t node, count;
    bool same;
};

static void meet(void *context, uint32_t from, uint32_t word)
{
    struct met *met = context;
    uint32_t expected = met->reverse->to[csr_first(met->reverse, met->node) + met->count++];
    met->same &= expected == (from | (word & ~CSR_NODE));
}

// Without a transposed graph the edges to a node are the same, in the same order.
static void check_each_to(const struct csr *csr, const struct csr *reverse, uint32_t node)
{
    struct met met = { .reverse = reverse, .node = node, .same = true };
    csr_each_to(csr, node, meet, &met);
    CU_ASSERT_TRUE(met.same);
    CU_ASSERT_EQUAL(met.count, csr_end(reverse, node) - csr_first(reverse, node));
}

static bool fits(const struct csr *csr)
{
    return csr_nodes_fit(csr, 0, 8192) && csr_nodes_fit(csr, 8192, csr->node_count)
           && csr_edges_fit(csr, 0, csr->edge_count);
}

// Arrays that somebody else laid: whatever is changed in them is found.
static void check_fits(struct csr *csr)
{
    static const uint32_t nodes[] = { 0, 1, 4095, 4096, 4097, 8191, 8192, 8193 };
    CU_ASSERT_TRUE(fits(csr));
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        uint32_t *offset = &csr->offset[nodes[i]], before = *offset;
        *offset = before + 100000;
        CU_ASSERT_FALSE(fits(csr));
        *offset = UINT32_MAX;
        CU_ASSERT_FALSE(fits(csr));
        *offset = before;
    }
    for (size_t i = 0; i < csr_block_count(csr->node_count); i++) {
        static const uint64_t wrong[] = { 100000, UINT64_MAX / 2, UINT64_MAX - 8000 };
        uint64_t *base = &csr->base[i], before = *base;
        for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
            *base = before + wrong[k];
            CU_ASSERT_FALSE(fits(csr));
        }
        *base = before;
    }
    csr->offset[csr->node_count]++;
    CU_ASSERT_FALSE(fits(csr));
    csr->offset[csr->node_count]--;
    csr->to[5] += csr->node_count;
    CU_ASSERT_FALSE(fits(csr));
    csr->to[5] -= csr->node_count;
    CU_ASSERT_TRUE(fits(csr));
}

static void test_build(void)
{
    struct csr csr = GRAPH(4, { 0, 1 }, { 0, 2 | FLAG }, { 0, 1 }, { 2, 2 }, { 3, 0 });
    CU_ASSERT_EQUAL(csr.node_count, 4);
    CU_ASSERT_EQUAL(csr.edge_count, 5);
    CU_ASSERT_EQUAL(csr_end(&csr, 0) - csr_first(&csr, 0), 3);
    CU_ASSERT_EQUAL(csr_first(&csr, 1), csr_end(&csr, 1));
    CU_ASSERT_EQUAL(csr_find_edge(&csr, 0, 0, 2), 1);
    CU_ASSERT_EQUAL(csr_find_edge(&csr, FLAG, 0, 2), CSR_NO_EDGE);
    struct csr reverse = transposed(&csr);
    CU_ASSERT_EQUAL(reverse.to[csr_first(&reverse, 2)], (0 | FLAG));
    CU_ASSERT_EQUAL(reverse.to[csr_first(&reverse, 2) + 1], 2);
    CU_ASSERT_EQUAL(csr_end(&reverse, 1) - csr_first(&reverse, 1), 2);
    csr_free(&csr);
    csr_free(&reverse);
    csr_free(&reverse);
}

static void test_empty(void)
{
    struct err err = ERR_INIT;
    struct csr csr;
    UNIT_OK(csr_begin(&csr, 0, 0, &err), &err);
    UNIT_OK(csr_finish(&csr, &err), &err);
    struct csr reverse = transposed(&csr);
    struct scc scc;
    UNIT_OK(scc_find(&csr, everything, &scc, NULL, &err), &err);
    CU_ASSERT_EQUAL(scc.count, 0);
    struct dom dom;
    UNIT_OK(dom_find(&csr, &reverse, everything, NULL, 0, &dom, NULL, &err), &err);
    CU_ASSERT_EQUAL(dom.reached, 0);
    dom_free(&dom);
    scc_free(&scc);
    csr_free(&csr);
    csr_free(&reverse);
}

static void test_wild_edge(void)
{
    struct err err = ERR_INIT;
    struct csr csr;
    UNIT_OK(csr_begin(&csr, 1, 1, &err), &err);
    UNIT_OK(csr_add(&csr, 1, &err), &err);
    UNIT_OK(csr_end_node(&csr, &err), &err);
    CU_ASSERT_FALSE(csr_finish(&csr, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_FORMAT);
    csr_free(&csr);
}

// More nodes than a block has: node n leads to n / 2 and n / 3, backwards over the blocks.
static void test_blocks(void)
{
    struct err err = ERR_INIT;
    struct csr csr;
    uint32_t count = 3 * 4096 + 1;
    UNIT_OK(csr_begin(&csr, 10, 10, &err), &err);
    for (uint32_t n = 0; n < count; n++) {
        UNIT_OK(csr_add(&csr, n / 2, &err), &err);
        UNIT_OK(csr_add(&csr, n / 3 | HOLDS, &err), &err);
        UNIT_OK(csr_end_node(&csr, &err), &err);
    }
    UNIT_OK(csr_finish(&csr, &err), &err);
    struct csr reverse = transposed(&csr);
    struct csr again = transposed(&reverse);
    CU_ASSERT_EQUAL(csr_first(&csr, 8192), 16384);
    for (uint32_t n = 0; n < count; n += n < 9000 ? 1 : 977)
        if (n % 61 == 0 || n > 9000)
            check_each_to(&csr, &reverse, n);
    check_fits(&csr);
    CU_ASSERT_EQUAL(csr_end(&reverse, count - 1), 2 * count);
    CU_ASSERT_EQUAL(csr_end(&reverse, 5000) - csr_first(&reverse, 5000), 2);
    CU_ASSERT_EQUAL(reverse.to[csr_first(&reverse, 4096)], 8192);
    CU_ASSERT_EQUAL(reverse.to[csr_first(&reverse, 4096) + 2], (12288 | HOLDS));
    for (uint32_t n = 0; n < count; n++) { // sorted by target: n / 3 comes first
        CU_ASSERT_EQUAL(again.to[csr_first(&again, n) + (n > 1)] & CSR_NODE, n / 2);
        CU_ASSERT_EQUAL(csr_first(&again, n), 2 * n);
    }
    csr_free(&csr);
    csr_free(&reverse);
    csr_free(&again);
}

// The edges of some nodes of a graph in which node n has n % 5 of them.
static void add_some(struct csr *csr, uint32_t first, uint32_t count)
{
    struct err err = ERR_INIT;
    for (uint32_t n = first; n < first + count; n++) {
        for (uint32_t i = 0; i < n % 5; i++)
            UNIT_OK(csr_add(csr, (n * 7 + i) % 10000 | (i ? HOLDS : 0), &err), &err);
        UNIT_OK(csr_end_node(csr, &err), &err);
    }
}

static void test_pieces(void)
{
    static const uint32_t parts[][4] = { { 10000 }, { 8192, 1808 }, { 4096, 0, 4096, 1808 } };
    struct err err = ERR_INIT;
    struct csr whole;
    UNIT_OK(csr_begin(&whole, 10000, 0, &err), &err);
    add_some(&whole, 0, 10000);
    UNIT_OK(csr_finish(&whole, &err), &err);
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        struct csr csr, pieces[4];
        uint32_t first = 0;
        UNIT_OK(csr_begin(&csr, 10000, 0, &err), &err);
        for (int i = 0; i < 4; first += parts[k][i++]) {
            UNIT_OK(csr_begin_piece(&csr, first, parts[k][i], 100, &pieces[i], &err), &err);
            add_some(&pieces[i], first, parts[k][i]);
        }
        UNIT_OK(csr_join(&csr, pieces, 4, &err), &err);
        CU_ASSERT_EQUAL(csr.node_count, whole.node_count);
        CU_ASSERT_EQUAL(csr.edge_count, whole.edge_count);
        CU_ASSERT_FALSE(memcmp(csr.to, whole.to, whole.edge_count * sizeof *csr.to));
        CU_ASSERT_FALSE(memcmp(csr.offset, whole.offset, 10001 * sizeof *csr.offset));
        CU_ASSERT_FALSE(memcmp(csr.base, whole.base, 3 * sizeof *csr.base));
        csr_free(&csr);
    }
    csr_free(&whole);
}

// Georgiadis' drawing problem in short: 0 -> 1 -> 3, 0 -> 2 -> 3, 3 -> 4 -> 5 -> 4; 6 holds itself.
static void test_literals(void)
{
    struct err err = ERR_INIT;
    struct csr csr =
        GRAPH(7, { 0, 1 }, { 0, 2 }, { 1, 3 }, { 2, 3 }, { 3, 4 }, { 4, 5 }, { 5, 4 }, { 6, 6 });
    struct csr reverse = transposed(&csr);
    struct dom dom;
    UNIT_OK(dom_find(&csr, &reverse, everything, (uint32_t[]){ 0 }, 1, &dom, NULL, &err), &err);
    uint32_t expected[] = { DOM_ROOT, 0, 0, 0, 3, 4, DOM_NONE };
    CU_ASSERT_EQUAL(memcmp(dom.parent, expected, sizeof expected), 0);
    uint64_t retained[7];
    uint32_t weight[] = { 1, 10, 100, 1000, 10000, UINT32_MAX, 7 };
    for (uint32_t n = 0; n < 7; n++)
        retained[n] = weight[n];
    CU_ASSERT_EQUAL(dom_sum(&dom, retained), 11111 + (uint64_t)UINT32_MAX);
    CU_ASSERT_EQUAL(retained[3], 11000 + (uint64_t)UINT32_MAX);
    CU_ASSERT_EQUAL(retained[1], 10);
    CU_ASSERT_EQUAL(retained[6], 7);
    dom_free(&dom);
    struct csr made = { 0 }; // the same where the reverse is made beside
    UNIT_OK(dom_find_turning(&csr, &made, 2, everything, (uint32_t[]){ 0 }, 1, &dom, NULL, &err),
            &err);
    CU_ASSERT_EQUAL(memcmp(dom.parent, expected, sizeof expected), 0);
    CU_ASSERT_EQUAL(memcmp(made.to, reverse.to, 8 * sizeof *made.to), 0);
    csr_free(&made);
    dom_free(&dom);

    struct scc scc;
    struct scc_rings rings;
    UNIT_OK(scc_find(&csr, everything, &scc, NULL, &err), &err);
    UNIT_OK(scc_list_rings(&csr, everything, &scc, &rings, &err), &err);
    CU_ASSERT_EQUAL(scc.count, 6);
    CU_ASSERT_EQUAL(rings.count, 2);
    CU_ASSERT_EQUAL(rings.member[rings.first[0]], 4);
    CU_ASSERT_EQUAL(rings.member[rings.first[1]], 6);
    scc_rings_free(&rings);
    scc_free(&scc);
    csr_free(&csr);
    csr_free(&reverse);
}

// A parent (0) with three children that point back at it: the cut is the pointer to the parent
// where one such pointer closes all rings, and the best of them where none does.
static void test_cut(void)
{
    struct err err = ERR_INIT;
    uint32_t members[] = { 0, 1, 2, 3 };
    struct part_desk desk;
    UNIT_OK(part_desk_init(&desk, 4, &err), &err);
    struct csr chain = GRAPH(4, { 0, 1 }, { 0, 2 }, { 1, 3 }, { 2, 3 }, { 3, 0 }, { 3, 0 });
    struct part part;
    UNIT_OK(part_cut(&chain, everything, members, 4, &desk, &part, &err), &err);
    struct ring ring;
    struct ring_cut cut;
    UNIT_OK(ring_shortest(&part, 0, &ring, &err), &err);
    CU_ASSERT_EQUAL(ring.length, 3);
    UNIT_OK(ring_cut_find(&part, &ring, NULL, 0, &cut, &err), &err);
    CU_ASSERT_EQUAL(cut.why, RING_CUT_ALL);
    CU_ASSERT_TRUE(cut.from == 3 && cut.to == 0 && cut.copies == 2 && cut.edge == 4);
    UNIT_OK(ring_cut_find(&part, &ring, NULL, 1, &cut, &err), &err); // a budget that allows no try
    CU_ASSERT_EQUAL(cut.why, RING_CUT_BUSIEST);
    CU_ASSERT_TRUE(cut.to == 0 || cut.to == 3);
    uint64_t fixed = 0; // the best edge cannot be taken out; then none can
    for (uint32_t i = 0; i < ring.length; i++)
        if (ring.node[i] == 3)
            marks_set(&fixed, i);
    UNIT_OK(ring_cut_find(&part, &ring, &fixed, 0, &cut, &err), &err);
    CU_ASSERT_TRUE(cut.why == RING_CUT_MAX && cut.from != 3);
    fixed = 7;
    UNIT_OK(ring_cut_find(&part, &ring, &fixed, 0, &cut, &err), &err);
    CU_ASSERT_EQUAL(cut.why, RING_CUT_NONE);
    ring_free(&ring);
    part_free(&part);
    csr_free(&chain);

    struct csr family = GRAPH(4, { 0, 1 }, { 0, 2 }, { 0, 3 }, { 1, 0 }, { 2, 0 }, { 3, 0 });
    UNIT_OK(part_cut(&family, everything, members, 4, &desk, &part, &err), &err);
    UNIT_OK(ring_shortest(&part, 0, &ring, &err), &err);
    CU_ASSERT_EQUAL(ring.length, 2);
    UNIT_OK(ring_cut_find(&part, &ring, NULL, 0, &cut, &err), &err);
    CU_ASSERT_EQUAL(cut.why, RING_CUT_MAX);
    CU_ASSERT_TRUE(cut.left == 3 && cut.to == 0);
    ring_free(&ring);
    part_free(&part);
    csr_free(&family);
    part_desk_fini(&desk);
}

static struct path next_path(struct path_search *search, uint64_t budget, enum path_end expected)
{
    struct err err = ERR_INIT;
    struct path path;
    enum path_end end;
    UNIT_OK(path_next(search, budget, &path, &end, NULL, &err), &err);
    CU_ASSERT_EQUAL(end, expected);
    return path;
}

// 0-1-4-7 is the shortest; 0-2-3-5-6-7 is left.
static void test_next_paths(void)
{
    struct err err = ERR_INIT;
    struct csr csr = GRAPH(8, { 0, 1 }, { 0, 2 }, { 1, 4 }, { 2, 3 }, { 3, 4 }, { 3, 5 }, { 4, 7 },
                           { 5, 6 }, { 6, 7 });
    struct csr reverse = transposed(&csr);
    uint64_t roots[1] = { 1 };
    struct path_search search;
    UNIT_OK(path_open(&search, &csr, &reverse, everything, roots, 7, &err), &err);
    struct path path = next_path(&search, 0, PATH_FOUND);
    CU_ASSERT_EQUAL(path.count, 4);
    path_free(&path);
    path = next_path(&search, 1, PATH_STOPPED);
    CU_ASSERT_EQUAL(path.count, 0);
    path = next_path(&search, 0, PATH_FOUND);
    CU_ASSERT_EQUAL(path.count, 6);
    path_free(&path);
    next_path(&search, 0, PATH_NO_MORE);
    struct path_tally tally;
    UNIT_OK(path_count(&search, 10, 0, &tally, NULL, &err), &err);
    CU_ASSERT_TRUE(tally.count == 2 && tally.is_exact);
    UNIT_OK(path_count(&search, 1, 0, &tally, NULL, &err), &err);
    CU_ASSERT_TRUE(tally.count == 1 && !tally.is_exact);
    path_close(&search);
    csr_free(&csr);
    csr_free(&reverse);
}

// The shortest, 0-1-2-7, takes a node of each of the two others, 0-1-3-4-7 and 0-5-6-2-7: one after
// another only one path is found, and counting must send the first one another way.
static void test_count_reroutes(void)
{
    struct err err = ERR_INIT;
    struct csr csr = GRAPH(8, { 0, 1 }, { 0, 5 }, { 1, 2 }, { 1, 3 }, { 2, 7 }, { 3, 4 }, { 4, 7 },
                           { 5, 6 }, { 6, 2 });
    struct csr reverse = transposed(&csr);
    uint64_t roots[1] = { 1 };
    struct path_search search;
    UNIT_OK(path_open(&search, &csr, &reverse, everything, roots, 7, &err), &err);
    struct path path = next_path(&search, 0, PATH_FOUND);
    CU_ASSERT_EQUAL(path.count, 4);
    path_free(&path);
    next_path(&search, 0, PATH_NO_MORE);
    struct path_tally tally;
    UNIT_OK(path_count(&search, 10, 0, &tally, NULL, &err), &err);
    CU_ASSERT_TRUE(tally.count == 2 && tally.is_exact);
    path_close(&search);
    csr_free(&csr);
    csr_free(&reverse);
}

// As before, but node 2 of the first path, 0-1-2-3-11, is on neither of the two that are best.
static void test_count_gives_up(void)
{
    struct err err = ERR_INIT;
    struct csr csr = GRAPH(12, { 0, 1 }, { 0, 6 }, { 1, 2 }, { 1, 4 }, { 2, 3 }, { 3, 11 },
                           { 4, 5 }, { 5, 8 }, { 6, 9 }, { 8, 11 }, { 9, 10 }, { 10, 3 });
    struct csr reverse = transposed(&csr);
    uint64_t roots[1] = { 1 };
    struct path_search search;
    UNIT_OK(path_open(&search, &csr, &reverse, everything, roots, 11, &err), &err);
    struct path_tally tally;
    UNIT_OK(path_count(&search, 10, 0, &tally, NULL, &err), &err);
    CU_ASSERT_TRUE(tally.count == 2 && tally.is_exact);
    path_close(&search);
    csr_free(&csr);
    csr_free(&reverse);
}

// Two and two into one of the sinks each, against three and one: what leaves every node looks
// alike, and only what enters the sinks tells them apart.
static void test_shape_entering(void)
{
    struct err err = ERR_INIT;
    struct csr even = GRAPH(6, { 0, 4 }, { 1, 4 }, { 2, 5 }, { 3, 5 });
    struct csr odd = GRAPH(6, { 0, 4 }, { 1, 4 }, { 2, 4 }, { 3, 5 });
    uint32_t members[] = { 0, 1, 2, 3, 4, 5 };
    uint64_t hash[2];
    struct part_desk desk;
    UNIT_OK(part_desk_init(&desk, 6, &err), &err);
    for (int i = 0; i < 2; i++) {
        struct part part;
        UNIT_OK(part_cut(i ? &even : &odd, everything, members, 6, &desk, &part, &err), &err);
        UNIT_OK(shape_hash(&part, (struct shape_labels){ 0 }, &hash[i], &err), &err);
        part_free(&part);
    }
    CU_ASSERT_NOT_EQUAL(hash[0], hash[1]);
    part_desk_fini(&desk);
    csr_free(&even);
    csr_free(&odd);
}

static bool refuse(void *context, const char *phase, uint64_t done, uint64_t total)
{
    (void)phase;
    (void)done;
    (void)total;
    ++*(unsigned *)context;
    return false;
}

static struct csr chain_of(uint32_t count, bool closes)
{
    struct err err = ERR_INIT;
    struct csr csr;
    UNIT_OK(csr_begin(&csr, 0, 0, &err), &err);
    bool ok = true;
    for (uint32_t n = 0; ok && n < count; n++) {
        if (n + 1 < count || closes)
            ok = csr_add(&csr, (n + 1) % count, &err);
        ok = ok && csr_end_node(&csr, &err);
    }
    UNIT_OK(ok && csr_finish(&csr, &err), &err);
    return csr;
}

static void test_long_chain(void)
{
    struct err err = ERR_INIT;
    struct csr csr = chain_of(CHAIN, false);
    struct csr reverse = transposed(&csr);
    uint32_t root = 0;
    uint64_t *seen = calloc(marks_words(CHAIN), sizeof *seen);
    uint64_t *first = calloc(marks_words(CHAIN), sizeof *first);
    marks_set(first, root);
    UNIT_OK(reach_from_marked(&csr, everything, first, seen, NULL, &err), &err);
    uint32_t count = 0;
    for (uint32_t n = 0; n < CHAIN; n++)
        count += marks_has(seen, n);
    CU_ASSERT_EQUAL(count, CHAIN);
    free(seen);
    free(first);
    struct scc scc;
    UNIT_OK(scc_find(&csr, everything, &scc, NULL, &err), &err);
    CU_ASSERT_EQUAL(scc.count, CHAIN);
    CU_ASSERT_EQUAL(scc.component[0], CHAIN - 1);
    scc_free(&scc);
    struct dom dom;
    UNIT_OK(dom_find(&csr, &reverse, everything, &root, 1, &dom, NULL, &err), &err);
    CU_ASSERT_EQUAL(dom.reached, CHAIN);
    CU_ASSERT_EQUAL(dom.parent[CHAIN - 1], CHAIN - 2);
    uint64_t *sum = malloc(CHAIN * sizeof *sum);
    for (uint32_t n = 0; n < CHAIN; n++)
        sum[n] = 1;
    CU_ASSERT_EQUAL(dom_sum(&dom, sum), CHAIN);
    CU_ASSERT_EQUAL(sum[5], CHAIN - 5);
    free(sum);
    dom_free(&dom);
    uint64_t *roots = calloc(marks_words(CHAIN), sizeof *roots);
    marks_set(roots, 0);
    struct path_search search;
    struct path path;
    enum path_end end;
    UNIT_OK(path_open(&search, &csr, &reverse, everything, roots, CHAIN - 1, &err), &err);
    UNIT_OK(path_next(&search, 0, &path, &end, NULL, &err), &err);
    CU_ASSERT_EQUAL(path.count, CHAIN);
    path_free(&path);
    struct path_tally tally;
    UNIT_OK(path_count(&search, 10, 0, &tally, NULL, &err), &err);
    CU_ASSERT_TRUE(tally.count == 1 && tally.is_exact);
    path_close(&search);
    free(roots);
    csr_free(&csr);
    csr_free(&reverse);
}

static void test_long_ring(void)
{
    struct err err = ERR_INIT;
    struct csr csr = chain_of(CHAIN, true);
    struct scc scc;
    struct scc_rings rings;
    UNIT_OK(scc_find(&csr, everything, &scc, NULL, &err), &err);
    UNIT_OK(scc_list_rings(&csr, everything, &scc, &rings, &err), &err);
    CU_ASSERT_EQUAL(rings.count, 1);
    struct part_desk desk;
    struct part part;
    UNIT_OK(part_desk_init(&desk, CHAIN, &err), &err);
    UNIT_OK(part_cut(&csr, everything, rings.member, rings.first[1], &desk, &part, &err), &err);
    struct ring ring;
    struct ring_cut cut;
    UNIT_OK(ring_shortest(&part, CHAIN, &ring, &err), &err);
    CU_ASSERT_EQUAL(ring.length, CHAIN);
    CU_ASSERT_FALSE(ring.is_shortest); // the budget allows for one search
    UNIT_OK(ring_cut_find(&part, &ring, NULL, 0, &cut, &err), &err);
    CU_ASSERT_EQUAL(cut.why, RING_CUT_ALL);
    ring_free(&ring);
    uint64_t hash;
    UNIT_OK(shape_hash(&part, (struct shape_labels){ 0 }, &hash, &err), &err);
    part_free(&part);
    part_desk_fini(&desk);
    scc_rings_free(&rings);
    scc_free(&scc);
    csr_free(&csr);
}

// One list of a million that all refer back to it, and all to one string (node LEAVES + 1).
static void test_star(void)
{
    struct err err = ERR_INIT;
    struct csr csr;
    UNIT_OK(csr_begin(&csr, 0, 0, &err), &err);
    bool ok = true;
    for (uint32_t n = 1; ok && n <= LEAVES; n++)
        ok = csr_add(&csr, n, &err);
    ok = ok && csr_end_node(&csr, &err);
    for (uint32_t n = 1; ok && n <= LEAVES; n++)
        ok = csr_add(&csr, 0, &err) && csr_add(&csr, LEAVES + 1, &err) && csr_end_node(&csr, &err);
    ok = ok && csr_end_node(&csr, &err);
    UNIT_OK(ok && csr_finish(&csr, &err), &err);
    struct csr reverse = transposed(&csr);
    struct scc scc;
    UNIT_OK(scc_find(&csr, everything, &scc, NULL, &err), &err);
    CU_ASSERT_EQUAL(scc.count, 2);
    CU_ASSERT_EQUAL(scc.size[1], LEAVES + 1);
    scc_free(&scc);
    struct dom dom;
    UNIT_OK(dom_find(&csr, &reverse, everything, (uint32_t[]){ 0 }, 1, &dom, NULL, &err), &err);
    CU_ASSERT_EQUAL(dom.parent[LEAVES + 1], 0);
    CU_ASSERT_EQUAL(dom.parent[LEAVES], 0);
    dom_free(&dom);
    uint64_t *roots = calloc(marks_words(LEAVES + 2), sizeof *roots);
    marks_set(roots, 0);
    struct path_search search;
    UNIT_OK(path_open(&search, &csr, &reverse, everything, roots, LEAVES + 1, &err), &err);
    struct path_tally tally;
    UNIT_OK(path_count(&search, 20, 0, &tally, NULL, &err), &err);
    CU_ASSERT_TRUE(tally.count == 20 && !tally.is_exact);
    path_close(&search);
    free(roots);
    csr_free(&csr);
    csr_free(&reverse);
}

// However many threads turn it round, the arrays are the same.
static void test_threads(void)
{
    enum { NODES = 300000, EDGES = 4 * NODES };
    struct csr csr, one, more;
    struct err err = ERR_INIT;
    uint32_t random = 1;
    UNIT_OK(csr_begin(&csr, NODES, EDGES, &err), &err);
    for (uint32_t n = 0; n < NODES; n++) {
        for (uint32_t e = 0; e < n % 9; e++) { // a third of them lead to one node
            random = random * 1664525 + 1013904223;
            csr_add(&csr, (random >> 8) % 3 ? (random >> 8) % NODES : (7 | random >> 31 << 30),
                    &err);
        }
        csr_end_node(&csr, &err);
    }
    UNIT_OK(csr_finish(&csr, &err), &err);
    UNIT_OK(csr_transpose(&csr, &one, 1, NULL, &err), &err);
    for (unsigned threads = 2; threads <= 4; threads++) {
        unsigned calls = 0;
        struct progress progress = { refuse, &calls };
        UNIT_OK(csr_transpose(&csr, &more, threads, NULL, &err), &err);
        CU_ASSERT_EQUAL(more.edge_count, one.edge_count);
        CU_ASSERT_EQUAL(memcmp(more.to, one.to, one.edge_count * sizeof *one.to), 0);
        CU_ASSERT_EQUAL(memcmp(more.offset, one.offset, (NODES + 1) * sizeof *one.offset), 0);
        csr_free(&more);
        CU_ASSERT_FALSE(csr_transpose(&csr, &more, threads, &progress, &err));
        CU_ASSERT_EQUAL(err.kind, ERR_CANCELLED);
    }
    csr_free(&one);
    csr_free(&csr);
}

static void test_cancel(void)
{
    struct err err = ERR_INIT;
    struct csr csr = chain_of(200000, true);
    struct csr reverse = transposed(&csr);
    unsigned calls = 0;
    struct progress progress = { refuse, &calls };
    struct csr other;
    CU_ASSERT_FALSE(csr_transpose(&csr, &other, 1, &progress, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_CANCELLED);
    CU_ASSERT_PTR_NULL(other.to);
    struct scc scc;
    CU_ASSERT_FALSE(scc_find(&csr, everything, &scc, &progress, NULL));
    CU_ASSERT_PTR_NULL(scc.component);
    struct dom dom;
    uint32_t root = 0;
    CU_ASSERT_FALSE(dom_find(&csr, &reverse, everything, &root, 1, &dom, &progress, NULL));
    CU_ASSERT_PTR_NULL(dom.parent);
    struct csr made = { 0 };
    CU_ASSERT_FALSE(dom_find_turning(&csr, &made, 2, everything, &root, 1, &dom, &progress, NULL));
    CU_ASSERT_PTR_NULL(dom.parent);
    csr_free(&made);
    uint64_t *marks = calloc(marks_words(200000), sizeof *marks);
    uint64_t *seen = calloc(marks_words(200000), sizeof *seen);
    marks_set(marks, 0);
    CU_ASSERT_FALSE(reach_from_marked(&csr, everything, marks, seen, &progress, NULL));
    free(seen);
    struct path_search search;
    struct path path;
    enum path_end end;
    UNIT_OK(path_open(&search, &csr, &reverse, everything, marks, 199999, &err), &err);
    UNIT_OK(path_next(&search, 0, &path, &end, &progress, &err), &err);
    CU_ASSERT_EQUAL(end, PATH_STOPPED);
    CU_ASSERT_PTR_NULL(path.node);
    path_close(&search);
    CU_ASSERT_EQUAL(calls, 6);
    free(marks);
    csr_free(&csr);
    csr_free(&reverse);
}

UNIT_SUITE(graph, { "a graph is what was added, and turns round", test_build },
           { "nothing at all is a graph", test_empty },
           { "an edge to no node is refused", test_wild_edge },
           { "nodes in several blocks", test_blocks },
           { "pieces are laid one behind the other", test_pieces },
           { "dominators, retained and rings of a small graph", test_literals },
           { "the cut that opens a ring", test_cut },
           { "paths, budgets and their number", test_next_paths },
           { "counting paths reroutes those found", test_count_reroutes },
           { "counting paths gives nodes up", test_count_gives_up },
           { "a shape sees what enters", test_shape_entering },
           { "a chain of ten million", test_long_chain },
           { "a ring of ten million", test_long_ring }, { "a star of a million", test_star },
           { "threads turn it round alike", test_threads },
           { "a progress callback stops each job", test_cancel })
