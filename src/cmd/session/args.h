// SPDX-License-Identifier: GPL-3.0-or-later
// A command line's options and words, checked against the command's option rows.
//
// The grammar is getopt's: -n 5, -n5, --limit 5, --limit=5, -- ends options; options may
// follow words. Owns: nothing; words point into the argument vector that it was given.
#ifndef OURO_CMD_SESSION_ARGS_H
#define OURO_CMD_SESSION_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/disclosure.h"
#include "base/err.h"

enum complete_kind {
    COMPLETE_NOTHING,
    COMPLETE_OBJECT,
    COMPLETE_TYPE,
    COMPLETE_FILE,
    COMPLETE_COMMAND,
    COMPLETE_GENERATION,
    COMPLETE_CHOICE, // a word of option_row.choices
    COMPLETE_COLUMN, // one of the answer's
    COMPLETE_TOPIC   // a row of command.topic
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_COUNT, OPTION_BYTES, OPTION_GENERATION };

struct option_row {
    char letter;       // 'n', or 0
    const char *name;  // "limit"
    const char *value; // "N": how the value is called in the usage; null for flags
    enum option_kind kind;
    enum complete_kind complete;
    const char *help;    // "at most N rows"
    const char *choices; // "size owner library": the words it takes, where there are only a few
};

#define ARGS_MAX 64

struct args {
    const struct option_row *rows;
    struct {
        const struct option_row *row;
        const char *text; // null for a flag
        uint64_t number;  // COUNT, BYTES, GENERATION (3: permanent)
    } options[ARGS_MAX];
    size_t option_count;
    const char *words[ARGS_MAX];
    size_t word_count;
};

struct command;
// Usage errors are ERR_USAGE sentences that name the option.
bool args_parse(struct args *args, const struct command *command, size_t argc,
                const char *const *argv, struct err *err);

bool args_has(const struct args *args, const char *name);
const char *args_text(const struct args *args,
                      const char *name); // null: not given; the last one wins
uint64_t args_number(const struct args *args, const char *name, uint64_t otherwise);

// How much of the target may be shown (OPTION_ROW_REDACT), and the option by which another command is
// asked for the same; null: none.
enum disclosure args_disclosure(const struct args *args);
const char *args_disclosure_option(const struct args *args);

#endif
