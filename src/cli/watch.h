// SPDX-License-Identifier: GPL-3.0-or-later
// `ouro -p PID watch`: beside a process until a rule holds, then a strike.
//
//      sample (statm, memory.current)  ->  rules  ->  a child: ouro -p PID save FILE  ->  a row
//
// Does not know: Python. The process is never stopped by a sample; a strike is a program of its own,
// so that its memory, its time and its end are not ours. Owns: the list of processes, their pidfds.
// Cost: three small files per sample and process; a look at /proc every few samples with --name.
#ifndef OURO_CLI_WATCH_H
#define OURO_CLI_WATCH_H

#include "cli/notices.h"
#include "cmd/session/args.h"
#include "cmd/session/session.h"

// Whether the line is a watch. ok: all went well, and so the exit status is 0.
bool watch_is_asked(const struct options *options);
// how: as targets are opened, for --gen2.
bool watch_run(const struct options *options, const struct notices *notices,
               const struct session_options *how, struct err *err);

#endif
