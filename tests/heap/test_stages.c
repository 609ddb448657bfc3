// SPDX-License-Identifier: GPL-3.0-or-later
// The stages of a dry run whose fates are given.
//
//      0 held --> 1 reachable      2 <-> 3 freed      4 uncertain      5 uncollectable      6 none
#include <stdlib.h>
#include <string.h>

#include "heap/analysis/stages.h"
#include "heap/saved/skeleton.h"
#include "unit.h"

#define NODES 7

static uint8_t fates[NODES] = { FATE_REACHABLE, FATE_REACHABLE,     FATE_FREED, FATE_FREED,
                                FATE_UNCERTAIN, FATE_UNCOLLECTABLE, FATE_NONE };
static int16_t refs[NODES] = { 1, 0, 0, 0, 0, 0, REFS_NONE };
static uint16_t sizes[NODES] = { 1, 2, 4, 8, 16, 32, 64 };
static uint8_t flags[NODES];

struct staged {
    struct heap heap;
    struct collection run;
    struct skeleton skeleton; // there are no values
};

static void stage_set(struct staged *s)
{
    static const uint32_t edges[][2] = { { 0, 1 }, { 2, 3 }, { 3, 2 }, { 6, 2 } };
    struct err err = ERR_INIT;
    memset(s, 0, sizeof *s);
    s->heap.skeleton = &s->skeleton;
    s->heap.node_count = NODES;
    s->heap.size16 = sizes;
    s->heap.flags = flags;
    s->run = (struct collection){ .fate = fates, .refs = refs, .interpreter = -1 };
    UNIT_OK(csr_begin(&s->heap.forward, 0, 0, &err), &err);
    for (node n = 0; n < NODES; n++) {
        for (size_t e = 0; e < sizeof edges / sizeof *edges; e++)
            if (edges[e][0] == n)
                UNIT_OK(csr_add(&s->heap.forward, edges[e][1], &err), &err);
        UNIT_OK(csr_end_node(&s->heap.forward, &err), &err);
    }
    UNIT_OK(csr_finish(&s->heap.forward, &err), &err);
}

static void test_stages(void)
{
    static const uint64_t bytes[STAGES_COUNT] = {
        [STAGE_CANDIDATES] = 63,  [STAGE_OUTSIDE] = 1,        [STAGE_REACHABLE] = 2,
        [STAGE_UNREACHABLE] = 60, [STAGE_UNCOLLECTABLE] = 32, [STAGE_WEAKREFS] = 0,
        [STAGE_UNCERTAIN] = 16,   [STAGE_FREED] = 12,
    };
    struct err err = ERR_INIT;
    struct staged s;
    stage_set(&s);
    for (enum stage stage = 0; stage < STAGES_COUNT; stage++) {
        if (stage == STAGE_FINALIZERS) // asks for types
            continue;
        struct stage_sum sum = stage_sum(&s.heap, &s.run, stage);
        uint64_t *marks = stage_marks(&s.heap, &s.run, stage, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(marks);
        CU_ASSERT_EQUAL(sum.bytes, bytes[stage]);
        CU_ASSERT_EQUAL(sum.count, (uint64_t)__builtin_popcountll(bytes[stage]));
        CU_ASSERT_EQUAL(*marks, bytes[stage]); // an object's size is its mark
        free(marks);
    }
    csr_free(&s.heap.forward);
}

static void test_unknown(void)
{
    struct staged s;
    stage_set(&s);
    CU_ASSERT_FALSE(stage_is_known(&s.heap, STAGE_WEAKREFS)); // without values
    CU_ASSERT(stage_is_known(&s.heap, STAGE_FREED));
    s.heap.skeleton = NULL;
    CU_ASSERT(stage_is_known(&s.heap, STAGE_WEAKREFS));
    csr_free(&s.heap.forward);
}

static void test_cost(void)
{
    struct staged s;
    stage_set(&s);
    CU_ASSERT_EQUAL(stages_subtracted(&s.heap, &s.run), 3); // that from 6 counts as from outside
    CU_ASSERT_DOUBLE_EQUAL(stages_seconds(1000000, 0), 0.055, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(stages_seconds(0, 1000000), 0.080, 1e-9);
    csr_free(&s.heap.forward);
}

UNIT_SUITE(stages, { "who is at each of them", test_stages },
           { "weak references are unknown without values", test_unknown },
           { "references between candidates, and their cost", test_cost })
