// SPDX-License-Identifier: GPL-3.0-or-later
// The program's command line: words in, options or a sentence out.
#include <getopt.h>
#include <string.h>

#include "cli/completion.h"
#include "cli/options.h"
#include "unit.h"

#define WORDS_MAX 12

struct parsed {
    struct options options;
    struct err err;
    char words[WORDS_MAX][40];
    char *argv[WORDS_MAX + 1];
    bool ok;
};

// A command line of words without blanks in them.
static void parse(struct parsed *p, const char *line)
{
    int argc = 0;
    memset(p, 0, sizeof *p);
    for (; *line && argc < WORDS_MAX; line += strspn(line, " ")) {
        size_t size = strcspn(line, " ");
        CU_ASSERT_FATAL(size < sizeof p->words[0]);
        memcpy(p->words[argc], line, size);
        p->argv[argc] = p->words[argc];
        argc++;
        line += size;
    }
    optind = 0; // getopt starts anew
    p->ok = options_parse(&p->options, argc, p->argv, &p->err);
}

static void test_target_and_command(void)
{
    struct parsed p;
    parse(&p, "ouro --no-gdb core.1 types -n 5");
    CU_ASSERT(p.ok && p.options.no_gdb);
    CU_ASSERT_STRING_EQUAL(p.options.core, "core.1");
    CU_ASSERT_EQUAL_FATAL(p.options.argc, 3);
    CU_ASSERT_STRING_EQUAL(p.options.argv[0], "types");
    CU_ASSERT_STRING_EQUAL(p.options.argv[1], "-n"); // the command's own
    parse(&p, "ouro -p 42 --hold --color=never");
    CU_ASSERT(p.ok && p.options.hold && p.options.pid == 42 && !p.options.core);
    CU_ASSERT_EQUAL(p.options.color, WHEN_NEVER);
    CU_ASSERT_EQUAL(p.options.argc, 0);
    parse(&p, "ouro core.1 types --json -- --json");
    CU_ASSERT(p.ok && p.options.json);
    CU_ASSERT_EQUAL_FATAL(p.options.argc, 3);
    CU_ASSERT_STRING_EQUAL(p.options.argv[2], "--json");
    parse(&p, "ouro help types");
    CU_ASSERT(p.ok && p.options.teach && !p.options.core);
    CU_ASSERT_EQUAL(p.options.argc, 2);
}

static void test_refused(void)
{
    static const struct {
        const char *line, *sentence; // begins so
    } rows[] = {
        { "ouro", "no target" },
        { "ouro types", "types needs a target before it" },
        { "ouro -p 0", "--pid takes a process id, not '0'" },
        { "ouro -p 12x", "--pid takes a process id" },
        { "ouro -p 99999999999", "--pid takes a process id" },
        { "ouro --python 0 core", "--python takes a number from 1" },
        { "ouro --color red core", "--color takes auto, always or never" },
        { "ouro --traverse never core", "--traverse takes native, emulate or off" },
        { "ouro --hold core", "--hold needs a process" },
        { "ouro --jsn core", "no option --jsn; did you mean --json?" },
        { "ouro -Z core", "no option -Z" },
        { "ouro --layout", "--layout needs a value" },
        { "ouro --json=1 core", "--json=1 takes no value" },
        { "ouro --gdb --untrusted core", "--untrusted cannot be used with --gdb" },
        { "ouro -i core types", "-i takes no command" },
        { "ouro -x file core types", "-x takes a target and nothing else" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p;
        parse(&p, rows[i].line);
        CU_ASSERT_FALSE(p.ok);
        CU_ASSERT_EQUAL(p.err.kind, ERR_USAGE);
        CU_ASSERT_EQUAL(strncmp(p.err.text, rows[i].sentence, strlen(rows[i].sentence)), 0);
    }
}

// Each option of the table is in each shell's completion.
static void test_completion(void)
{
    static const char *const shells[] = { "bash", "zsh", "fish" };
    struct text out = TEXT_INIT;
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        text_clear(&out);
        CU_ASSERT(completion_write(shells[i], &out));
        for (const struct program_option *row = program_options; row->name; row++)
            if (row->help)
                CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&out), row->name));
        CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&out), "retained"));
    }
    CU_ASSERT_FALSE(completion_write("ksh", &out));
    text_fini(&out);
}

UNIT_SUITE(options, { "a target and a command", test_target_and_command },
           { "what is off is said in a sentence", test_refused },
           { "completion has every option", test_completion })
