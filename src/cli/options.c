// SPDX-License-Identifier: GPL-3.0-or-later
// The table of the program's options, and parsing them: see options.h.
#include "cli/options.h"

#include <getopt.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "base/number.h"
#include "base/pool.h"
#include "cmd/command.h"

enum options_key {
    KEY_SYSROOT = 256,
    KEY_LAYOUT,
    KEY_PYTHON,
    KEY_JSON,
    KEY_NO_GDB,
    KEY_NO_CACHE,
    KEY_UNTRUSTED,
    KEY_TRAVERSE,
    KEY_TRAVERSE_LIMIT,
    KEY_THREADS,
    KEY_GDB,
    KEY_COLOR,
    KEY_JSON_OBJECT,
    KEY_PROGRESS,
    KEY_NO_PAGER,
    KEY_HOLD,
    KEY_STILL,
    KEY_ASCII,
    KEY_VERSION,
    KEY_DEBUGINFOD,
    KEY_COMPLETION,
    KEY_MANUAL
};

const struct program_option program_options[] = {
    { 'p', "pid", "PID", "open a running process: stop it, copy its memory, let it go on" },
    { KEY_HOLD, "hold", NULL, "with -p: keep the process stopped and read it directly" },
    { KEY_STILL, "still", NULL,
      "with -p: it is stopped already (stopped, frozen, dumping its core): stop nothing" },
    { 'e', "exe", "FILE", "the program's file, if it is no longer where the core says" },
    { KEY_SYSROOT, "sysroot", "DIR", "prefix the paths of the target's files with DIR" },
    { KEY_LAYOUT, "layout", "FILE",
      "take the offsets of struct members from FILE (doc/layout-format.md)" },
    { KEY_PYTHON, "python", "N", "which of several Pythons in the process, numbered as in `info`" },
    { KEY_TRAVERSE, "traverse", "HOW",
      "ask the types' own tp_traverse, in a jail: native, emulate or off" },
    { KEY_TRAVERSE_LIMIT, "traverse-limit", "SECONDS",
      "CPU seconds for that jail, in total; unless given, by the size of the memory" },
    { KEY_THREADS, "threads", "N",
      "share work among N threads; unless given, as many as may run at once" },
    { KEY_NO_GDB, "no-gdb", NULL, "do not run gdb to read debug information" },
    { KEY_DEBUGINFOD, "debuginfod", NULL,
      "fetch missing debug information from the servers of $DEBUGINFOD_URLS" },
    { KEY_NO_CACHE, "no-cache", NULL, "neither read nor keep what was learned about a build" },
    { KEY_UNTRUSTED, "untrusted", NULL,
      "the target may be hostile: no gdb, no cache, and of its files only those below --sysroot" },
    { KEY_GDB, "gdb", NULL, "start gdb on the target, with ouro's commands in it" },
    { 'i', "interactive", NULL,
      "a prompt for commands; reads a script where stdin is no terminal" },
    { 'x', "execute", "FILE", "run the commands of FILE, one a line; `#!/usr/bin/env -S ouro -x`" },
    { KEY_JSON, "json", NULL, "answer in JSON Lines" },
    { KEY_JSON_OBJECT, "json-object", NULL,
      "answer in one JSON object: rows of names and values (info, object) are its members" },
    { KEY_COLOR, "color", "WHEN", "auto, always or never" },
    { KEY_NO_PAGER, "no-pager", NULL, "never page long answers on a terminal" },
    { KEY_ASCII, "ascii", NULL, "draw the screen with ASCII characters only" },
    { KEY_PROGRESS, "progress", NULL,
      "show the progress of long work even if stderr is not a terminal" },
    { 'q', "quiet", NULL, "no warnings, no progress" },
    { KEY_VERSION, "version", NULL, "print the version" },
    { 'h', "help", NULL, "print this help" },
    { KEY_COMPLETION, "completion", "SHELL",
      "print completion for bash, zsh or fish, to be read by that shell" },
    { KEY_MANUAL, "man", NULL, NULL }, // writes doc/ouro.1
    { 0, NULL, NULL, NULL },
};

#define OPTIONS_MAX 32

// Fills in the two forms of the table that getopt wants.
static void fill_tables(struct option *longs, char *letters)
{
    *letters++ = '+'; // '+': stops at the target, as later options are the command's
    *letters++ = ':';
    for (const struct program_option *row = program_options; row->name; row++) {
        *longs++ = (struct option){ row->name, row->value ? required_argument : no_argument, NULL,
                                    row->key };
        if (row->key > UINT8_MAX)
            continue;
        *letters++ = (char)row->key;
        if (row->value)
            *letters++ = ':';
    }
    *letters = 0;
    *longs = (struct option){ 0 };
}

static bool set_pid(struct options *options, const char *text, struct err *err)
{
    return number_parse_pid(text, &options->pid)
           || err_set(err, ERR_USAGE, "--pid takes a process id, not '%s'", text);
}

static bool set_threads(struct options *options, const char *text, struct err *err)
{
    uint64_t number;
    if (!number_parse(text, &number) || !number || number > POOL_MOST)
        return err_set(err, ERR_USAGE, "--threads takes a number from 1 to %u, not '%s'", POOL_MOST,
                       text);
    options->threads = (unsigned)number;
    return true;
}

static bool set_python(struct options *options, const char *text, struct err *err)
{
    uint64_t number;
    if (!number_parse(text, &number) || !number || number > PYTHONS_MOST)
        return err_set(err, ERR_USAGE, "--python takes a number from 1, not '%s'", text);
    options->python = (size_t)number;
    return true;
}

static bool set_color(struct options *options, const char *text, struct err *err)
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

static bool set_traverse(struct options *options, const char *text, struct err *err)
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

static bool options_set(struct options *options, int key, const char *value, struct err *err)
{
    switch (key) {
    case 'p':
        return set_pid(options, value, err);
    case KEY_COLOR:
        return set_color(options, value, err);
    case KEY_THREADS:
        return set_threads(options, value, err);
    case KEY_TRAVERSE:
        return set_traverse(options, value, err);
    case KEY_TRAVERSE_LIMIT:
        if (number_parse(value, &options->traverse_limit) && options->traverse_limit
            && options->traverse_limit <= UINT32_MAX)
            return true;
        return err_set(err, ERR_USAGE, "--traverse-limit takes seconds, not '%s'", value);
    case 'e':
        options->exe = value;
        break;
    case KEY_SYSROOT:
        options->sysroot = value;
        break;
    case KEY_LAYOUT:
        options->layout = value;
        break;
    case KEY_PYTHON:
        return set_python(options, value, err);
    case KEY_JSON:
        options->json = true;
        break;
    case KEY_JSON_OBJECT:
        options->json = options->json_object = true;
        break;
    case KEY_DEBUGINFOD:
        options->debuginfod = true;
        break;
    case KEY_NO_GDB:
        options->no_gdb = true;
        break;
    case KEY_NO_CACHE:
        options->no_cache = true;
        break;
    case KEY_UNTRUSTED:
        options->untrusted = true;
        break;
    case KEY_PROGRESS:
        options->progress = true;
        break;
    case KEY_NO_PAGER:
        options->no_pager = true;
        break;
    case KEY_GDB:
        options->gdb = true;
        break;
    case KEY_STILL:
        options->still = true;
        break;
    case KEY_HOLD:
        options->hold = true;
        break;
    case KEY_ASCII:
        options->ascii = true;
        break;
    case KEY_VERSION:
        options->version = true;
        break;
    case KEY_COMPLETION:
        options->completion = value;
        break;
    case KEY_MANUAL:
        options->manual = true;
        break;
    case 'x':
        options->script = value;
        break;
    case 'i':
        options->interactive = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'h':
        options->help = true;
        break;
    }
    return true;
}

// --json is accepted after the target, too: people type `ouro core types --json`.
static void take_json(struct options *options)
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
    take_json(options);
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
    fill_tables(longs, letters);
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
