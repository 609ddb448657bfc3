// SPDX-License-Identifier: GPL-3.0-or-later
// What the kinds of findings share, by itself: the tree laid out, groups, files of libraries, the
// table.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "finding/finding.h"
#include "finding/buckets.h"
#include "finding/tree.h"
#include "finding/root_paths.h"
#include "unit.h"

// 0 is on top, holds 1 and 4; 1 holds 2 and 3; 5 is a root's own too; 6 is hidden.
static void test_tree(void)
{
    uint32_t parent[] = { DOM_ROOT, 0, 1, 1, 0, DOM_ROOT, DOM_NONE };
    struct heap heap = { .node_count = 7 };
    struct dominate dominate = { .parent = parent };
    struct tree tree;
    struct err err = ERR_INIT;
    CU_ASSERT_FATAL(tree_build(&tree, &heap, &dominate, NULL, &err));
    CU_ASSERT_EQUAL(tree.count, 6);
    for (node n = 0; n < 6; n++)
        CU_ASSERT_EQUAL(tree.order[tree.number[n]], n);
    CU_ASSERT_EQUAL(tree.number[6], NODE_NONE);
    CU_ASSERT_EQUAL(tree.end[tree.number[0]] - tree.number[0], 5);
    CU_ASSERT_EQUAL(tree.end[tree.number[1]] - tree.number[1], 3);
    for (node above = 0; above < 7; above++)
        for (node below = 0; below < 7; below++) {
            bool is = false;
            for (uint32_t at = below; at != DOM_ROOT && at != DOM_NONE; at = parent[at])
                is |= at == above && above != 6;
            CU_ASSERT_EQUAL(tree_dominates(&tree, above, below), is);
        }
    tree_free(&tree);
}

// A chain of a million: no recursion.
static void test_deep_tree(void)
{
    enum { LENGTH = 1000000 };
    uint32_t *parent = malloc(LENGTH * sizeof *parent);
    CU_ASSERT_FATAL(parent != NULL);
    for (uint32_t i = 0; i < LENGTH; i++)
        parent[i] = i ? i - 1 : DOM_ROOT;
    struct heap heap = { .node_count = LENGTH };
    struct dominate dominate = { .parent = parent };
    struct tree tree;
    struct err err = ERR_INIT;
    CU_ASSERT_FATAL(tree_build(&tree, &heap, &dominate, NULL, &err));
    CU_ASSERT_TRUE(tree_dominates(&tree, 0, LENGTH - 1));
    CU_ASSERT_FALSE(tree_dominates(&tree, LENGTH - 1, 0));
    tree_free(&tree);
    free(parent);
}

static void test_groups(void)
{
    struct buckets groups = { 0 };
    struct bucket *group;
    struct err err = ERR_INIT;
    CU_ASSERT_TRUE(buckets_add(&groups, 7, 1, 10, &group, &err));
    CU_ASSERT_TRUE(buckets_add(&groups, 8, 2, 100, NULL, &err));
    CU_ASSERT_TRUE(buckets_add(&groups, 7, 3, 20, &group, &err));
    CU_ASSERT_EQUAL(group->count, 2);
    CU_ASSERT_EQUAL(group->bytes, 30);
    CU_ASSERT_EQUAL(group->largest, 3);
    buckets_sort(&groups);
    CU_ASSERT_EQUAL(groups.count, 2);
    CU_ASSERT_EQUAL(groups.items[0].key, 8);
    buckets_free(&groups);
}

// A type may be called anything; in the next command it stays one word.
static void test_quote(void)
{
    struct findings findings = { 0 };
    arena_init(&findings.arena);
    struct finder finder = { .out = &findings };
    CU_ASSERT_STRING_EQUAL(finder_quote(&finder, "shop.orders.Order"), "shop.orders.Order");
    CU_ASSERT_STRING_EQUAL(finder_quote(&finder, "Row -g 2"), "'Row -g 2'");
    CU_ASSERT_STRING_EQUAL(finder_quote(&finder, "it's"), "'it'\\''s'");
    arena_fini(&findings.arena);
}

static void test_libraries(void)
{
    static const char standard[] = "/usr/lib/python3.11";
    CU_ASSERT_TRUE(root_paths_is_library("/usr/lib/python3.11/json/__init__.py", standard));
    CU_ASSERT_TRUE(
        root_paths_is_library("/srv/venv/lib/python3.11/site-packages/x/y.py", standard));
    CU_ASSERT_TRUE(root_paths_is_library("/usr/lib/python3/dist-packages/x.py", standard));
    CU_ASSERT_TRUE(root_paths_is_library("<frozen importlib._bootstrap>", standard));
    CU_ASSERT_TRUE(root_paths_is_library(NULL, standard)); // built in
    CU_ASSERT_FALSE(root_paths_is_library("/usr/lib/python3.11x/app.py", standard));
    CU_ASSERT_FALSE(root_paths_is_library("/srv/app/models.py", standard));
    CU_ASSERT_FALSE(root_paths_is_library("app.py", NULL));
}

static void test_table(void)
{
    for (size_t i = 0; finding_kinds[i]; i++) {
        const struct finding_kind *kind = finding_kinds[i];
        CU_ASSERT_PTR_EQUAL(finding_kind_find(kind->name), kind); // each name once
        CU_ASSERT_TRUE(kind->help && *kind->help && kind->help[strlen(kind->help) - 1] != '.');
        CU_ASSERT_PTR_NOT_NULL(kind->find);
    }
    CU_ASSERT_PTR_NULL(finding_kind_find("nonsense"));
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        enum severity severity;
        CU_ASSERT_TRUE(severity_find(severity_name((enum severity)i), &severity));
        CU_ASSERT_EQUAL(severity, i);
    }
}

UNIT_SUITE(finding, { "the tree in order", test_tree }, { "a deep tree", test_deep_tree },
           { "groups", test_groups }, { "names as words", test_quote },
           { "files of libraries", test_libraries }, { "the table of kinds", test_table })
