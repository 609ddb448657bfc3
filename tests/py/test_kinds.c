// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of types: names stand in one row, and a row says what its types are.
#include <string.h>

#include "base/unused.h"
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

// ---- Layouts that lack members, or have all of them at one place

#define OBJECT 0x10000u

struct odd {
    struct segment segment;
    struct target target;
    struct python py;
    struct type type;
    uint8_t data[1 << 16];
    uint64_t bytes;
};

static void odd_begin(struct odd *odd, int32_t place, uint8_t fill, uint32_t version)
{
    odd->segment =
        (struct segment){ OBJECT, OBJECT + sizeof odd->data, odd->data, NULL, SEGMENT_READ, 0, 0 };
    odd->target = (struct target){ .segments = &odd->segment, .segment_count = 1 };
    odd->py = (struct python){ .target = &odd->target, .version = version };
    layout_init(&odd->py.layout);
    const char *name;
    int32_t value;
    for (size_t i = 0; layout_row(&odd->py.layout, i, &name, &value); i++)
        if (strncmp(name, "bits ", 5) != 0)
            *layout_row_at(&odd->py.layout, i) = place;
    odd->py.layout.PyObject_ob_type = 8; // what every layout has
    rules_set(&odd->py.rules, version, &odd->py.layout);
    memset(odd->data, fill, sizeof odd->data);
    odd->type = (struct type){ .basicsize = 64, .itemsize = 8, .is_exact = true };
}

static void odd_full(struct refs *refs)
{
    refs->count = 0;
}

static void odd_block(struct blocks *blocks, UNUSED addr from, uint64_t bytes)
{
    *(uint64_t *)blocks->context += bytes;
}

static char odd_name[] = "odd";

static void odd_ask(struct odd *odd, const struct kind *row)
{
    uint64_t to[16], left = 1 << 12;
    struct refs refs = { .to = to, .capacity = 16, .left = &left, .full = odd_full };
    struct blocks blocks = { .add = odd_block, .context = &odd->bytes, .left = &left };
    struct text text = TEXT_INIT;
    const struct python *py = &odd->py;
    odd->type.value = row;
    odd->type.tp_name = odd->type.name = odd_name;
    if (row->refs)
        row->refs(py, &odd->type, OBJECT + 64, odd->data + 64, &refs);
    if (row->size)
        odd->bytes += row->size(py, &odd->type, OBJECT + 64, odd->data + 64);
    if (row->excess)
        odd->bytes += row->excess(py, &odd->type, odd->data + 64);
    if (row->counted)
        odd->bytes += row->counted(py, &odd->type, OBJECT + 64, odd->data + 64);
    if (row->blocks)
        row->blocks(py, &odd->type, OBJECT + 64, odd->data + 64, &blocks);
    if (row->preview)
        row->preview(py, &odd->type, OBJECT + 64, odd->data + 64, 60, &text);
    CU_ASSERT(text_ok(&text, NULL));
    text_fini(&text);
}

// Nothing is divided by what a layout says, and nothing is read elsewhere than in a view: a signal tells.
static void test_odd_layouts(void)
{
    static struct odd odd;
    static const int32_t places[] = { LAYOUT_NONE, 0, 8, 24 };
    static const uint32_t versions[] = { PYVER(2, 7, 18), PYVER(3, 8, 1), PYVER(3, 11, 2),
                                         PYVER(3, 14, 2) };
    static const uint8_t fills[] = { 0, 1, 0xff };
    for (size_t v = 0; v < sizeof versions / sizeof *versions; v++)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++)
            for (size_t f = 0; f < sizeof fills; f++) {
                odd_begin(&odd, places[p], fills[f], versions[v]);
                CU_ASSERT_TRUE_FATAL(types_new(&odd.py.types, NULL));
                for (size_t t = 0; kind_tables[t]; t++)
                    for (const struct kind *row = kind_tables[t]; row->names; row++)
                        odd_ask(&odd, row);
                types_free(odd.py.types);
            }
}

UNIT_SUITE(kinds, { "a name stands in one row", test_names_once },
           { "rows say what their types are", test_traits },
           { "subclasses have it too", test_inherited },
           { "layouts that lack members", test_odd_layouts })
