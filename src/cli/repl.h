// SPDX-License-Identifier: GPL-3.0-or-later
// The prompt: commands with completion and history; or a script on stdin, without a prompt.
#ifndef OURO_CLI_REPL_H
#define OURO_CLI_REPL_H

#include "cli/notices.h"
#include "cmd/session/session.h"

// Runs until `quit` or the end of input; returns the exit status. A script goes on after a command
// that failed; its status is then 1.
int repl_run(struct session *session, const struct options *options, struct notices *notices);

#endif
