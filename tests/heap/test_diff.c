// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing pasts made of literals: what tells that an address was used again, version by version.
#include <string.h>

#include "heap/analysis/diff.h"
#include "unit.h"

#define OBJECTS 8

enum { NODE_TYPE, DICT_TYPE, STR_TYPE, TYPES };

struct moment { // a heap of a few objects, and the collector's counts
    struct baseline past;
    addr at[OBJECTS];
    uint32_t type[OBJECTS];
    uint64_t value[OBJECTS];
    uint8_t gen[OBJECTS];
    node young[OBJECTS];
    struct baseline_type types[TYPES];
    struct baseline_collector collector;
};

static void begin(struct moment *m)
{
    memset(m, 0, sizeof *m);
    m->types[NODE_TYPE] = (struct baseline_type){ .name = "app.Node", .module = 3, .at = 0x100 };
    m->types[DICT_TYPE] =
        (struct baseline_type){ .name = "dict", .at = 0x200, .is_retracked = true };
    m->types[STR_TYPE] = (struct baseline_type){ .name = "str", .at = 0x300 };
    m->collector.known = true;
    m->collector.young = m->young;
    m->past = (struct baseline){
        .at = m->at,
        .type = m->type,
        .value = m->value,
        .gen = m->gen,
        .types = m->types,
        .type_count = TYPES,
        .collectors = &m->collector,
        .collector_count = 1,
        .has_generations = true,
        .has_counts = true,
        .version = 0x030c00f0,
        .pid = 7,
        .has_run = true,
    };
}

static void add(struct moment *m, addr at, uint32_t type, uint8_t gen, uint64_t value)
{
    uint32_t n = m->past.count++;
    m->at[n] = at;
    m->type[n] = type;
    m->gen[n] = gen;
    m->value[n] = value;
    m->types[type].count++;
}

static enum diff_verdict verdict(const struct moment *a, const struct moment *b)
{
    struct err err = ERR_INIT;
    struct diff diff;
    UNIT_OK(diff_find(&diff, &a->past, &b->past, false, NULL, &err), &err);
    CU_ASSERT_TRUE_FATAL(diff.same_process);
    enum diff_verdict answer = (enum diff_verdict)diff.verdict[0];
    diff_free(&diff);
    return answer;
}

// One object that is at the same address in both, by its generations and the collections between.
static enum diff_verdict aged(uint32_t type, uint8_t from, uint8_t to, const uint64_t ran[3],
                              bool incremental)
{
    struct moment a, b;
    begin(&a);
    begin(&b);
    add(&a, 0x1000, type, from, 0);
    add(&b, 0x1000, type, to, 0);
    memcpy(b.collector.collections, ran, sizeof b.collector.collections);
    a.past.is_incremental = b.past.is_incremental = incremental;
    return verdict(&a, &b);
}

static void test_ages(void)
{
    static const uint64_t none[3] = { 0 }, young[3] = { 1, 0, 0 }, middle[3] = { 0, 1, 0 },
                          full[3] = { 0, 0, 1 };
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_0, GEN_0, young, false), DIFF_REUSED);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_0, GEN_1, young, false), DIFF_MAYBE);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_1, GEN_1, young, false), DIFF_MAYBE);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_2, GEN_2, young, false), DIFF_SAME);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_2, GEN_1, young, false), DIFF_REUSED);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_0, GEN_1, middle, false), DIFF_REUSED);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_0, GEN_2, middle, false), DIFF_MAYBE);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_1, GEN_1, full, false), DIFF_REUSED);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_1, GEN_1, none, false), DIFF_SAME);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_0, GEN_NONE, full, false), DIFF_MAYBE);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_PERMANENT, GEN_0, none, false), DIFF_REUSED);
    CU_ASSERT_EQUAL(aged(DICT_TYPE, GEN_2, GEN_0, full, false), DIFF_MAYBE);
    // 3.14.0: the old spaces change places
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_2, GEN_1, middle, true), DIFF_MAYBE);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_2, GEN_0, middle, true), DIFF_REUSED);
    CU_ASSERT_EQUAL(aged(NODE_TYPE, GEN_0, GEN_0, young, true), DIFF_REUSED);
}

static enum diff_verdict valued(uint64_t before, uint64_t after)
{
    struct moment a, b;
    begin(&a);
    begin(&b);
    add(&a, 0x1000, STR_TYPE, GEN_NONE, before);
    add(&b, 0x1000, STR_TYPE, GEN_NONE, after);
    return verdict(&a, &b);
}

static void test_values(void)
{
    CU_ASSERT_EQUAL(valued(5, 5), DIFF_SAME);
    CU_ASSERT_EQUAL(valued(5, 7), DIFF_REUSED);
    CU_ASSERT_EQUAL(valued(4, 4), DIFF_MAYBE); // only a part of it was looked at
    CU_ASSERT_EQUAL(valued(4, 6), DIFF_REUSED);
    CU_ASSERT_EQUAL(valued(0, 5), DIFF_MAYBE); // it could not be read
}

// No collection: what is behind the first newcomer in the young list is new, dicts aside.
static void test_order(void)
{
    struct moment a, b;
    struct err err = ERR_INIT;
    struct diff diff;
    begin(&a);
    begin(&b);
    for (addr at = 0x1000; at < 0x1500; at += 0x100) {
        add(&a, at, at == 0x1400 ? DICT_TYPE : NODE_TYPE, GEN_0, 0);
        add(&b, at, at == 0x1400 ? DICT_TYPE : NODE_TYPE, GEN_0, 0);
    }
    add(&b, 0x1600, NODE_TYPE, GEN_0, 0);
    static const node before[] = { 0, 1, 2, 3, 4 }, after[] = { 0, 2, 1, 5, 3, 4 };
    memcpy(a.young, before, sizeof before);
    memcpy(b.young, after, sizeof after);
    a.collector.young_count = 5;
    b.collector.young_count = 6;
    UNIT_OK(diff_find(&diff, &a.past, &b.past, false, NULL, &err), &err);
    static const enum diff_verdict expected[] = { DIFF_MAYBE,  DIFF_REUSED, DIFF_MAYBE,
                                                  DIFF_REUSED, DIFF_MAYBE,  DIFF_NEW };
    for (node n = 0; n < 6; n++)
        CU_ASSERT_EQUAL(diff.verdict[n], expected[n]);
    CU_ASSERT_EQUAL(diff.fresh, 3);
    CU_ASSERT_EQUAL(diff.gone, 2);
    CU_ASSERT_EQUAL(diff.reused, 2);
    CU_ASSERT_EQUAL(diff.maybe, 3);
    diff_free(&diff);
}

static void test_addresses(void)
{
    struct moment a, b;
    struct err err = ERR_INIT;
    struct diff diff;
    begin(&a);
    begin(&b);
    add(&a, 0x1000, NODE_TYPE, GEN_2, 0);
    add(&a, 0x1100, STR_TYPE, GEN_NONE, 5);
    add(&a, 0x1300, NODE_TYPE, GEN_2 | BASELINE_LASTS, 0);
    add(&b, 0x1100, NODE_TYPE, GEN_0, 0);
    add(&b, 0x1200, NODE_TYPE, GEN_0, 0);
    add(&b, 0x1300, NODE_TYPE, GEN_2 | BASELINE_LASTS, 0);
    UNIT_OK(diff_find(&diff, &a.past, &b.past, false, NULL, &err), &err);
    CU_ASSERT_EQUAL(diff.verdict[0], DIFF_REUSED); // of another type
    CU_ASSERT_EQUAL(diff.verdict[1], DIFF_NEW);
    CU_ASSERT_EQUAL(diff.verdict[2], DIFF_SAME);
    CU_ASSERT_EQUAL(diff.was[0], 1);
    CU_ASSERT_EQUAL(diff.was[1], NODE_NONE);
    CU_ASSERT_EQUAL(diff.fresh, 2);
    CU_ASSERT_EQUAL(diff.gone, 2);
    diff_free(&diff);
}

static void test_processes(void)
{
    struct moment a, b;
    char why[200];
    begin(&a);
    begin(&b);
    CU_ASSERT_TRUE(baseline_same_process(&a.past, &b.past, why, sizeof why));
    CU_ASSERT_STRING_EQUAL(why, "one process: the same exec");
    b.past.pid = 8;
    CU_ASSERT_TRUE(baseline_same_process(&a.past, &b.past, why, sizeof why));
    CU_ASSERT_STRING_EQUAL(why, "forks of one process (pids 7 and 8)");
    b.past.run[3] = 1;
    CU_ASSERT_FALSE(baseline_same_process(&a.past, &b.past, why, sizeof why));
    b.past.has_run = false;
    CU_ASSERT_TRUE(baseline_same_process(&a.past, &b.past, why, sizeof why));
    b.past.program = 0x1000;
    CU_ASSERT_FALSE(baseline_same_process(&a.past, &b.past, why, sizeof why));
}

UNIT_SUITE(diff, { "ages", test_ages }, { "values", test_values },
           { "the order of the young", test_order }, { "addresses", test_addresses },
           { "one process or two", test_processes })
