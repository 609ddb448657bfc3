// SPDX-License-Identifier: GPL-3.0-or-later
// UTF-8 and columns.
#include "unit.h"

#include <string.h>

#include "base/utf8.h"
#include "base/width.h"

// Every code point goes out and comes back; surrogates go out as U+FFFD.
static void test_round_trip(void)
{
    size_t wrong = 0;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        uint32_t back = 0;
        size_t length = utf8_write(code, bytes);
        wrong += utf8_decode(bytes, length, &back) != length;
        wrong += back != (code >= 0xd800 && code <= 0xdfff ? UTF8_REPLACEMENT : code);
        wrong += length > 1 && utf8_decode(bytes, length - 1, &back) != 0; // cut short
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void test_refused(void)
{
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xc3(",
        "\xe2\x82(",
        "\xe2(\xa1",
        "\xf0\x9f\x90(",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t code = 1234;
        CU_ASSERT_EQUAL(utf8_decode(bad[i], strlen(bad[i]), &code), 0);
        CU_ASSERT_EQUAL(code, 1234);
    }
    CU_ASSERT_EQUAL(utf8_decode("", 0, &(uint32_t){ 0 }), 0);
}

static void test_widths(void)
{
    CU_ASSERT_EQUAL(width_code('a'), 1);
    CU_ASSERT_EQUAL(width_code(0xe9), 1);
    CU_ASSERT_EQUAL(width_code(0x301), 0);   // combining acute
    CU_ASSERT_EQUAL(width_code(0x6f22), 2);  // a Chinese character
    CU_ASSERT_EQUAL(width_code(0x1f40d), 2); // a snake
    CU_ASSERT_EQUAL(width_code(0xff21), 2);  // fullwidth A
    CU_ASSERT_EQUAL(width_code(0x2502), 1);  // a line to draw with
    CU_ASSERT_EQUAL(width_of("cafe\xcc\x81", 6), 4);
    CU_ASSERT_EQUAL(width_of("\xe6\xbc\xa2x\xff", 5), 4);
}

static void test_printable(void)
{
    static const uint32_t yes[] = { ' ', 'a', '~', 0xa1, 0x301, 0x6f22, 0x1f40d, 0xfffd };
    static const uint32_t no[] = {
        0,      0x1b,   0x7f,   0x85,   0x9b,   0xa0,   0xad,    0x200b,   0x200e,   0x2028,
        0x202e, 0x2066, 0xd800, 0xe000, 0xfeff, 0xffff, 0xe0001, 0x10ffff, 0x110000, 0xffffffff,
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        CU_ASSERT_TRUE(width_is_printable(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        CU_ASSERT_FALSE(width_is_printable(no[i]));
}

static void test_fit(void)
{
    const char *word = "e\xcc\x81\xe6\xbc\xa2z"; // an e with its accent, a wide one, a z
    CU_ASSERT_EQUAL(width_fit(word, 7, 0), 0);
    CU_ASSERT_EQUAL(width_fit(word, 7, 1), 3);
    CU_ASSERT_EQUAL(width_fit(word, 7, 2), 3);
    CU_ASSERT_EQUAL(width_fit(word, 7, 3), 6);
    CU_ASSERT_EQUAL(width_fit(word, 7, 4), 7);
    CU_ASSERT_EQUAL(width_fit(word, 7, 100), 7);
}

UNIT_SUITE(unicode, { "every code point there and back", test_round_trip },
           { "what is no UTF-8", test_refused }, { "columns", test_widths },
           { "what a terminal may be given", test_printable }, { "fitting", test_fit })
