// SPDX-License-Identifier: GPL-3.0-or-later
// The text form of a layout: what is read, what is refused, and that writing and reading give the
// same.
#include "layout/layout.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define HEAD "version 0x030b02f0\nPyObject.ob_type 8 8\n"

static bool parse(struct layout *layout, const char *text, struct err *err)
{
    return layout_parse(layout, text, strlen(text), "t.layout", err);
}

static void test_empty_is_unknown(void)
{
    static struct layout layout;
    memset(&layout, 'x', sizeof layout);
    layout_init(&layout);
    CU_ASSERT_EQUAL(layout.version, 0);
    CU_ASSERT_EQUAL(layout.sizeof_PyObject, LAYOUT_NONE);
    CU_ASSERT_EQUAL(layout.PyListObject_ob_item, LAYOUT_NONE);
    CU_ASSERT_EQUAL(layout.FRAME_CLEARED, CONSTANT_NONE);
    CU_ASSERT_EQUAL(layout.sym_interned, 0);
    CU_ASSERT_STRING_EQUAL(layout.machine, "");
}

static void test_reads_every_kind_of_line(void)
{
    static struct layout layout;
    struct err err = ERR_INIT;
    UNIT_OK(parse(&layout,
                  "# made by hand\n"
                  "version 0x030d00f0\n"
                  "machine x86_64\n"
                  "free_threaded 0\r\n"
                  "debug 1   # a comment\n"
                  "source DWARF of /usr/bin/python3.13 # not a comment\n"
                  "\n"
                  "PyObject 16\n"
                  "PyObject.ob_type 8 8\n"
                  "\t PyListObject.ob_item  24\n"
                  "constant FRAME_CREATED -1\n"
                  "symbol interned 0xa7f0c0\n"
                  "PyASCIIObject.state_kind 49 4\n"
                  "bits PyASCIIObject.state_kind 0 3\n"
                  "bits PyListObject.ob_item 0 3\n" // has no such row
                  "PyListObject.allocated 32",
                  &err),
            &err);
    CU_ASSERT_EQUAL(layout.version, 0x030d00f0);
    CU_ASSERT_STRING_EQUAL(layout.machine, "x86_64");
    CU_ASSERT_FALSE(layout.free_threaded);
    CU_ASSERT_TRUE(layout.debug);
    CU_ASSERT_STRING_EQUAL(layout.source, "DWARF of /usr/bin/python3.13 # not a comment");
    CU_ASSERT_EQUAL(layout.sizeof_PyObject, 16);
    CU_ASSERT_EQUAL(layout.PyObject_ob_type, 8);
    CU_ASSERT_EQUAL(layout.PyListObject_ob_item, 24);
    CU_ASSERT_EQUAL(layout.PyListObject_allocated, 32);
    CU_ASSERT_EQUAL(layout.FRAME_CREATED, -1);
    CU_ASSERT_EQUAL(layout.sym_interned, 0xa7f0c0);
    CU_ASSERT_EQUAL(layout.PyASCIIObject_state_kind, 49);
    CU_ASSERT_EQUAL(layout.bits_PyASCIIObject_state_kind, LAYOUT_BITS(0, 3));
    CU_ASSERT_EQUAL(layout.bits_PyASCIIObject_state_ascii, LAYOUT_NONE);
    CU_ASSERT_EQUAL(layout.PyTupleObject_ob_item, LAYOUT_NONE);
}

static void test_skips_names_it_does_not_know(void)
{
    static struct layout layout;
    struct err err = ERR_INIT;
    UNIT_OK(
        parse(&layout, HEAD "PyFutureObject.zz 8 8\nconstant ZZ 4\nsymbol zz 0x10\nzz 77\n", &err),
        &err);
    CU_ASSERT_EQUAL(layout.PyObject_ob_type, 8);
}

static void test_a_constant_is_no_offset(void)
{
    static struct layout layout;
    struct err err = ERR_INIT;
    UNIT_OK(parse(&layout, HEAD "FRAME_CLEARED 4\nconstant PyListObject.ob_item 9\n", &err), &err);
    CU_ASSERT_EQUAL(layout.FRAME_CLEARED, CONSTANT_NONE);
    CU_ASSERT_EQUAL(layout.PyListObject_ob_item, LAYOUT_NONE);
}

static void test_refuses_bad_lines(void)
{
    static const struct {
        const char *text;
        const char *sentence; // part of it
    } bad[] = {
        { "", "no version" },
        { "version 0x030b02f0\n", "PyObject.ob_type is missing" },
        { "version 3.11\n" HEAD, "line 1: not a version of CPython: 3.11" },
        { "version 0x040b02f0\n", "line 1: not a version of CPython" },
        { HEAD "PyListObject.ob_item\n", "line 3: a value is missing after: PyListObject.ob_item" },
        { HEAD "PyListObject.ob_item -8\n", "line 3: not an offset: -8" },
        { HEAD "PyListObject.ob_item 24x\n", "line 3: not an offset: 24x" },
        { HEAD "PyListObject.ob_item 1048577\n", "line 3: not an offset: 1048577" },
        { HEAD "PyListObject.ob_item 99999999999999999999\n", "line 3: not an offset" },
        { HEAD "PyListObject 40\nPyListObject.ob_item 41\n",
          "PyListObject.ob_item lies at 41, beyond its struct of 40 bytes" },
        { HEAD "BLOCK.data 8\nBLOCK.rightlink 8\n",
          "BLOCK.rightlink (8) leaves no room after BLOCK.data (8)" },
        { HEAD "constant FRAME_CLEARED\n", "line 3: a value is missing after: FRAME_CLEARED" },
        { HEAD "constant FRAME_CLEARED four\n", "line 3: not a number: four" },
        { HEAD "bits PyASCIIObject.state_kind 2\n", "line 3: a value is missing after" },
        { HEAD "bits PyASCIIObject.state_kind 8 1\n", "line 3: no bits of a word" },
        { HEAD "bits PyASCIIObject.state_kind 2 65\n", "line 3: no bits of a word" },
        { HEAD "symbol interned 0\n", "line 3: not an address: 0" },
        { HEAD "debug yes\n", "line 3: neither 0 nor 1: yes" },
        { HEAD "machine a_machine_of_a_long_name\n", "line 3: not a machine" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        static struct layout layout;
        struct err err = ERR_INIT;
        CU_ASSERT_FALSE(parse(&layout, bad[i].text, &err));
        CU_ASSERT_EQUAL(err.kind, ERR_FORMAT);
        if (!strstr(err.text, bad[i].sentence))
            fprintf(stderr, "  row %zu: %s\n", i, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad[i].sentence));
        CU_ASSERT_EQUAL(layout.version, 0);
        CU_ASSERT_EQUAL(layout.PyObject_ob_type, LAYOUT_NONE);
    }
}

static void test_refuses_what_is_no_text(void)
{
    static struct layout layout;
    struct err err = ERR_INIT;
    char text[1000];
    memset(text, 'a', sizeof text);
    CU_ASSERT_FALSE(layout_parse(&layout, text, sizeof text, "t.layout", &err));
    CU_ASSERT_FALSE(layout_parse(&layout, "version\0", 8, "t.layout", &err));
    size_t size = (1 << 20) + 1;
    char *large = calloc(size, 1);
    memset(large, '\n', size);
    CU_ASSERT_FALSE(layout_parse(&layout, large, size, "t.layout", &err));
    CU_ASSERT_FALSE(layout_parse(&layout, large, 30000, "t.layout", &err)); // 30000 lines
    free(large);
}

static void test_roundtrip(void)
{
    static struct layout layout, again;
    struct err err = ERR_INIT;
    layout_init(&layout);
    layout.version = 0x030e00c2;
    layout.free_threaded = true;
    layout.rows = layout_rows();
    strcpy(layout.machine, "aarch64");
    strcpy(layout.source, "a test");
    const char *name;
    int32_t value;
    uint64_t address;
    size_t n = 0;
    for (; layout_row(&layout, n, &name, &value); n++)
        if (n % 3 == 0
            && strchr(name, '.')) // sizes are the next lines' business: members lie within
            *layout_row_at(&layout, n) = strchr(name, ' ') ? LAYOUT_BITS(n & 7, 3) : (int32_t)n;
    layout.FRAME_CREATED = -3;
    layout.bits_PyASCIIObject_state_kind = LAYOUT_BITS(7, 64);
    layout.PyObject_ob_type = 24;
    layout.sym_arenas = 0x123456789abc;
    CU_ASSERT(n > 1000);
    CU_ASSERT_PTR_NULL(layout_row_at(&layout, n));

    char path[] = "/tmp/ouro-layout-XXXXXX";
    close(mkstemp(path));
    UNIT_OK(layout_write(&layout, path, &err), &err);
    UNIT_OK(layout_read(&again, path, &err), &err);
    unlink(path);
    CU_ASSERT_EQUAL(again.version, layout.version);
    CU_ASSERT_EQUAL(again.rows, layout_rows());
    CU_ASSERT_TRUE(again.free_threaded);
    CU_ASSERT_STRING_EQUAL(again.machine, "aarch64");
    CU_ASSERT_STRING_EQUAL(again.source, "a test");
    for (size_t i = 0; i < n; i++)
        CU_ASSERT_EQUAL(*layout_row_at(&again, i), *layout_row_at(&layout, i));
    for (size_t i = 0; layout_symbol(&again, i, &name, &address); i++)
        CU_ASSERT_EQUAL(address, strcmp(name, "arenas") == 0 ? 0x123456789abc : 0);
}

// A member lies in its struct with all of its bytes; an array may begin where the struct ends.
static void test_members_lie_within(void)
{
    static struct layout layout;
    struct err err = ERR_INIT;
    CU_ASSERT_TRUE(parse(&layout, HEAD "PyCodeObject 20\nPyCodeObject.co_nlocals 16\n", &err));
    CU_ASSERT_FALSE(parse(&layout, HEAD "PyCodeObject 20\nPyCodeObject.co_nlocals 17\n", &err));
    CU_ASSERT_FALSE(parse(&layout, HEAD "PyListObject 20\nPyListObject.ob_item 16\n", &err));
    CU_ASSERT_TRUE(
        parse(&layout, HEAD "PyCodeObject 20\nPyCodeObject.co_code_adaptive 20\n", &err));
}

static void test_files_that_cannot_be_read(void)
{
    static struct layout layout;
    struct err err = ERR_INIT;
    CU_ASSERT_FALSE(layout_read(&layout, "/nonexistent/x.layout", &err));
    CU_ASSERT_EQUAL(err.kind, ERR_IO);
    CU_ASSERT_FALSE(layout_read(&layout, "/tmp", &err));
    CU_ASSERT_FALSE(layout_write(&layout, "/nonexistent/x.layout", &err));
}

// What gdb/ouro/locate.py is given names the rows the way that it reads them.
static void test_wanted(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    layout_wanted(file);
    fclose(file);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "STRUCT(PyListObject)\nFIELD(PyListObject, ob_item)\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nFIELD(PyASCIIObject, state)\n"
                                        "BITS(PyASCIIObject, state_kind)\n"
                                        "BITS(PyASCIIObject, state_compact)\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nCONSTANT(FRAME_CLEARED)\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nSYMBOL(interned)\n"));
    free(text);
}

UNIT_SUITE(layout, { "members lie within their structs", test_members_lie_within },
           { "a fresh layout knows nothing", test_empty_is_unknown },
           { "reads every kind of line", test_reads_every_kind_of_line },
           { "skips names that it does not know", test_skips_names_it_does_not_know },
           { "a constant is no offset", test_a_constant_is_no_offset },
           { "refuses bad lines and says which", test_refuses_bad_lines },
           { "refuses what is no text", test_refuses_what_is_no_text },
           { "writes what it reads", test_roundtrip },
           { "files that cannot be read", test_files_that_cannot_be_read },
           { "tells locate.py what to look for", test_wanted })
