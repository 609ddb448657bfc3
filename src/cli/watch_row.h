// SPDX-License-Identifier: GPL-3.0-or-later
// What `watch` reports: one row per event, with what was sampled last, as text or as JSON Lines on
// stdout, and as JSON Lines in a log.
//
// The log is appended to, and set aside as FILE.1 when it has grown to 16 MiB: it never fills the disk.
// Does not know: rules. Owns: nothing between two rows. Cost: a write each; the log is opened for it.
#ifndef OURO_CLI_WATCH_ROW_H
#define OURO_CLI_WATCH_ROW_H

#include "target/cgroup.h"

struct watch_values { // of a process
    pid_t pid;
    uint64_t rss, growth, gen2;
    bool has_growth, has_gen2;
    struct cgroup_memory group;
};

struct watch_row {
    const char *event, *rule, *file, *what;
    uint64_t bytes;                    // of the file
    const struct watch_values *values; // null: it is about no process
};

struct watch_rows {
    bool json;       // on stdout
    const char *log; // null: none
    uint64_t count, strikes;
    bool gone; // nobody reads stdout
    bool deaf; // the log cannot be written
};

void watch_rows_tell(struct watch_rows *rows, const struct watch_row *row);
void watch_rows_end(struct watch_rows *rows); // the summary of JSON Lines

#endif
