// SPDX-License-Identifier: GPL-3.0-or-later
// Who refers to an object, in one line: "list[3], app.User.friend, 5 more".
//
// Needs NEEDS_REVERSE. Cost: at most three holders are read again, none of them larger than a few
// thousand references.
#ifndef OURO_CMD_ANALYSIS_HOLDERS_H
#define OURO_CMD_ANALYSIS_HOLDERS_H

#include "cmd/session/session.h"

const char *holders_line(const struct session *session, struct report *report, node n);

#endif
