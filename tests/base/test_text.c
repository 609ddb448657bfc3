// SPDX-License-Identifier: GPL-3.0-or-later
// Texts: growing, numbers, words of the target, fitting.
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

static void is(struct text *text, const char *expected)
{
    if (strcmp(text_string(text), expected) != 0)
        fprintf(stderr, "  got \"%s\", expected \"%s\"\n", text_string(text), expected);
    CU_ASSERT_STRING_EQUAL(text_string(text), expected);
    CU_ASSERT_EQUAL(text->size, strlen(expected));
    text_clear(text);
}

static void test_grows(void)
{
    struct text text = TEXT_INIT;
    is(&text, "");
    text_add_string(&text, "ring");
    text_add_char(&text, ' ');
    text_add(&text, "of three", 2);
    text_add_format(&text, " %d-%s", 3, "x");
    text_add_repeat(&text, '=', 3);
    text_add_code(&text, 0x20ac);
    is(&text, "ring of 3-x===\xe2\x82\xac");
    for (int i = 0; i < 1000; i++)
        text_add_string(&text, "0123456789");
    CU_ASSERT_EQUAL(text.size, 10000);
    CU_ASSERT_EQUAL(text.data[9999], '9');
    CU_ASSERT_TRUE(text_ok(&text, NULL));
    text_truncate(&text, 3);
    is(&text, "012");
    text_add_string(&text, "given away");
    char *given = text_detach(&text);
    CU_ASSERT_STRING_EQUAL(given, "given away");
    free(given);
    is(&text, "");
    text_fini(&text);
}

static void test_out_of_memory(void)
{
    struct err err = ERR_INIT;
    struct text text = TEXT_INIT;
    text_add_string(&text, "kept");
    text_add_repeat(&text, 'x', SIZE_MAX - 100);
    text_add_string(&text, "not added behind a hole");
    CU_ASSERT_STRING_EQUAL(text_string(&text), "kept");
    CU_ASSERT_FALSE(text_ok(&text, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_MEMORY);
    CU_ASSERT_PTR_NULL(text_detach(&text));
    text_fini(&text);
}

static void test_numbers(void)
{
    struct text text = TEXT_INIT;
    text_add_number(&text, 0);
    is(&text, "0");
    text_add_number(&text, UINT64_MAX);
    is(&text, "18446744073709551615");
    text_add_signed(&text, INT64_MIN);
    is(&text, "-9223372036854775808");
    text_add_address(&text, 0);
    is(&text, "0x0");
    text_add_address(&text, UINT64_MAX);
    is(&text, "0xffffffffffffffff");
    text_add_address(&text, 0x7f0012abc);
    is(&text, "0x7f0012abc");
    text_add_count(&text, 999);
    is(&text, "999");
    text_add_count(&text, 1000);
    is(&text, "1,000");
    text_add_count(&text, 12345678);
    is(&text, "12,345,678");
    text_fini(&text);
    CU_ASSERT_STRING_EQUAL(text_plural(0, "object", "objects"), "objects");
    CU_ASSERT_STRING_EQUAL(text_plural(1, "object", "objects"), "object");
    CU_ASSERT_STRING_EQUAL(text_plural(UINT64_MAX, "object", "objects"), "objects");
    static const char *const an[] = { "IndexError",  "int",         "_io.BytesIO",
                                      "array.array", "SSLContext",  "HTTPError",
                                      "OrderedDict", "upload.File", "RLock" };
    static const char *const a[] = { "dict", "ValueError",    "UUID", "user.User", "unittest.Case",
                                     "",     "uvloop.Handle", "_",    "TCPServer", "one.Two" };
    for (size_t i = 0; i < sizeof an / sizeof *an; i++)
        CU_ASSERT_STRING_EQUAL(text_article(an[i]), "an");
    for (size_t i = 0; i < sizeof a / sizeof *a; i++)
        CU_ASSERT_STRING_EQUAL(text_article(a[i]), "a");
}

static void test_sizes(void)
{
    struct text text = TEXT_INIT;
    static const struct {
        uint64_t bytes;
        const char *shown;
    } rows[] = {
        { 0, "0 B" },
        { 1023, "1023 B" },
        { 1024, "1.0 KiB" },
        { 1536, "1.5 KiB" },
        { 1048575, "1.0 MiB" },
        { 1048576, "1.0 MiB" },
        { 12897485, "12.3 MiB" },
        { UINT64_C(5) << 40, "5.0 TiB" },
        { UINT64_MAX, "16.0 EiB" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text_add_size(&text, rows[i].bytes);
        is(&text, rows[i].shown);
    }
    text_fini(&text);
}

static void escaped(struct text *text, const char *bytes, const char *expected)
{
    text_add_escaped(text, bytes, strlen(bytes));
    is(text, expected);
}

static void test_escapes(void)
{
    struct text text = TEXT_INIT;
    escaped(&text, "plain words", "plain words");
    escaped(&text, "a\nb\tc\rd", "a\\nb\\tc\\rd");
    escaped(&text, "C:\\dir", "C:\\\\dir");
    escaped(&text, "\x1b[31mred\x07\x7f", "\\x1b[31mred\\x07\\x7f");
    escaped(&text, "caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x90\x8d",
            "caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x90\x8d");
    // A C1 control, turning the direction round, a zero width joiner, a line separator.
    escaped(&text, "\xc2\x9b", "\\x9b");
    escaped(&text,
            "abc\xe2\x80\xae"
            "fed",
            "abc\\u202efed");
    escaped(&text, "\xe2\x81\xa6\xe2\x80\x8d\xe2\x80\xa8", "\\u2066\\u200d\\u2028");
    escaped(&text, "\xf3\xa0\x80\x81", "\\U000e0001");
    // Not UTF-8: a lone tail, an overlong slash, a surrogate, a cut sequence.
    escaped(&text, "\x80 \xc0\xaf \xed\xa0\x80 \xe2\x82",
            "\\x80 \\xc0\\xaf \\xed\\xa0\\x80 \\xe2\\x82");
    text_add_escaped(&text, "a\0b", 3);
    is(&text, "a\\x00b");
    text_add_escaped_code(&text, 0xd800);
    is(&text, "\\ud800");
    text_add_escaped_code(&text, 0xffffffff);
    is(&text, "\\Uffffffff");
    text_fini(&text);
}

static void test_shortens(void)
{
    struct text text = TEXT_INIT;
    text_add_string(&text, "key: ");
    size_t from = text.size;
    text_add_string(&text, "abcdefghij");
    text_shorten(&text, from, 10);
    CU_ASSERT_STRING_EQUAL(text_string(&text), "key: abcdefghij");
    text_shorten(&text, from, 9);
    is(&text, "key: abcdef...");
    // Wide characters are never halved: five columns are one of them, and the dots.
    text_add_string(&text, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2");
    text_shorten(&text, 0, 5);
    is(&text, "\xe6\xbc\xa2...");
    text_add_string(&text, "abcdef");
    text_shorten(&text, 0, 2);
    is(&text, "..");
    text_add_string(&text, "abcdef");
    text_shorten(&text, 0, 0);
    is(&text, "");
    text_fini(&text);
}

static void test_pads(void)
{
    struct text text = TEXT_INIT;
    text_add_string(&text, "x|");
    text_add_string(&text, "\xe6\xbc\xa2");
    text_pad(&text, 2, 4);
    text_add_char(&text, '|');
    is(&text, "x|\xe6\xbc\xa2  |");
    text_add_string(&text, "x|42");
    text_pad_left(&text, 2, 5);
    is(&text, "x|   42");
    text_add_string(&text, "wider than that");
    text_pad_left(&text, 0, 5);
    is(&text, "wider than that");
    text_pad(&text, 0, 2);
    is(&text, "  ");
    text_fini(&text);
}

UNIT_SUITE(text, { "grows", test_grows }, { "stops at the end of memory", test_out_of_memory },
           { "numbers", test_numbers }, { "sizes", test_sizes },
           { "words of the target are harmless", test_escapes },
           { "shortens by columns", test_shortens }, { "pads by columns", test_pads })
