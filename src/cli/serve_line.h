// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of a client, one JSON value per line: they are read ahead while a command runs, so that one
// of them can stop it.
//
// Does not know: what they mean. Owns: bytes and messages, until serve_line_fini(). Invariants: a line
// is at most SERVE_LINE_MAX bytes, and at most SERVE_WAITING messages wait; then nothing more is read.
#ifndef OURO_CLI_SERVE_LINE_H
#define OURO_CLI_SERVE_LINE_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>

#include "base/text.h"

#define SERVE_LINE_MAX ((size_t)4 << 20)
#define SERVE_WAITING 256

struct serve_line {
    int in, out;
    struct text bytes;              // of the line that is not whole yet
    json_t *waiting[SERVE_WAITING]; // null: a line that is no JSON
    char *plain[SERVE_WAITING];     // ... and what it was
    size_t count;
    bool ended; // no more will come
    bool lost;  // the reader of our answers went away
    bool skips; // a line that is too long: until its end
};

void serve_line_fini(struct serve_line *line);
// Reads what is there, after waiting so many milliseconds for it.
void serve_line_read(struct serve_line *line, int milliseconds);
// Takes the i-th message out of those that wait. *plain is the caller's, as the value is.
json_t *serve_line_take(struct serve_line *line, size_t i, char **plain);
// Writes all of it; false: nobody reads it.
bool serve_line_write(struct serve_line *line, struct text *text);

#endif
