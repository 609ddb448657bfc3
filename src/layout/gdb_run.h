// SPDX-License-Identifier: GPL-3.0-or-later
// A script of ours, run by a gdb in batch mode on files: what reads debug information for us.
//
// Does not know: what the script does. The script, gdb/ouro/NAME.py, finds what it is to do in
// environment variables:
//
//      OURO_NAME_WANT    a descriptor: what `want` has written
//      OURO_NAME_OUT     a descriptor: where the answer goes, which `read` reads
//      OURO_NAME_FILES   "FD FOLDER NAME" a line: a file, the folder it lies in (or -1), both as
//                        descriptors, and what it is called, which is for people and nothing else
//
// Each file is opened once, here, and only regular ones; one whose name has control characters is
// left out. Runs nothing but gdb, locked up (gdb_spawn.h); no process is attached to and no core is
// opened. A gdb that has not answered in time is killed. Owns: the child process. Cost: a third of a
// second and more.
#ifndef OURO_LAYOUT_GDB_RUN_H
#define OURO_LAYOUT_GDB_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/regular.h"

#define GDB_WISHES 3

struct gdb_wish { // OURO_NAME_name
    const char *name, *value;
};

// What was really opened: the first file, and the folder in which things beside it were looked for.
struct gdb_used {
    struct regular file;
    uint64_t folder_device, folder_inode; // 0: none
};

struct gdb_ask {
    const char *gdb;                 // null: "gdb" of $PATH
    const char *script;              // gdb/ouro/NAME.py
    const char *name;                // of the variables: LOCATE, MEMBERS
    const char *debug_dir;           // a folder to look for separate ones first, or null
    unsigned seconds;                // 0: 30
    const struct progress *progress; // or null; told to stop, gdb is killed: ERR_CANCELLED
    const struct regular_file *files;
    size_t n_files, n_folders; // of the first n_folders files the folder is wanted too, at most 2
    struct gdb_wish wishes[GDB_WISHES];
    size_t n_wishes;
    struct gdb_used *used; // null: not of interest
    void *context;
    void (*want)(void *context, FILE *file);
    bool (*read)(void *context, const char *text, size_t size, struct err *err);
};

bool gdb_run(const struct gdb_ask *ask, struct err *err);

#endif
