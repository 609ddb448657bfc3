// SPDX-License-Identifier: GPL-3.0-or-later
// `types | head` and `types > FILE` at the prompt: where the rows of a line go.
//
// Does not know: commands, but that `sql` has a > and a | of its own, and `find` a >: there
// they count after a semicolon only. Owns: nothing; texts point into the line.
#ifndef OURO_CLI_REDIRECT_H
#define OURO_CLI_REDIRECT_H

#include <stdbool.h>

#include "base/err.h"

enum redirect_kind { REDIRECT_NONE, REDIRECT_PIPE, REDIRECT_FILE };

struct redirect {
    enum redirect_kind kind;
    char *where; // a line for the shell, or a file's name
};

// Cuts it off the line. ERR_USAGE where nothing follows.
bool redirect_take(char *line, struct redirect *redirect, struct err *err);

#endif
