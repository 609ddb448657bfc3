// SPDX-License-Identifier: GPL-3.0-or-later
// Completion for shells, written from the tables of options and commands: nothing is said twice.
//
// Does not know: targets. Words that stand for objects and types are completed inside of ouro (-i,
// the screen, gdb), where the heap is read. Owns, borrows: nothing.
#ifndef OURO_CLI_COMPLETION_H
#define OURO_CLI_COMPLETION_H

#include <stdbool.h>

#include "base/text.h"

// Appends the script for "bash", "zsh" or "fish". False: none of these shells.
bool completion_write(const char *shell, struct text *out);

#endif
