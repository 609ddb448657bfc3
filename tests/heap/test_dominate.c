// SPDX-License-Identifier: GPL-3.0-or-later
// Retained sizes of the living and of the dead, against taking each object away and counting what
// falls off.
#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "graph/reach.h"
#include "heap/analysis/dominate.h"
#include "unit.h"

#define NODES 24
#define GRAPHS 1500

struct world {
    struct heap heap;
    struct heap_roots roots;
    uint64_t all, only;
    uint16_t sizes[NODES];
};

static uint32_t state;

static uint32_t roll(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static void build(struct world *world, uint32_t seed)
{
    struct err err = ERR_INIT;
    memset(world, 0, sizeof *world);
    state = seed;
    uint32_t edges = roll(4 * NODES);
    uint8_t from[4 * NODES], to[4 * NODES];
    uint32_t flags[4 * NODES];
    for (uint32_t e = 0; e < edges; e++) {
        from[e] = (uint8_t)roll(NODES);
        to[e] = (uint8_t)roll(NODES);
        flags[e] = roll(8) == 0 ? EDGE_BORROWED : roll(4) == 0 ? EDGE_HOLDS : 0;
    }
    CU_ASSERT_FATAL(csr_begin(&world->heap.forward, 0, 0, &err));
    for (uint32_t n = 0; n < NODES; n++) {
        for (uint32_t e = 0; e < edges; e++)
            if (from[e] == n)
                CU_ASSERT_FATAL(csr_add(&world->heap.forward, to[e] | flags[e], &err));
        CU_ASSERT_FATAL(csr_end_node(&world->heap.forward, &err));
        world->sizes[n] = (uint16_t)(1 + roll(1000));
        if (roll(8) == 0)
            world->all |= UINT64_C(1) << n;
    }
    CU_ASSERT_FATAL(csr_finish(&world->heap.forward, &err));
    CU_ASSERT_FATAL(csr_transpose(&world->heap.forward, &world->heap.reverse, 1, NULL, &err));
    world->heap.node_count = NODES;
    world->heap.size16 = world->sizes;
    world->only = ~UINT64_C(0);
    if (roll(4) == 0) { // one that is hidden, as the dict of interned strings is
        uint32_t hidden = roll(NODES);
        world->only &= ~(UINT64_C(1) << hidden);
        world->all &= ~(UINT64_C(1) << hidden);
    }
    world->roots.all = &world->all;
    world->roots.only = &world->only;
}

static void leave(struct world *world)
{
    csr_free(&world->heap.forward);
    csr_free(&world->heap.reverse);
}

// What the sources reach over edges that hold, with one object taken away (NODES: none).
static uint64_t reached(const struct world *world, uint64_t sources, uint64_t within,
                        uint32_t without)
{
    uint64_t seen = sources & within;
    if (without < NODES)
        seen &= ~(UINT64_C(1) << without);
    for (bool more = true; more;) {
        more = false;
        for (uint32_t n = 0; n < NODES; n++) {
            if (!(seen >> n & 1))
                continue;
            for (uint64_t e = csr_first(&world->heap.forward, n);
                 e < csr_end(&world->heap.forward, n); e++) {
                uint32_t to = world->heap.forward.to[e] & EDGE_NODE;
                if (world->heap.forward.to[e] & EDGE_BORROWED || to == without
                    || !(within >> to & 1) || seen >> to & 1)
                    continue;
                seen |= UINT64_C(1) << to;
                more = true;
            }
        }
    }
    return seen;
}

static uint64_t weigh(const struct world *world, uint64_t set)
{
    uint64_t sum = 0;
    for (uint32_t n = 0; n < NODES; n++)
        sum += set >> n & 1 ? world->sizes[n] : 0;
    return sum;
}

static void compare_living(const struct world *world, const struct dominate *d, uint64_t living)
{
    for (uint32_t n = 0; n < NODES; n++) {
        CU_ASSERT_EQUAL(d->dead[0] >> n & 1, !(living >> n & 1) && world->only >> n & 1);
        if (!(living >> n & 1))
            continue;
        uint64_t lost = living & ~reached(world, world->all, world->only, n);
        CU_ASSERT_EQUAL(d->retained[n], weigh(world, lost));
    }
    CU_ASSERT_EQUAL(d->living_bytes, weigh(world, living));
}

// The tops of the dead are those no other dead component leads to: the lowest-numbered object of
// each.
static uint64_t tops_of(const struct world *world, uint64_t dead)
{
    uint64_t tops = 0;
    for (uint32_t n = 0; n < NODES; n++) {
        if (!(dead >> n & 1))
            continue;
        uint64_t mine = reached(world, UINT64_C(1) << n, dead, NODES);
        bool is_top = true;
        for (uint32_t other = 0; other < NODES && is_top; other++) {
            if (!(dead >> other & 1) || other == n)
                continue;
            bool comes = reached(world, UINT64_C(1) << other, dead, NODES) >> n & 1;
            bool goes = mine >> other & 1;
            is_top = !comes || (goes && other > n);
        }
        tops |= is_top ? UINT64_C(1) << n : 0;
    }
    return tops;
}

static void compare_dead(const struct world *world, const struct dominate *d, uint64_t dead)
{
    uint64_t tops = tops_of(world, dead);
    for (uint32_t n = 0; n < NODES; n++) {
        if (!(dead >> n & 1))
            continue;
        uint64_t lost = dead & ~reached(world, tops, dead, n);
        CU_ASSERT_EQUAL(d->retained[n], weigh(world, lost));
    }
    CU_ASSERT_EQUAL(d->dead_bytes, weigh(world, dead));
    CU_ASSERT_EQUAL(d->dead_count, (uint64_t)__builtin_popcountll(dead));
}

static void test_against_removal(void)
{
    for (uint32_t seed = 1; seed <= GRAPHS; seed++) {
        struct err err = ERR_INIT;
        struct world world;
        struct dominate d;
        build(&world, seed);
        UNIT_OK(dominate_find(&d, &world.heap, NULL, &world.roots, NULL, &err), &err);
        uint64_t living = reached(&world, world.all, world.only, NODES);
        compare_living(&world, &d, living);
        compare_dead(&world, &d, ~living & world.only & ((UINT64_C(1) << NODES) - 1));
        dominate_free(&d);
        leave(&world);
    }
}

UNIT_SUITE(dominate, { "as much as falls off when the object is taken away", test_against_removal })
