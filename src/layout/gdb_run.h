// SPDX-License-Identifier: GPL-3.0-or-later
// A script of ours, run by a gdb in batch mode on files: what reads debug information for us.
//
// Does not know: what the script does. It finds what it is to do in environment variables, one of
// which names a file that `want` writes, another one the file that it writes and `read` reads.
//
// Runs nothing but gdb; no process is attached to and no core is opened. A gdb that has not
// answered in time is killed. Owns: a temporary folder while it runs; the child process. Cost: a
// third of a second and more.
#ifndef OURO_LAYOUT_GDB_RUN_H
#define OURO_LAYOUT_GDB_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

#define GDB_WISHES 3

struct gdb_wish { // an environment variable
    const char *name, *value;
};

struct gdb_ask {
    const char *gdb;                  // null: "gdb" of $PATH
    const char *script;               // gdb/ouro/NAME.py
    const char *debug_dir;            // gdb's debug-file-directory, or null for its own
    unsigned seconds;                 // 0: 30
    const char *want_name, *out_name; // of the variables: OURO_NAME_WANT, OURO_NAME_OUT
    struct gdb_wish wishes[GDB_WISHES];
    size_t n_wishes;
    void *context;
    void (*want)(void *context, FILE *file);
    bool (*read)(void *context, const char *path, struct err *err);
};

bool gdb_run(const struct gdb_ask *ask, struct err *err);

#endif
