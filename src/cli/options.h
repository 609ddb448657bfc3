// SPDX-License-Identifier: GPL-3.0-or-later
// The program's own options and its target: `ouro [OPTION...] TARGET [COMMAND [ARG...]]`.
//
// Does not know: what commands mean. Owns: nothing; texts are the argument vector's.
#ifndef OURO_CLI_OPTIONS_H
#define OURO_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "cmd/session/session.h"

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct options {
    const char *core; // null with a pid
    pid_t pid;        // 0: a core
    const char *exe, *sysroot, *layout;
    const char *script;     // -x: commands to run, one a line; null: none
    const char *completion; // the shell that it is written for; null: a target is wanted
    const char *cache;      // `ouro cache list`: "list" or "clear"; null: a target is wanted
    enum when color;
    enum traverse_mode traverse;
    size_t python;           // 0: the first
    uint64_t traverse_limit; // seconds; 0: by the size of the memory
    unsigned threads;        // 0: as many as may run at once
    bool json, interactive, hold, still, no_gdb, no_cache, debuginfod, untrusted, quiet, progress;
    bool ascii, no_pager;
    bool json_object; // with json: each answer is one object
    bool teach; // `ouro help [COMMAND]`, `ouro fleet FILE...`: argv is that, and there is no target
    bool gdb, help, version, manual;
    const char **argv; // the command and its arguments, argc of them; 0: none was given
    size_t argc;
};

struct program_option {
    char letter; // 0: none
    const char *name;
    const char *value; // how the value is called; null: none
    const char *help;  // null: works, and is not listed
    size_t flag, text; // where in struct options it sets a bool, or keeps the value; or
    bool (*take)(struct options *options, const char *value, struct err *err);
};
extern const struct program_option program_options[]; // ended by a row without a name

// ERR_USAGE for words that are off. argv is rearranged; the options point into it.
bool options_parse(struct options *options, int argc, char **argv, struct err *err);

#endif
