// SPDX-License-Identifier: GPL-3.0-or-later
// `ouro TARGET serve`: one process keeps the heap and answers many questions.
//
//      stdin, or a client of the socket --> lines --> session_run() --> lines back
//
// JSON Lines: {"id":1,"command":"types -n 5"} or {"id":1,"command":["types","-n","5"]} in;
// {"id":1,"row":{...}} for every row and {"id":1,"summary":{...}} or {"id":1,"error":{...}} out, the
// last line of an answer. {"cancel":1} stops what runs, or leaves out what waits.
//
// With --mcp it is the Model Context Protocol instead: see serve_mcp.h.
#ifndef OURO_CLI_SERVE_H
#define OURO_CLI_SERVE_H

#include "cli/notices.h"
#include "cmd/session/session.h"

// Whether the words of the call are this command, and with what.
bool serve_is(const struct options *options);
// Until the input ends, or SIGINT or SIGTERM comes; returns the exit status.
int serve_run(struct session *session, const struct options *options, struct notices *notices);

#endif
