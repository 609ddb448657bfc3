// SPDX-License-Identifier: GPL-3.0-or-later
// One command, answered on stdout.
#ifndef OURO_CLI_ANSWER_H
#define OURO_CLI_ANSWER_H

#include "cli/notices.h"
#include "cmd/session/session.h"

struct answer {
    bool ok;    // all rows were written
    bool usage; // a word was off; otherwise the answer could not be had
    bool alarm; // answered, and the exit status is to tell of it (`findings --fail-on`)
    bool gone;  // who read stdout went away: no error, and nothing more to do
};

// Runs the command and writes its rows as the options say. When it fails, its sentence is said on
// stderr.
struct answer answer_words(struct session *session, const struct options *options,
                           struct notices *notices, size_t argc, const char *const *argv);
struct answer answer_line(struct session *session, const struct options *options,
                          struct notices *notices, const char *line);

#endif
