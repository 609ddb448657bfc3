// SPDX-License-Identifier: GPL-3.0-or-later
// What the two protocols of `serve` share: the session, the client that is being answered, and how
// it cancels its request.
// Owns: nothing. Borrows: the session and the client.
#ifndef OURO_CLI_SERVE_JOB_H
#define OURO_CLI_SERVE_JOB_H

#include "cli/notices.h"
#include "cli/serve_line.h"
#include "cmd/session/session.h"

struct serve_job {
    struct session *session;
    struct notices *notices;
    bool allow; // commands that write files
    struct serve_line *client;
    // The id that a message asks to stop, or null. Borrowed from the message.
    const json_t *(*cancels)(const json_t *message);
    bool tells;       // a question that is cancelled while it waits is answered with an error
    const json_t *id; // of what runs; null: nothing does
    bool cancelled;
    uint64_t next_look; // milliseconds
    struct report kept; // MCP: the last answer, for the next page of it
    char *kept_words;   // what was asked; null: nothing is kept
    bool kept_ok;
};

// Whether the command may be asked for here, and whether with this option.
bool serve_may_run(const struct serve_job *job, const struct command *command);
bool serve_may_take(const struct serve_job *job, const struct command *command,
                    const struct option_row *row);
// Of words that were split already: the same, with a sentence.
bool serve_check(const struct serve_job *job, size_t argc, const char *const *argv,
                 struct err *err);

#endif
