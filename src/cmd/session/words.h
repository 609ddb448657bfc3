// SPDX-License-Identifier: GPL-3.0-or-later
// A typed line split into words, the way a shell would, without anything that a shell would expand.
//
// Does not know: commands. Blanks separate words; '...' keeps all as it is; in "..." and outside of
// quotes a backslash keeps the next character as it is. `a'b c'd` is one word. Owns: a copy of the
// line, from words_split to words_fini.
#ifndef OURO_CMD_SESSION_WORDS_H
#define OURO_CMD_SESSION_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define WORDS_MOST 128

struct words {
    char *bytes;
    const char *items[WORDS_MOST];
    size_t count;
};

// ERR_USAGE for a quote that stays open, a backslash at the end, or more than WORDS_MOST words.
bool words_split(struct words *words, const char *line, struct err *err);
void words_fini(struct words *words);

// Whether a word after the first is this one.
bool words_has(const struct words *words, const char *word);

// One character on, or an escaped one with its backslash. *quote is the quote that is open, before and after; 0: none.
const char *words_step(const char *at, char *quote);

// Takes a word that stands by itself, unquoted, before any `--`, out of the line. False: it is not there.
bool words_take(char *line, const char *word);

// A line "sql OPTIONS STATEMENT -n N" whose statement has no quotes around it: the statement is one word,
// as it is. False, and nothing done: it is another line.
bool words_split_statement(struct words *words, const char *line);

// Where the word that the cursor stands in, or follows, begins in the line: what a completion
// replaces. An open quote is no error here.
size_t words_start(const char *line, size_t cursor);

#endif
