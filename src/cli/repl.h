// SPDX-License-Identifier: GPL-3.0-or-later
// The prompt: commands with completion and history; or a script on stdin, without a prompt.
#ifndef OURO_CLI_REPL_H
#define OURO_CLI_REPL_H

#include <stdio.h>

#include "cli/notices.h"
#include "cmd/session/session.h"

// Runs until `quit` or the end of input; returns the exit status. A script goes on after a command
// that failed; its status is then 1.
int repl_run(struct session *session, const struct options *options, struct notices *notices);
// The same for the lines of a file, which the caller opened. 3: all answered, and one of them found
// what `findings --fail-on` was to tell of.
int repl_run_file(struct session *session, const struct options *options, struct notices *notices,
                  FILE *file);

#endif
