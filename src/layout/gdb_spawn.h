// SPDX-License-Identifier: GPL-3.0-or-later
// Starting a gdb that is locked up: it reads debug information that an attacker may have written.
//
//      files      only what is passed on, by number, and what belongs to the system's programs
//                 (/usr, /lib ..., gdb's own folder) can be opened, and for reading only: Landlock
//      calls      no socket, no hand on another process (ptrace, kill), nothing that changes a file
//                 or the system: seccomp, which gdb and whatever it starts keep
//      rights     no_new_privs; of root's rights only reading stays
//      amounts    memory, CPU time, bytes written; the kernel takes it before others when memory
//                 runs out; it ends with its parent
//
// gdb asks iconv what it knows when it starts. The script then forbids other processes and programs
// as well (gdb/ouro/lock.py), before it reads anything of a target.
//
// Does not know: what the script is for. Without seccomp no gdb is started; without Landlock (before
// Linux 5.13) the filter still forbids to open anything for writing.
//
// Owns: the descriptors to pass, until gdb_spawn_fini. Cost: a page or two, and a vfork.
#ifndef OURO_LAYOUT_GDB_SPAWN_H
#define OURO_LAYOUT_GDB_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define GDB_SPAWN_MOST 300 // descriptors

struct gdb_spawn {
    int passed[GDB_SPAWN_MOST];    // ours; the child has them as 3, 4, ...
    bool readable[GDB_SPAWN_MOST]; // a file may be opened again, a folder's files may be opened
    size_t count;
};

// Takes a descriptor over, also where it fails; *at is its number in the child.
bool gdb_spawn_pass(struct gdb_spawn *spawn, int fd, int *at, struct err *err);

// The same for a folder that paths may begin with, though nothing in it may be opened that is not
// allowed otherwise.
bool gdb_spawn_pass_place(struct gdb_spawn *spawn, int fd, int *at, struct err *err);

// arguments[0] is the program: a path, or a name that is looked for in $PATH's absolute folders;
// the last but one the script. *complaints: the child's standard error, to be read and closed.
bool gdb_spawn_start(const struct gdb_spawn *spawn, const char *const *arguments,
                     char *const *environment, pid_t *pid, int *complaints, struct err *err);

void gdb_spawn_fini(struct gdb_spawn *spawn); // accepts a zeroed one

#endif
