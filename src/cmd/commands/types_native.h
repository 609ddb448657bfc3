// SPDX-License-Identifier: GPL-3.0-or-later
// `types --native`: how much C memory the objects of each type lead to.
//
// Does not know: what an object retains (heap/memory/native_retained.h); a block counts once, for
// the object that led to it first. Owns, borrows: nothing. Cost: session_blocks().
#ifndef OURO_CMD_COMMANDS_TYPES_NATIVE_H
#define OURO_CMD_COMMANDS_TYPES_NATIVE_H

#include "cmd/session/session.h"

extern const struct column native_types_columns[];

bool native_types_report(struct session *session, struct report *report, struct err *err);

#endif
