// SPDX-License-Identifier: GPL-3.0-or-later
// Questions about retained sizes, on trees drawn by hand.
//
//      0 (100) -+- 1 (60) -+- 2 (50) --- 3 (45)
//               |          +- 4 (5)
//               +- 5 (20) --- 6 (10)
//      7 (3)
#include <stdlib.h>
#include <string.h>

#include "heap/analysis/group.h"
#include "heap/analysis/retain.h"
#include "unit.h"

#define NODES 8

static uint32_t parents[NODES] = { DOM_ROOT, 0, 1, 2, 1, 0, 5, DOM_ROOT };
static uint64_t retained[NODES] = { 100, 60, 50, 45, 5, 20, 10, 3 };
static uint16_t sizes[NODES] = { 20, 5, 5, 45, 5, 10, 10, 3 };

struct tree {
    struct heap heap;
    struct dominate dominate;
    struct csr children;
};

static void tree_grow(struct tree *tree)
{
    struct err err = ERR_INIT;
    memset(tree, 0, sizeof *tree);
    tree->heap.node_count = NODES;
    tree->heap.size16 = sizes;
    tree->dominate.parent = parents;
    tree->dominate.retained = retained;
    const struct dom dom = { .node_count = NODES, .parent = parents };
    UNIT_OK(dom_children(&dom, &tree->children, &err), &err);
}

static void test_walks(void)
{
    struct tree tree;
    tree_grow(&tree);
    CU_ASSERT_EQUAL(retain_parent(&tree.dominate, 3), 2);
    CU_ASSERT_EQUAL(retain_parent(&tree.dominate, 0), NODE_NONE);
    CU_ASSERT_EQUAL(retain_greatest_child(&tree.dominate, &tree.children, 0), 1);
    CU_ASSERT_EQUAL(retain_greatest_child(&tree.dominate, &tree.children, 7), NODE_NONE);
    CU_ASSERT_EQUAL(retain_accumulates(&tree.dominate, &tree.children, 0), 3);
    CU_ASSERT_EQUAL(retain_accumulates(&tree.dominate, &tree.children, 5), 5);
    CU_ASSERT_FALSE(retain_drops_at(&tree.dominate, &tree.children, 1)); // 50 of 60 are one child's
    CU_ASSERT_FALSE(retain_drops_at(&tree.dominate, &tree.children, 5)); // it has one alone
    csr_free(&tree.children);
}

static void test_top(void)
{
    struct err err = ERR_INIT;
    struct tree tree;
    struct retain_top top;
    static const node greatest[] = { 0, 1, 2 };
    tree_grow(&tree);
    UNIT_OK(retain_top_init(&top, &tree.dominate, 3, &err), &err);
    for (node n = NODES; n-- > 0;)
        retain_top_add(&top, n);
    retain_top_sort(&top);
    CU_ASSERT_EQUAL(top.met, NODES);
    CU_ASSERT_EQUAL_FATAL(top.count, 3);
    CU_ASSERT_EQUAL(memcmp(top.items, greatest, sizeof greatest), 0);
    retain_top_fini(&top);
    csr_free(&tree.children);
}

// Group 0 has 0 and 3 (one inside of the other), group 1 has 2 and 6; the others have none.
static void test_sums(void)
{
    struct err err = ERR_INIT;
    struct tree tree;
    uint32_t of[NODES] = { 0, UINT32_MAX, 1, 0, UINT32_MAX, UINT32_MAX, 1, UINT32_MAX };
    uint64_t sums[2] = { 0, 0 };
    tree_grow(&tree);
    const struct retain_sources sources = { .heap = &tree.heap,
                                            .dominate = &tree.dominate,
                                            .children = &tree.children };
    UNIT_OK(retain_sum(&sources, of, 2, sums, &err), &err);
    CU_ASSERT_EQUAL(sums[0], 100);
    CU_ASSERT_EQUAL(sums[1], 60);
    csr_free(&tree.children);
}

static void test_groups(void)
{
    struct err err = ERR_INIT;
    struct tree tree;
    uint32_t of[NODES] = { 0, 0, 1, 1, 1, 0, NAMES_NONE, 0 };
    const struct groups groups = { .of = of, .count = 3 };
    const uint64_t only = 0x5f; // all but 5 and 7
    tree_grow(&tree);
    struct group_sum *sums = groups_sum(&groups, &tree.heap, &only, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sums);
    CU_ASSERT(sums[0].objects == 2 && sums[0].bytes == 25 && sums[0].largest == 0);
    CU_ASSERT(sums[1].objects == 3 && sums[1].bytes == 55 && sums[1].largest == 3);
    CU_ASSERT(!sums[2].objects && sums[2].largest == NODE_NONE);
    free(sums);
    csr_free(&tree.children);
}

UNIT_SUITE(retain, { "up and down the dominator tree", test_walks },
           { "the greatest, in order", test_top },
           { "what is in a group's own dominator counts once", test_sums },
           { "sums of groups, of the objects asked for", test_groups })
