// SPDX-License-Identifier: GPL-3.0-or-later
// The table of the program's options, and parsing them: see options.h.
#include "cli/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "base/number.h"
#include "base/pool.h"
#include "cmd/command.h"

static bool options_set_pid(struct options *options, const char *text, struct err *err)
{
    return number_parse_pid(text, &options->pid)
           || err_set(err, ERR_USAGE, "--pid takes a process id, not '%s'", text);
}

static bool options_set_threads(struct options *options, const char *text, struct err *err)
{
    uint64_t number;
    if (!number_parse(text, &number) || !number || number > POOL_MOST)
        return err_set(err, ERR_USAGE, "--threads takes a number from 1 to %u, not '%s'", POOL_MOST,
                       text);
    options->threads = (unsigned)number;
    return true;
}

static bool options_set_python(struct options *options, const char *text, struct err *err)
{
    uint64_t number;
    if (!number_parse(text, &number) || !number || number > PYTHONS_MOST)
        return err_set(err, ERR_USAGE, "--python takes a number from 1, not '%s'", text);
    options->python = (size_t)number;
    return true;
}

static bool options_set_color(struct options *options, const char *text, struct err *err)
{
    static const char *const names[] = { "auto", "always", "never" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(text, names[i])) {
            options->color = (enum when)i;
            return true;
        }
    }
    return err_set(err, ERR_USAGE, "--color takes auto, always or never, not '%s'", text);
}

static bool options_set_traverse(struct options *options, const char *text, struct err *err)
{
    static const char *const names[] = { "native", "emulate", "off" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(text, names[i])) {
            options->traverse = (enum traverse_mode)i;
            return true;
        }
    }
    return err_set(err, ERR_USAGE, "--traverse takes native, emulate or off, not '%s'", text);
}

static bool options_set_traverse_limit(struct options *options, const char *text, struct err *err)
{
    if (number_parse(text, &options->traverse_limit) && options->traverse_limit
        && options->traverse_limit <= UINT32_MAX)
        return true;
    return err_set(err, ERR_USAGE, "--traverse-limit takes seconds, not '%s'", text);
}

#define FLAG(member) .flag = offsetof(struct options, member)
#define TEXT(member) .text = offsetof(struct options, member)
#define TAKE(function) .take = function

const struct program_option program_options[] = {
    { 'p', "pid", "PID", "open a running process: stop it, copy its memory, let it go on",
      TAKE(options_set_pid) },
    { 0, "hold", NULL, "with -p: keep the process stopped and read it directly", FLAG(hold) },
    { 0, "still", NULL,
      "with -p: it is stopped already (stopped, frozen, dumping its core): stop nothing",
      FLAG(still) },
    { 'e', "exe", "FILE", "the program's file, if it is no longer where the core says", TEXT(exe) },
    { 0, "sysroot", "DIR", "prefix the paths of the target's files with DIR", TEXT(sysroot) },
    { 0, "layout", "FILE", "take the offsets of struct members from FILE (doc/layout-format.md)",
      TEXT(layout) },
    { 0, "python", "N", "which of several Pythons in the process, numbered as in `info`",
      TAKE(options_set_python) },
    { 0, "traverse", "HOW", "ask the types' own tp_traverse, in a jail: native, emulate or off",
      TAKE(options_set_traverse) },
    { 0, "traverse-limit", "SECONDS",
      "CPU seconds for that jail, in total; unless given, by the size of the memory",
      TAKE(options_set_traverse_limit) },
    { 0, "threads", "N", "share work among N threads; unless given, as many as may run at once",
      TAKE(options_set_threads) },
    { 0, "no-gdb", NULL, "do not run gdb to read debug information", FLAG(no_gdb) },
    { 0, "debuginfod", NULL, "fetch missing debug information from the servers of $DEBUGINFOD_URLS",
      FLAG(debuginfod) },
    { 0, "no-cache", NULL, "neither read nor keep what was learned about a build", FLAG(no_cache) },
    { 0, "untrusted", NULL,
      "the target may be hostile: no gdb, no cache, and of its files only those below --sysroot",
      FLAG(untrusted) },
    { 0, "gdb", NULL, "start gdb on the target, with ouro's commands in it", FLAG(gdb) },
    { 'i', "interactive", NULL, "a prompt for commands; reads a script where stdin is no terminal",
      FLAG(interactive) },
    { 'x', "execute", "FILE", "run the commands of FILE, one a line; `#!/usr/bin/env -S ouro -x`",
      TEXT(script) },
    { 0, "json", NULL, "answer in JSON Lines", FLAG(json) },
    { 0, "json-object", NULL,
      "answer in one JSON object: rows of names and values (info, object) are its members",
      FLAG(json_object) },
    { 0, "color", "WHEN", "auto, always or never", TAKE(options_set_color) },
    { 0, "no-pager", NULL, "never page long answers on a terminal", FLAG(no_pager) },
    { 0, "ascii", NULL, "draw the screen with ASCII characters only", FLAG(ascii) },
    { 0, "progress", NULL, "show the progress of long work even if stderr is not a terminal",
      FLAG(progress) },
    { 'q', "quiet", NULL, "no warnings, no progress", FLAG(quiet) },
    { 0, "version", NULL, "print the version", FLAG(version) },
    { 'h', "help", NULL, "print this help", FLAG(help) },
    { 0, "completion", "SHELL", "print completion for bash, zsh or fish, to be read by that shell",
      TEXT(completion) },
    { 0, "man", NULL, NULL, FLAG(manual) }, // writes doc/ouro.1
    { 0 },
};

#define OPTIONS_MAX 32

// The number by which getopt knows a row: its letter, or one above all letters.
static int options_key(const struct program_option *row)
{
    return row->letter ? row->letter : UINT8_MAX + 1 + (int)(row - program_options);
}

// Fills in the two forms of the table that getopt wants.
static void options_fill_tables(struct option *longs, char *letters)
{
    *letters++ = '+'; // '+': stops at the target, as later options are the command's
    *letters++ = ':';
    for (const struct program_option *row = program_options; row->name; row++) {
        *longs++ = (struct option){ row->name, row->value ? required_argument : no_argument, NULL,
                                    options_key(row) };
        if (!row->letter)
            continue;
        *letters++ = row->letter;
        if (row->value)
            *letters++ = ':';
    }
    *letters = 0;
    *longs = (struct option){ 0 };
}

static const struct program_option *options_row(int key)
{
    for (const struct program_option *row = program_options; row->name; row++)
        if (options_key(row) == key)
            return row;
    return NULL;
}

static bool options_set(struct options *options, int key, const char *value, struct err *err)
{
    const struct program_option *row = options_row(key);
    assert(row); // getopt knows no other keys
    if (row->take)
        return row->take(options, value, err);
    if (row->text)
        *(const char **)((char *)options + row->text) = value;
    else
        *(bool *)((char *)options + row->flag) = true;
    options->json |= options->json_object;
    return true;
}

// --json is accepted after the target, too: people type `ouro core types --json`.
static void options_take_json(struct options *options)
{
    size_t kept = 0;
    for (size_t i = 0; i < options->argc; i++) {
        if (!strcmp(options->argv[i], "--")) {
            while (i < options->argc)
                options->argv[kept++] = options->argv[i++];
            break;
        }
        if (!strcmp(options->argv[i], "--json"))
            options->json = true;
        else if (!strcmp(options->argv[i], "--json-object"))
            options->json = options->json_object = true;
        else
            options->argv[kept++] = options->argv[i];
    }
    options->argc = kept;
}

// `ouro help types`, `ouro fleet *.heap`: what needs no target. A core of that name is ./help.
static bool options_take_bare(struct options *options)
{
    const char *word = options->core;
    if (!word || (strcmp(word, "help") && strcmp(word, "fleet")))
        return false;
    options->core = NULL;
    options->argv--; // the word itself stands before them
    options->argc++;
    options->argv[0] = word;
    return options->teach = true;
}

static bool options_asks_help(const char *word)
{
    return !strcmp(word, "--help") || !strcmp(word, "-h");
}

// Whether a command is where the target has to be, and no file has that name.
static bool options_is_command(const struct options *options)
{
    const struct command *command = options->core ? command_find(options->core) : NULL;
    return command && !strcmp(command->name, options->core) && access(options->core, F_OK);
}

// Where other programs take it: `ouro CORE --help`, `ouro CORE types --help`, `ouro types --help`.
static bool options_take_help(struct options *options)
{
    if (!options->argc || options->argc > 2 || !options_asks_help(options->argv[options->argc - 1]))
        return false;
    const char *name = options->argc == 2            ? options->argv[0]
                       : options_is_command(options) ? options->core
                                                     : NULL;
    if (!name)
        return options->help = true;
    if (!command_find(name))
        return false;
    options->argv += options->argc;
    options->argv -= 2; // the words `help NAME`; the target's own place, if the line had but two
    options->argv[0] = "help";
    options->argv[1] = name;
    options->argc = 2;
    options->core = NULL;
    options->pid = 0;
    return options->teach = true;
}

// Rejects a word that is no file, but similar to a command's name.
static bool options_no_target(const char *word, struct err *err)
{
    struct near near = near_begin(word, strlen(word));
    for (size_t i = 0; commands[i]; i++)
        near_look(&near, commands[i]->name);
    if (!near.best || !access(word, F_OK))
        return true;
    return err_set(err, ERR_USAGE,
                   "%s: no such file; did you mean the command %s? It has a target before it: "
                   "ouro CORE %s",
                   word, near.best, near.best);
}

static bool options_take_words(struct options *options, int argc, char **argv, struct err *err)
{
    int first = optind;
    if (!options->pid && first < argc)
        options->core = argv[first++];
    options->argv = (const char **)argv + first;
    options->argc = (size_t)(argc - first);
    options_take_json(options);
    if (options_take_help(options))
        return true;
    // `ouro watch --name NAME`, `ouro collect-core PID`: they have no target of their own.
    if (options->core && options->argc && access(options->core, F_OK)
        && (!strcmp(options->core, "watch") || !strcmp(options->core, "collect-core"))) {
        options->argv--;
        options->argv[0] = options->core;
        options->argc++;
        options->core = NULL;
        return true;
    }
    if (options->core && !strcmp(options->core, "cache") && options->argc == 1
        && (!strcmp(options->argv[0], "list") || !strcmp(options->argv[0], "clear"))) {
        options->cache = options->argv[0];
        return true;
    }
    if (options_take_bare(options))
        return true;
    if (options_is_command(options))
        return err_set(err, ERR_USAGE,
                       "%s needs a target before it: ouro CORE %s, or ouro -p PID %s; `ouro help "
                       "%s` tells more",
                       options->core, options->core, options->core, options->core);
    if (options->core && !options_no_target(options->core, err))
        return false;
    if (!options->core && !options->pid && !options->help && !options->version && !options->manual
        && !options->completion)
        return err_set(err, ERR_USAGE,
                       "no target: give a core file, or -p PID; `ouro --help` tells more");
    if (options->hold && !options->pid)
        return err_set(err, ERR_USAGE, "--hold needs a process: -p PID");
    if (options->gdb && options->untrusted)
        return err_set(err, ERR_USAGE, "--untrusted cannot be used with --gdb");
    if (options->gdb && options->argc)
        return err_set(err, ERR_USAGE, "--gdb takes no command, not '%s'", options->argv[0]);
    if (options->script && (options->argc || options->interactive || options->gdb))
        return err_set(err, ERR_USAGE, "-x takes a target and nothing else, not '%s'",
                       options->argc  ? options->argv[0]
                       : options->gdb ? "--gdb"
                                      : "-i");
    if (options->interactive && options->argc)
        return err_set(err, ERR_USAGE, "-i takes no command, not '%s'", options->argv[0]);
    return true;
}

static bool options_no_such(const char *word, struct err *err)
{
    struct near near = near_begin(word + 2, strcspn(word + 2, "="));
    for (const struct program_option *row = program_options; row->name; row++)
        near_look(&near, row->help ? row->name : NULL);
    if (near.best)
        return err_set(err, ERR_USAGE, "no option %s; did you mean --%s?", word, near.best);
    return err_set(err, ERR_USAGE, "no option %s; `ouro --help` lists them", word);
}

bool options_parse(struct options *options, int argc, char **argv, struct err *err)
{
    struct option longs[OPTIONS_MAX];
    char letters[3 * OPTIONS_MAX];
    options_fill_tables(longs, letters);
    *options = (struct options){ 0 };
    opterr = 0;
    for (int key; (key = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        const char *word = argv[optind - 1];
        if (key == ':')
            return err_set(err, ERR_USAGE, "%s needs a value", word);
        if (key == '?' && optopt > 0 && optopt <= UINT8_MAX)
            return err_set(err, ERR_USAGE, "no option -%c; `ouro --help` lists them", optopt);
        if (key == '?' && optopt)
            return err_set(err, ERR_USAGE, "%s takes no value", word);
        if (key == '?')
            return options_no_such(word, err);
        if (!options_set(options, key, optarg, err))
            return false;
    }
    return options_take_words(options, argc, argv, err);
}
