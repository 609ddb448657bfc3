// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of types: names stand in one row, and a row says what its types are.
#include <string.h>

#include "py/kinds/kind.h"
#include "py/objects/type.h"
#include "unit.h"

static void test_names_once(void)
{
    for (size_t t = 0; kind_tables[t]; t++)
        for (const struct kind *row = kind_tables[t]; row->names; row++) {
            char name[200];
            for (const char *at = row->names; *at; at += strspn(at, " ")) {
                size_t size = strcspn(at, " ");
                CU_ASSERT_FATAL(size < sizeof name);
                memcpy(name, at, size);
                name[size] = 0;
                at += size;
                CU_ASSERT_PTR_EQUAL(kind_find(name), row);
                CU_ASSERT(kind_serves(row, name));
            }
        }
    CU_ASSERT_PTR_NULL(kind_find("generators"));
    CU_ASSERT_PTR_NULL(kind_find(""));
}

static void test_traits(void)
{
    static const struct {
        const char *name;
        traits traits;
    } rows[] = {
        { "dict", TRAIT_DICT },
        { "collections.OrderedDict", TRAIT_ORDERED_DICT },
        { "frozenset", TRAIT_FROZENSET },
        { "unicode", TRAIT_TEXT },
        { "bool", TRAIT_BOOL },
        { "long", TRAIT_INT },
        { "instancemethod", TRAIT_METHOD },
        { "async_generator", TRAIT_ASYNC_GENERATOR },
        { "getset_descriptor", TRAIT_GETSET_DESCRIPTOR },
        { "weakref.ProxyType", TRAIT_WEAK },
        { "_asyncio.Task", TRAIT_TASK },
        { "dict_keys", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_EQUAL(kind_find(rows[i].name)->traits, rows[i].traits);
}

static void test_inherited(void)
{
    struct type list = { .value = kind_find("list"), .is_exact = true };
    struct type derived = { .value = kind_find("list") };
    CU_ASSERT(type_is(&list, TRAIT_LIST | TRAIT_TUPLE) && type_is(&derived, TRAIT_LIST));
    CU_ASSERT(type_is_exact(&list, TRAIT_LIST) && !type_is_exact(&derived, TRAIT_LIST));
    CU_ASSERT(!type_is(&list, TRAIT_ANY_DICT) && !type_is(NULL, TRAIT_LIST));
    CU_ASSERT(!kind_serves(kind_find("list"), "lis") && !kind_serves(kind_find("list"), ""));
}

UNIT_SUITE(kinds, { "a name stands in one row", test_names_once },
           { "rows say what their types are", test_traits },
           { "subclasses have it too", test_inherited })
