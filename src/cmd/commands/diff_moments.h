// SPDX-License-Identifier: GPL-3.0-or-later
// `diff BASE --suspects` and `diff BASE --class TYPE`: what was heavy before and is now, and the paths to
// a class before and now, compared by name.
//
// Owns, borrows: nothing. Cost: the other heap is opened, asked and closed; then this one is.
#ifndef OURO_CMD_COMMANDS_DIFF_MOMENTS_H
#define OURO_CMD_COMMANDS_DIFF_MOMENTS_H

#include "cmd/report/report.h"
#include "cmd/session/session.h"
#include "finding/suspect_names.h"

extern const struct column moments_suspect_columns[], moments_path_columns[];

// The suspects of a heap, into an empty `names`. The context of compare_visit().
bool moments_suspects(struct session *session, void *names, struct err *err);
bool moments_add_suspects(struct session *session, const char *base, struct report *report,
                          struct err *err);
bool moments_add_paths(struct session *session, const char *base, const struct args *args,
                       struct report *report, struct err *err);

#endif
