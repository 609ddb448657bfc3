// SPDX-License-Identifier: GPL-3.0-or-later
// `ouro collect-core PID`: run by the kernel when a process dies, it leaves a saved heap.
//
//      core_pattern  ->  crash_run  ->  a child within limits: ouro --still -p PID save  ->  a file
//
// The child writes into a folder that nobody else has; what is whole is moved out of it, and the folder
// goes in any case. Does not know: Python. Owns: the child.
#ifndef OURO_CLI_CRASH_H
#define OURO_CLI_CRASH_H

#include "cli/notices.h"
#include "cmd/session/args.h"

bool crash_is_asked(const struct options *options);
bool crash_run(const struct options *options, const struct notices *notices, struct err *err);

#endif
