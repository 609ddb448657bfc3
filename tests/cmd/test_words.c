// SPDX-License-Identifier: GPL-3.0-or-later
// Lines split into words.
#include <string.h>

#include "cmd/session/words.h"
#include "unit.h"

// The words, joined by '|' for comparing; they end with it.
static const char *join(struct words *words)
{
    static char joined[256];
    joined[0] = 0;
    for (size_t i = 0; i < words->count; i++) {
        strcat(joined, i ? "|" : "");
        strcat(joined, words->items[i]);
    }
    words_fini(words);
    return joined;
}

static const char *split(const char *line)
{
    static char why[sizeof(((struct err *)NULL)->text)];
    struct words words;
    struct err err = ERR_INIT;
    if (!words_split(&words, line, &err)) {
        CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
        CU_ASSERT_EQUAL(words.count, 0);
        strcpy(why, err.text);
        return why;
    }
    return join(&words);
}

static void test_blanks(void)
{
    CU_ASSERT_STRING_EQUAL(split(""), "");
    CU_ASSERT_STRING_EQUAL(split(" \t\n"), "");
    CU_ASSERT_STRING_EQUAL(split("types"), "types");
    CU_ASSERT_STRING_EQUAL(split("  types\t-n  5 \r\n"), "types|-n|5");
}

static const char *statement(const char *line)
{
    struct words words;
    if (!words_split_statement(&words, line))
        return "none";
    return join(&words);
}

static void test_statements(void)
{
    CU_ASSERT_STRING_EQUAL(statement("sql select type from types where type = 'a  b'"),
                           "sql|select type from types where type = 'a  b'");
    CU_ASSERT_STRING_EQUAL(statement(" sql -n 3 SELECT 1 "), "sql|-n|3|SELECT 1 ");
    CU_ASSERT_STRING_EQUAL(statement("sql select \"x\" -n 5"), "sql|-n|5|select \"x\" ");
    CU_ASSERT_STRING_EQUAL(statement("sql select 7 -n"), "sql|select 7 -n");
    CU_ASSERT_STRING_EQUAL(statement("sql values(1) --limit=2"), "sql|--limit=2|values(1) ");
    CU_ASSERT_STRING_EQUAL(statement("sql \"select 1\""), "none");
    CU_ASSERT_STRING_EQUAL(statement("sql -f select.sql"), "none");
    CU_ASSERT_STRING_EQUAL(statement("types -n 5"), "none");
    CU_ASSERT_STRING_EQUAL(statement("sql"), "none");
}

static void test_taking(void)
{
    char first[] = "types --json -n 1", quoted[] = "find '--json'", behind[] = "object -- --json",
         part[] = "types --jsonx";
    CU_ASSERT_TRUE(words_take(first, "--json"));
    CU_ASSERT_STRING_EQUAL(split(first), "types|-n|1");
    CU_ASSERT_FALSE(words_take(quoted, "--json"));
    CU_ASSERT_FALSE(words_take(behind, "--json"));
    CU_ASSERT_FALSE(words_take(part, "--json"));
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
    CU_ASSERT_STRING_EQUAL(split("object 'a b"), "unbalanced ' quote");
    CU_ASSERT_STRING_EQUAL(split("object \"a b"), "unbalanced \" quote");
    CU_ASSERT_STRING_EQUAL(split("object \"a\\\""), "unbalanced \" quote");
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
           { "a statement is one word", test_statements },
           { "an option is taken out", test_taking },
           { "a backslash keeps the next character", test_backslash },
           { "open quotes are errors", test_errors }, { "there is a most", test_too_many },
           { "the word at the cursor", test_start })
