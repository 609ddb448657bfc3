// SPDX-License-Identifier: GPL-3.0-or-later
// The graph floor against plain brute force, on thousands of small random graphs.
//
// Each graph has up to MOST nodes, some edges with the flag that the walk leaves out, and sometimes
// nodes that it leaves out. The reference works on a matrix of the edges that are left, by
// definitions alone: what is reachable, what is no longer reachable with one node gone.
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"
#include "unit.h"

#define MOST 11
#define ROUNDS 4000
#define SEED 0x2545f4914f6cdd1du
#define FLAG 0x80000000u

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint32_t random_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)((random_next(state) >> 32) % bound);
}

struct sample {
    struct csr csr;
    struct csr reverse;
    struct walk walk;
    uint64_t only[1];
    bool has[MOST][MOST]; // an edge of the walk
    bool in[MOST];        // a node of the walk
    uint32_t count;
    uint64_t *state;
};

static void sample_edges(struct sample *s, uint32_t node, uint32_t density, struct err *err)
{
    uint32_t degree = random_below(s->state, density + 1);
    for (uint32_t i = 0; i < degree; i++) {
        uint32_t to = random_below(s->state, s->count);
        uint32_t flag = random_below(s->state, 6) ? 0 : FLAG;
        UNIT_OK(csr_add(&s->csr, to | flag, err), err);
        if (!flag && s->in[node] && s->in[to])
            s->has[node][to] = true;
    }
    UNIT_OK(csr_end_node(&s->csr, err), err);
}

static void sample_init(struct sample *s, uint64_t *state)
{
    struct err err = ERR_INIT;
    *s = (struct sample){ .count = 1 + random_below(state, MOST), .state = state };
    bool is_part = !random_below(state, 3);
    uint32_t density = 1 + random_below(state, 4);
    for (uint32_t n = 0; n < s->count; n++) {
        s->in[n] = !is_part || random_below(state, 4);
        if (s->in[n])
            marks_set(s->only, n);
    }
    s->walk = (struct walk){ .skip_mask = FLAG, .only = is_part ? s->only : NULL };
    UNIT_OK(csr_begin(&s->csr, 0, 0, &err), &err);
    for (uint32_t n = 0; n < s->count; n++)
        sample_edges(s, n, density, &err);
    UNIT_OK(csr_finish(&s->csr, &err), &err);
    UNIT_OK(csr_transpose(&s->csr, &s->reverse, 1, NULL, &err), &err);
}

static void sample_fini(struct sample *s)
{
    csr_free(&s->csr);
    csr_free(&s->reverse);
}

// Runs a check over many samples and says the seed, so that a failure can be had again.
static void for_each_sample(void (*check)(struct sample *s))
{
    uint64_t state = SEED;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct sample s;
        sample_init(&s, &state);
        unsigned before = CU_get_number_of_failures();
        check(&s);
        sample_fini(&s);
        if (CU_get_number_of_failures() != before) {
            fprintf(stderr, "  seed %llx, sample %u\n", (unsigned long long)SEED, i);
            return;
        }
    }
}

// reach[a][b]: one or more steps lead from a to b (Floyd and Warshall), with one node gone.
static void closure(const struct sample *s, uint32_t gone, bool reach[MOST][MOST])
{
    for (uint32_t a = 0; a < s->count; a++)
        for (uint32_t b = 0; b < s->count; b++)
            reach[a][b] = s->has[a][b] && a != gone && b != gone;
    for (uint32_t k = 0; k < s->count; k++)
        for (uint32_t a = 0; a < s->count; a++)
            for (uint32_t b = 0; b < s->count; b++)
                reach[a][b] |= reach[a][k] && reach[k][b];
}

static uint32_t choose(struct sample *s, uint32_t *chosen)
{
    uint32_t n = 0;
    uint32_t wanted = 1 + random_below(s->state, 3);
    while (n < wanted)
        chosen[n++] = random_below(s->state, s->count);
    return n;
}

static void check_transpose(struct sample *s)
{
    unsigned forward[MOST][MOST][2] = { 0 };
    for (uint32_t n = 0; n < s->count; n++)
        for (uint64_t e = csr_first(&s->csr, n); e < csr_end(&s->csr, n); e++)
            forward[n][s->csr.to[e] & CSR_NODE][s->csr.to[e] >> 31]++;
    CU_ASSERT_EQUAL(s->reverse.edge_count, s->csr.edge_count);
    for (uint32_t n = 0; n < s->count; n++)
        for (uint64_t e = csr_first(&s->reverse, n); e < csr_end(&s->reverse, n); e++)
            forward[s->reverse.to[e] & CSR_NODE][n][s->reverse.to[e] >> 31]--;
    for (uint32_t a = 0; a < s->count; a++)
        for (uint32_t b = 0; b < s->count; b++)
            CU_ASSERT_TRUE(!forward[a][b][0] && !forward[a][b][1]);
}

static void check_reach(struct sample *s)
{
    struct err err = ERR_INIT;
    uint32_t sources[3];
    uint32_t n_sources = choose(s, sources);
    bool reach[MOST][MOST];
    closure(s, UINT32_MAX, reach);
    uint64_t roots[2] = { 0 }, seen[2] = { 0 };
    for (uint32_t i = 0; i < n_sources; i++)
        marks_set(roots, sources[i]);
    UNIT_OK(reach_from_marked(&s->csr, s->walk, roots, seen, NULL, &err), &err);
    for (uint32_t n = 0; n < s->count; n++) {
        bool is_reached = false;
        for (uint32_t i = 0; i < n_sources; i++)
            is_reached |= s->in[sources[i]] && (sources[i] == n || reach[sources[i]][n]);
        CU_ASSERT_EQUAL(marks_has(seen, n), is_reached);
    }
}

// In edges from the nearest source; UINT32_MAX: from none.
static void measure(const struct sample *s, const uint32_t *sources, uint32_t n_sources,
                    uint32_t distance[MOST])
{
    for (uint32_t n = 0; n < s->count; n++)
        distance[n] = UINT32_MAX;
    for (uint32_t i = 0; i < n_sources; i++)
        if (s->in[sources[i]])
            distance[sources[i]] = 0;
    for (uint32_t round = 0; round < s->count; round++)
        for (uint32_t a = 0; a < s->count; a++)
            for (uint32_t b = 0; b < s->count; b++)
                if (s->has[a][b] && distance[a] < UINT32_MAX && distance[a] + 1 < distance[b])
                    distance[b] = distance[a] + 1;
}

static void check_rings(const struct sample *s, bool reach[MOST][MOST], const struct scc *scc)
{
    struct err err = ERR_INIT;
    struct scc_rings rings;
    UNIT_OK(scc_list_rings(&s->csr, s->walk, scc, &rings, &err), &err);
    bool listed[MOST] = { false };
    for (uint32_t i = 0; i < rings.count; i++)
        for (uint32_t k = rings.first[i]; k < rings.first[i + 1]; k++) {
            CU_ASSERT_EQUAL(scc->component[rings.member[k]], rings.component[i]);
            CU_ASSERT_TRUE(k == rings.first[i] || rings.member[k] > rings.member[k - 1]);
            listed[rings.member[k]] = true;
        }
    for (uint32_t n = 0; n < s->count; n++)
        CU_ASSERT_EQUAL(listed[n], reach[n][n]);
    scc_rings_free(&rings);
}

static void check_tops(const struct sample *s, bool reach[MOST][MOST], const struct scc *scc)
{
    struct err err = ERR_INIT;
    uint32_t *tops;
    uint32_t count;
    UNIT_OK(scc_tops(&s->csr, s->walk, scc, &tops, &count, &err), &err);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < count; k++)
            CU_ASSERT_TRUE(i == k || !reach[tops[i]][tops[k]]);
    for (uint32_t n = 0; n < s->count; n++) {
        bool is_reached = !s->in[n];
        for (uint32_t i = 0; i < count; i++)
            is_reached |= tops[i] == n || reach[tops[i]][n];
        CU_ASSERT_TRUE(is_reached);
    }
    free(tops);
}

static void check_scc(struct sample *s)
{
    struct err err = ERR_INIT;
    bool reach[MOST][MOST];
    closure(s, UINT32_MAX, reach);
    struct scc scc;
    UNIT_OK(scc_find(&s->csr, s->walk, &scc, NULL, &err), &err);
    for (uint32_t a = 0; a < s->count; a++) {
        CU_ASSERT_EQUAL(scc.component[a] == SCC_NONE, !s->in[a]);
        uint32_t size = 0;
        for (uint32_t b = 0; s->in[a] && b < s->count; b++) {
            if (!s->in[b])
                continue;
            bool together = a == b || (reach[a][b] && reach[b][a]);
            size += together;
            CU_ASSERT_EQUAL(scc.component[a] == scc.component[b], together);
            if (s->has[a][b])
                CU_ASSERT_TRUE(scc.component[a] >= scc.component[b]);
        }
        if (s->in[a])
            CU_ASSERT_EQUAL(scc.size[scc.component[a]], size);
    }
    check_rings(s, reach, &scc);
    check_tops(s, reach, &scc);
    scc_free(&scc);
}

// What is reached from the roots with one node gone.
static void reached_without(const struct sample *s, const uint32_t *roots, uint32_t n_roots,
                            uint32_t gone, bool reached[MOST])
{
    bool reach[MOST][MOST];
    closure(s, gone, reach);
    for (uint32_t n = 0; n < s->count; n++) {
        reached[n] = false;
        for (uint32_t i = 0; i < n_roots; i++)
            reached[n] |=
                roots[i] != gone && s->in[roots[i]] && (roots[i] == n || reach[roots[i]][n]);
    }
}

// The dominator is the one that is dominated by all others; each node's children are what it names.
static void check_parents(const struct sample *s, const struct dom *dom, bool dominates[MOST][MOST],
                          const bool reached[MOST])
{
    for (uint32_t n = 0; n < s->count; n++) {
        uint32_t expected = reached[n] ? DOM_ROOT : DOM_NONE;
        for (uint32_t d = 0; reached[n] && d < s->count; d++)
            if (d != n && dominates[d][n] && (expected == DOM_ROOT || dominates[expected][d]))
                expected = d;
        CU_ASSERT_EQUAL(dom->parent[n], expected);
    }
    struct err err = ERR_INIT;
    struct csr children;
    UNIT_OK(dom_children(dom, &children, &err), &err);
    CU_ASSERT_EQUAL(children.edge_count, dom->reached);
    for (uint32_t n = 0; n <= s->count; n++)
        for (uint64_t e = csr_first(&children, n); e < csr_end(&children, n); e++)
            CU_ASSERT_EQUAL(dom->parent[children.to[e]], n == s->count ? DOM_ROOT : n);
    csr_free(&children);
}

static void check_dom(struct sample *s)
{
    struct err err = ERR_INIT;
    uint32_t roots[3];
    uint32_t n_roots = choose(s, roots);
    struct dom dom;
    UNIT_OK(dom_find(&s->csr, &s->reverse, s->walk, roots, n_roots, &dom, NULL, &err), &err);
    uint32_t weight[MOST];
    for (uint32_t n = 0; n < s->count; n++)
        weight[n] = random_below(s->state, 1u << 31);
    uint64_t retained[MOST];
    for (uint32_t n = 0; n < s->count; n++)
        retained[n] = weight[n];
    uint64_t total = dom_sum(&dom, retained);

    bool reached[MOST];
    reached_without(s, roots, n_roots, UINT32_MAX, reached);
    bool dominates[MOST][MOST];
    uint64_t expected_total = 0;
    for (uint32_t n = 0; n < s->count; n++) {
        bool still[MOST];
        reached_without(s, roots, n_roots, n, still);
        uint64_t lost = reached[n] ? 0 : weight[n];
        for (uint32_t k = 0; k < s->count; k++) {
            dominates[n][k] = reached[n] && reached[k] && !still[k];
            lost += dominates[n][k] ? weight[k] : 0;
        }
        CU_ASSERT_EQUAL(retained[n], lost);
        expected_total += reached[n] ? weight[n] : 0;
    }
    CU_ASSERT_EQUAL(total, expected_total);
    check_parents(s, &dom, dominates, reached);
    dom_free(&dom);
}

// The most sets of inner nodes that are disjoint and each lead from a root to the target: by the
// theorem, the fewest inner nodes (any subset tried) and direct roots that must go to cut it off.
static uint32_t fewest_cut(const struct sample *s, uint64_t roots, uint32_t target)
{
    uint32_t direct = 0;
    for (uint32_t r = 0; r < s->count; r++)
        direct += r != target && s->in[r] && roots >> r & 1 && s->has[r][target];
    uint32_t fewest = UINT32_MAX;
    for (uint32_t gone = 0; gone < 1u << s->count; gone++) {
        if (gone & roots || gone >> target & 1)
            continue;
        // backwards from the target, over inner nodes that are left
        uint32_t seen = 1u << target;
        for (bool grows = true; grows;) {
            uint32_t before = seen;
            for (uint32_t a = 0; a < s->count; a++)
                for (uint32_t b = 0; b < s->count; b++)
                    if (seen >> b & 1 && s->has[a][b] && !(gone >> a & 1)
                        && (b == target || !(roots >> b & 1)) && !(b == target && roots >> a & 1))
                        seen |= 1u << a;
            grows = seen != before;
        }
        uint32_t size = (uint32_t)__builtin_popcount(gone);
        if (!(seen & roots & ~(1u << target)) && size < fewest)
            fewest = size;
    }
    return fewest + direct + (roots >> target & 1);
}

// A path must be one: real edges, a root first, only there, no node twice, shared by none before.
static void check_path(const struct sample *s, uint64_t roots, uint32_t target,
                       const struct path *path, bool used[MOST])
{
    CU_ASSERT_TRUE(roots >> path->node[0] & 1);
    CU_ASSERT_EQUAL(path->node[path->count - 1], target);
    for (uint32_t i = 0; i + 1 < path->count; i++) {
        CU_ASSERT_TRUE(s->has[path->node[i]][path->node[i + 1]]);
        CU_ASSERT_EQUAL(s->csr.to[path->edge[i]], path->node[i + 1]);
        CU_ASSERT_TRUE(path->edge[i] >= csr_first(&s->csr, path->node[i]));
        CU_ASSERT_TRUE(path->edge[i] < csr_end(&s->csr, path->node[i]));
        if (!i)
            continue;
        CU_ASSERT_FALSE(used[path->node[i]] || roots >> path->node[i] & 1);
        used[path->node[i]] = true;
    }
}

static void check_paths(struct sample *s)
{
    struct err err = ERR_INIT;
    uint32_t sources[3];
    uint32_t n_sources = choose(s, sources);
    uint32_t target = random_below(s->state, s->count);
    if (!s->in[target])
        return;
    uint64_t roots[2] = { 0 };
    for (uint32_t i = 0; i < n_sources; i++)
        if (s->in[sources[i]])
            marks_set(roots, sources[i]);
    uint32_t distance[MOST];
    measure(s, sources, n_sources, distance);

    struct path_search search;
    UNIT_OK(path_open(&search, &s->csr, &s->reverse, s->walk, roots, target, &err), &err);
    bool used[MOST] = { false };
    uint32_t found = 0;
    uint32_t before = 0;
    for (;;) {
        struct path path;
        enum path_end end;
        UNIT_OK(path_next(&search, 0, &path, &end, NULL, &err), &err);
        if (end != PATH_FOUND) {
            CU_ASSERT_EQUAL(end, PATH_NO_MORE);
            break;
        }
        if (!found)
            CU_ASSERT_EQUAL(path.count - 1, distance[target]);
        CU_ASSERT_TRUE(path.count >= before);
        before = path.count;
        check_path(s, roots[0], target, &path, used);
        path_free(&path);
        if (++found > MOST * 2)
            break;
    }
    CU_ASSERT_EQUAL(found > 0, distance[target] != UINT32_MAX);
    struct path_tally tally;
    UNIT_OK(path_count(&search, UINT32_MAX, 0, &tally, NULL, &err), &err);
    CU_ASSERT_TRUE(tally.is_exact);
    CU_ASSERT_TRUE(found <= tally.count);
    CU_ASSERT_EQUAL(tally.count, fewest_cut(s, roots[0], target));
    path_close(&search);
}

// The length of a shortest ring through n, by powers of the matrix; 0: none.
static uint32_t shortest_through(const struct sample *s, uint32_t n)
{
    bool at[MOST] = { false };
    at[n] = true;
    for (uint32_t steps = 1; steps <= s->count; steps++) {
        bool next[MOST] = { false };
        for (uint32_t a = 0; a < s->count; a++)
            for (uint32_t b = 0; b < s->count; b++)
                next[b] |= at[a] && s->has[a][b];
        if (next[n])
            return steps;
        memcpy(at, next, sizeof at);
    }
    return 0;
}

static void check_ring(const struct sample *s, const struct ring *ring)
{
    bool used[MOST] = { false };
    for (uint32_t i = 0; i < ring->length; i++) {
        uint32_t next = ring->node[i + 1 < ring->length ? i + 1 : 0];
        CU_ASSERT_TRUE(s->has[ring->node[i]][next]);
        CU_ASSERT_EQUAL(s->csr.to[ring->edge[i]], next);
        CU_ASSERT_TRUE(ring->edge[i] >= csr_first(&s->csr, ring->node[i]));
        CU_ASSERT_TRUE(ring->edge[i] < csr_end(&s->csr, ring->node[i]));
        CU_ASSERT_FALSE(used[ring->node[i]]);
        used[ring->node[i]] = true;
    }
}

// How many members stay on rings with one edge gone; checked against the best of all edges.
static void check_cut(struct sample *s, const struct part *part, const struct ring_cut *cut)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t a = 0; a < part->graph.node_count; a++) {
        for (uint32_t b = 0; b < part->graph.node_count; b++) {
            uint32_t from = part->members[a];
            uint32_t to = part->members[b];
            if (!s->has[from][to])
                continue;
            bool reach[MOST][MOST];
            s->has[from][to] = false;
            closure(s, UINT32_MAX, reach);
            s->has[from][to] = true;
            uint32_t left = 0;
            for (uint32_t i = 0; i < part->graph.node_count; i++)
                left += reach[part->members[i]][part->members[i]];
            if (from == cut->from && to == cut->to)
                CU_ASSERT_EQUAL(left, cut->left);
            best = left < best ? left : best;
        }
    }
    CU_ASSERT_EQUAL(cut->why == RING_CUT_ALL, best == 0);
    CU_ASSERT_EQUAL(cut->left == 0, best == 0);
}

// Whether no ring is left without the edges whose class is one of the set's bits.
static bool opens(const struct sample *s, const struct part *part, const uint32_t *class_of,
                  uint32_t set)
{
    struct sample left = *s;
    bool reach[MOST][MOST];
    memset(left.has, 0, sizeof left.has);
    for (uint32_t a = 0; a < part->graph.node_count; a++)
        for (uint64_t e = csr_first(&part->graph, a); e < csr_end(&part->graph, a); e++)
            if (!(set >> class_of[e] & 1))
                left.has[part->members[a]][part->members[part->graph.to[e] & CSR_NODE]] = true;
    closure(&left, UINT32_MAX, reach);
    for (uint32_t i = 0; i < part->graph.node_count; i++)
        if (reach[part->members[i]][part->members[i]])
            return false;
    return true;
}

// Against all sets of classes: none is smaller, and of the small ones none is cheaper.
static void check_feedback(struct sample *s, const struct part *part)
{
    enum { CLASSES = 8 };
    struct err err = ERR_INIT;
    struct feedback feedback;
    uint32_t class_of[MOST * MOST * 2], cost[CLASSES] = { 0, 3, 3, 4, 5, 5, 9, 9 };
    uint32_t best = UINT32_MAX, best_cost = UINT32_MAX, found = 0, found_cost = 0;
    for (uint64_t e = 0; e < part->graph.edge_count; e++)
        class_of[e] = random_below(s->state, CLASSES);
    const struct feedback_edges edges = { class_of, cost, CLASSES };
    UNIT_OK(feedback_find(&part->graph, &edges, 0, &feedback, &err), &err);
    for (uint32_t set = 2; set < 1u << CLASSES; set += 2) { // without class 0
        uint32_t sum = 0, count = (uint32_t)__builtin_popcount(set);
        for (uint32_t i = 0; i < CLASSES; i++)
            sum += set >> i & 1 ? cost[i] : 0;
        if ((count < best || (count == best && sum < best_cost)) && opens(s, part, class_of, set)) {
            best = count;
            best_cost = sum;
        }
    }
    for (uint32_t i = 0; i < feedback.count; i++) {
        found |= 1u << feedback.classes[i];
        found_cost += cost[feedback.classes[i]];
    }
    CU_ASSERT_EQUAL(feedback.is_hopeless, best == UINT32_MAX);
    if (feedback.count) {
        CU_ASSERT_TRUE(opens(s, part, class_of, found));
        CU_ASSERT_EQUAL(feedback.is_smallest, best <= FEEDBACK_EXACT_MAX);
        CU_ASSERT_TRUE(!feedback.is_smallest
                       || (feedback.count == best && found_cost == best_cost));
    } else {
        CU_ASSERT_EQUAL(best, UINT32_MAX);
    }
    feedback_free(&feedback);
}

static void check_component(struct sample *s, struct part *part)
{
    struct err err = ERR_INIT;
    check_feedback(s, part);
    struct ring ring;
    uint32_t shortest = UINT32_MAX;
    for (uint32_t i = 0; i < part->graph.node_count; i++) {
        uint32_t expected = shortest_through(s, part->members[i]);
        shortest = expected < shortest ? expected : shortest;
    }
    UNIT_OK(ring_shortest(part, 0, &ring, &err), &err);
    CU_ASSERT_EQUAL(ring.length, shortest);
    CU_ASSERT_TRUE(ring.is_shortest);
    check_ring(s, &ring);
    struct ring_cut cut;
    UNIT_OK(ring_cut_find(part, &ring, NULL, 0, &cut, &err), &err);
    CU_ASSERT_EQUAL(cut.edge, ring.edge[cut.place]);
    CU_ASSERT_TRUE(cut.copies > 0 && s->has[cut.from][cut.to]);
    check_cut(s, part, &cut);
    ring_free(&ring);
}

static void check_components(struct sample *s)
{
    struct err err = ERR_INIT;
    struct scc scc;
    struct scc_rings rings;
    struct part_desk desk;
    UNIT_OK(scc_find(&s->csr, s->walk, &scc, NULL, &err), &err);
    UNIT_OK(scc_list_rings(&s->csr, s->walk, &scc, &rings, &err), &err);
    UNIT_OK(part_desk_init(&desk, s->count, &err), &err);
    for (uint32_t i = 0; i < rings.count; i++) {
        struct part part;
        UNIT_OK(part_cut(&s->csr, s->walk, rings.member + rings.first[i],
                         rings.first[i + 1] - rings.first[i], &desk, &part, &err),
                &err);
        check_component(s, &part);
        part_free(&part);
    }
    part_desk_fini(&desk);
    scc_rings_free(&rings);
    scc_free(&scc);
}

// Labels of edges as a function of what does not change when nodes are numbered anew.
struct edge_labels {
    const uint32_t *node;
    const struct csr *csr;
};

static uint32_t edge_label(const void *context, uint32_t from, uint64_t edge)
{
    const struct edge_labels *labels = context;
    return labels->node[from] * 3 + labels->node[labels->csr->to[edge] & CSR_NODE];
}

static uint64_t shape_of(const struct csr *csr, const uint32_t *members, uint32_t count,
                         const uint32_t *label)
{
    struct err err = ERR_INIT;
    struct part_desk desk;
    struct part part;
    uint32_t part_label[MOST];
    for (uint32_t i = 0; i < count; i++)
        part_label[i] = label[members[i]];
    struct edge_labels context = { label, csr };
    struct shape_labels labels = { .node = part_label, .edge = edge_label, .context = &context };
    UNIT_OK(part_desk_init(&desk, csr->node_count, &err), &err);
    UNIT_OK(part_cut(csr, (struct walk){ 0 }, members, count, &desk, &part, &err), &err);
    uint64_t hash;
    UNIT_OK(shape_hash(&part, labels, &hash, &err), &err);
    part_free(&part);
    part_desk_fini(&desk);
    return hash;
}

// The same graph with node n called to[n], edges in another order.
static struct csr renumbered(const struct csr *csr, const uint32_t *to)
{
    struct err err = ERR_INIT;
    struct csr other;
    UNIT_OK(csr_begin(&other, 0, 0, &err), &err);
    for (uint32_t n = 0; n < csr->node_count; n++) {
        uint32_t from = 0;
        while (to[from] != n)
            from++;
        for (uint64_t e = csr_end(csr, from); e-- > csr_first(csr, from);)
            UNIT_OK(csr_add(&other, to[csr->to[e] & CSR_NODE], &err), &err);
        UNIT_OK(csr_end_node(&other, &err), &err);
    }
    UNIT_OK(csr_finish(&other, &err), &err);
    return other;
}

static void check_shape(struct sample *s)
{
    uint32_t to[MOST];
    uint32_t members[MOST];
    uint32_t label[MOST];
    uint32_t other_label[MOST];
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t k = random_below(s->state, i + 1);
        to[i] = to[k];
        to[k] = i;
        members[i] = i;
        label[i] = random_below(s->state, 3);
    }
    for (uint32_t i = 0; i < s->count; i++)
        other_label[to[i]] = label[i];
    struct csr other = renumbered(&s->csr, to);
    uint64_t shape = shape_of(&s->csr, members, s->count, label);
    CU_ASSERT_EQUAL(shape_of(&other, members, s->count, other_label), shape);
    other_label[random_below(s->state, s->count)] += 3; // and one label off, another shape
    CU_ASSERT_NOT_EQUAL(shape_of(&other, members, s->count, other_label), shape);
    csr_free(&other);
}

static void test_transpose(void)
{
    for_each_sample(check_transpose);
}
static void test_reach(void)
{
    for_each_sample(check_reach);
}
static void test_scc(void)
{
    for_each_sample(check_scc);
}
static void test_dom(void)
{
    for_each_sample(check_dom);
}
static void test_paths(void)
{
    for_each_sample(check_paths);
}
static void test_components(void)
{
    for_each_sample(check_components);
}
static void test_shape(void)
{
    for_each_sample(check_shape);
}

UNIT_SUITE(graph_brute, { "a transposed graph has the same edges", test_transpose },
           { "reach: as Floyd and Warshall", test_reach },
           { "components: reachable both ways", test_scc },
           { "dominators and retained: remove a node and see", test_dom },
           { "paths: shortest, disjoint, as many as the least cut", test_paths },
           { "rings and cuts: as trying them all", test_components },
           { "a shape outlives renumbering", test_shape })
