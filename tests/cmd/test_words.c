// SPDX-License-Identifier: GPL-3.0-or-later
// Lines split into words.
#include <string.h>

#include "cmd/session/words.h"
#include "unit.h"

// Splits, and joins the words by '|' for comparing.
static const char *split(const char *line)
{
    static char joined[256];
    struct words words;
    struct err err = ERR_INIT;
    if (!words_split(&words, line, &err)) {
        CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
        CU_ASSERT_EQUAL(words.count, 0);
        strcpy(joined, err.text);
        return joined;
    }
    joined[0] = 0;
    for (size_t i = 0; i < words.count; i++) {
        strcat(joined, i ? "|" : "");
        strcat(joined, words.items[i]);
    }
    words_fini(&words);
    return joined;
}

static void test_blanks(void)
{
    CU_ASSERT_STRING_EQUAL(split(""), "");
    CU_ASSERT_STRING_EQUAL(split(" \t\n"), "");
    CU_ASSERT_STRING_EQUAL(split("types"), "types");
    CU_ASSERT_STRING_EQUAL(split("  types\t-n  5 \r\n"), "types|-n|5");
}

static void test_quotes(void)
{
    CU_ASSERT_STRING_EQUAL(split("object 'a b'"), "object|a b");
    CU_ASSERT_STRING_EQUAL(split("object \"a b\""), "object|a b");
    CU_ASSERT_STRING_EQUAL(split("a'b c'd\"e f\""), "ab cde f");
    CU_ASSERT_STRING_EQUAL(split("x '' y"), "x||y");
    CU_ASSERT_STRING_EQUAL(split("app.CACHE['k']"), "app.CACHE[k]");
    CU_ASSERT_STRING_EQUAL(split("\"app.CACHE['k']\""), "app.CACHE['k']");
}

static void test_backslash(void)
{
    CU_ASSERT_STRING_EQUAL(split("a\\ b"), "a b");
    CU_ASSERT_STRING_EQUAL(split("\\'a"), "'a");
    CU_ASSERT_STRING_EQUAL(split("'a\\b'"), "a\\b");
    CU_ASSERT_STRING_EQUAL(split("\"a\\\"b\""), "a\"b");
}

static void test_errors(void)
{
    CU_ASSERT_STRING_EQUAL(split("object 'a b"), "the ' quote stays open");
    CU_ASSERT_STRING_EQUAL(split("object \"a b"), "the \" quote stays open");
    CU_ASSERT_STRING_EQUAL(split("object \"a\\\""), "the \" quote stays open");
    CU_ASSERT_STRING_EQUAL(split("a \\"), "nothing follows the backslash");
}

static void test_too_many(void)
{
    char line[2 * WORDS_MOST + 4] = "";
    for (int i = 0; i < WORDS_MOST; i++)
        strcat(line, "a ");
    struct words words;
    CU_ASSERT(words_split(&words, line, NULL));
    CU_ASSERT_EQUAL(words.count, WORDS_MOST);
    words_fini(&words);
    strcat(line, "a");
    CU_ASSERT_FALSE(words_split(&words, line, NULL));
}

static void test_start(void)
{
    CU_ASSERT_EQUAL(words_start("types -n", 8), 6);
    CU_ASSERT_EQUAL(words_start("types -n", 5), 0);
    CU_ASSERT_EQUAL(words_start("types ", 6), 6);
    CU_ASSERT_EQUAL(words_start("object 'a b", 11), 7);
    CU_ASSERT_EQUAL(words_start("object a\\ b", 11), 7);
    CU_ASSERT_EQUAL(words_start("ab", 99), 0);
}

UNIT_SUITE(words, { "blanks separate", test_blanks }, { "quotes hold together", test_quotes },
           { "a backslash keeps the next character", test_backslash },
           { "open quotes are errors", test_errors }, { "there is a most", test_too_many },
           { "the word at the cursor", test_start })
