// SPDX-License-Identifier: GPL-3.0-or-later
// Options and words of a command line.
#include <string.h>

#include "cmd/command.h"
#include "cmd/session/words.h"
#include "unit.h"

static const struct option_row options[] = {
    OPTION_ROW_LIMIT,
    { .letter = 'g', .name = "generation", .value = "GEN", .kind = OPTION_GENERATION },
    { .letter = 'v', .name = "verbose", .kind = OPTION_FLAG },
    { .letter = 'x', .name = "garbage", .kind = OPTION_FLAG },
    { .name = "min-size", .value = "BYTES", .kind = OPTION_BYTES },
    { .letter = 't', .name = "type", .value = "TYPE", .kind = OPTION_TEXT },
    OPTION_ROW_END,
};
static const struct command command = {
    .name = "show",
    .usage = "[-n N] WORD [WORD]",
    .options = options,
    .words_least = 1,
    .words_most = 2,
};

#define PARSE(args, err, ...) parse(args, err, (const char *const[]){ __VA_ARGS__, NULL })

static bool parse(struct args *args, struct err *err, const char *const *argv)
{
    size_t argc = 0;
    while (argv[argc])
        argc++;
    *err = (struct err)ERR_INIT;
    bool ok = args_parse(args, &command, argc, argv, err);
    CU_ASSERT(ok || err->kind == ERR_USAGE);
    return ok;
}

static void test_forms(void)
{
    static const char *const forms[][3] = {
        { "-n5", NULL, NULL },       { "-n", "5", NULL },       { "--limit", "5", NULL },
        { "--limit=5", NULL, NULL }, { "--lim=5", NULL, NULL }, { "-vn5", NULL, NULL },
        { "-vn", "5", NULL },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct args args;
        struct err err;
        const char *argv[] = { "word", forms[i][0], forms[i][1], NULL };
        UNIT_OK(parse(&args, &err, argv), &err);
        CU_ASSERT_EQUAL(args_number(&args, "limit", 0), 5);
        CU_ASSERT_EQUAL(args.word_count, 1);
    }
}

static void test_words(void)
{
    struct args args;
    struct err err;
    UNIT_OK(PARSE(&args, &err, "-v", "a", "-n", "1", "b"), &err);
    CU_ASSERT_EQUAL(args.word_count, 2);
    CU_ASSERT_STRING_EQUAL(args.words[0], "a");
    CU_ASSERT_STRING_EQUAL(args.words[1], "b");
    UNIT_OK(PARSE(&args, &err, "--", "-v", "--"), &err);
    CU_ASSERT_STRING_EQUAL(args.words[0], "-v");
    CU_ASSERT_STRING_EQUAL(args.words[1], "--");
    CU_ASSERT_FALSE(args_has(&args, "verbose"));
    UNIT_OK(PARSE(&args, &err, "-"), &err);
    CU_ASSERT_STRING_EQUAL(args.words[0], "-");
}

static void test_values(void)
{
    struct args args;
    struct err err;
    UNIT_OK(PARSE(&args, &err, "a", "-g", "permanent", "--min-size", "1.5K", "-t", "dict"), &err);
    CU_ASSERT_EQUAL(args_number(&args, "generation", 9), 3);
    CU_ASSERT_EQUAL(args_number(&args, "min-size", 0), 1536);
    CU_ASSERT_STRING_EQUAL(args_text(&args, "type"), "dict");
    CU_ASSERT_PTR_NULL(args_text(&args, "limit"));
    CU_ASSERT_EQUAL(args_number(&args, "limit", 7), 7);
    UNIT_OK(PARSE(&args, &err, "a", "-n1", "-n2"), &err);
    CU_ASSERT_EQUAL(args_number(&args, "limit", 0), 2);
}

static void test_errors(void)
{
    static const struct {
        const char *argv[4];
        const char *sentence;
    } rows[] = {
        { { "a", "-n", "x" }, "show: --limit takes a number, not 'x'" },
        { { "a", "-n", "-1" }, "show: --limit takes a number, not '-1'" },
        { { "a", "-n", "" }, "show: --limit takes a number, not ''" },
        { { "a", "-n" }, "show: --limit needs a value: N" },
        { { "a", "--limit" }, "show: --limit needs a value: N" },
        { { "a", "-g", "3" }, "show: --generation takes 0, 1, 2 or permanent, not '3'" },
        { { "a", "--min-size=1Q" },
          "show: --min-size takes a size like 4096, 16K or 1.5M, not '1Q'" },
        { { "a", "--verbose=1" }, "show: --verbose takes no value" },
        { { "a", "--what" }, "show: no option --what; `help show` lists them" },
        { { "a", "--g" }, "show: no option --g; `help show` lists them" },
        { { "a", "-vz" }, "show: no option -z; `help show` lists them" },
        { { "a", "b", "c" }, "show: one argument too many: 'c'; usage: show [-n N] WORD [WORD]" },
        { { "-v" }, "show: missing argument; usage: show [-n N] WORD [WORD]" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct args args;
        struct err err;
        CU_ASSERT_FALSE(parse(&args, &err, rows[i].argv));
        CU_ASSERT_STRING_EQUAL(err.text, rows[i].sentence);
    }
}

static void test_table(void)
{
    for (size_t i = 0; commands[i]; i++) {
        const struct command *row = commands[i];
        CU_ASSERT_PTR_EQUAL(command_find(row->name), row);
        CU_ASSERT(row->summary && *row->summary && row->help && *row->help && row->example
                  && row->run);
        struct words words;
        struct args args;
        struct err err = ERR_INIT;
        UNIT_OK(words_split(&words, row->example, &err), &err);
        CU_ASSERT_PTR_EQUAL(command_find(words.items[0]), row);
        UNIT_OK(args_parse(&args, row, words.count - 1, words.items + 1, &err), &err);
        words_fini(&words);
    }
    CU_ASSERT_PTR_NULL(command_find(""));
    CU_ASSERT_PTR_NULL(command_find("nothing"));
    CU_ASSERT_PTR_NULL(command_find("ref")); // referents or referrers
    CU_ASSERT_PTR_EQUAL(command_find("cyc"), command_find("cycles"));
    CU_ASSERT_EQUAL(command_find("object")->words_most, 1); // and not objects
}

UNIT_SUITE(args, { "an option in each of its forms", test_forms },
           { "words stand anywhere", test_words }, { "values", test_values },
           { "what is off is said", test_errors },
           { "the table of commands is whole, its examples are right", test_table })
