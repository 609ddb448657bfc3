// SPDX-License-Identifier: GPL-3.0-or-later
// The files in which the kernel describes processes and control groups: read whole, one number, or a
// path. What a process writes into them (its name, its command line) may be anything.
//
// Does not know: what the numbers are for. Owns: nothing. Cost: open, read, close.
#ifndef OURO_TARGET_PROC_FILE_H
#define OURO_TARGET_PROC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A whole small file, terminated by a 0 that is not counted in size. Null: errno says why.
char *file_slurp(const char *path, size_t most, size_t *size);

// As much of a file as there is room for, as a string: "" where it cannot be read.
const char *file_peek(const char *path, char *text, size_t room);

// The number after a word that begins a line ("VmRSS:"); word null: of a file that is one number.
// False where it is not there, or none ("max").
bool file_number(const char *path, const char *word, uint64_t *number);

// The same of /proc/PID/NAME.
char *proc_slurp(pid_t pid, const char *name, size_t most, size_t *size);
const char *proc_peek_file(pid_t pid, const char *name, char *text, size_t room);
bool proc_number(pid_t pid, const char *name, const char *word, uint64_t *number);

// The first letter of a thread's state (R S D T t Z X), 0 when there is no such thread.
char proc_state(pid_t pid, pid_t tid);

// A number of /proc/PID/stat, called as proc(5) counts them, from 4 on.
enum proc_stat_field {
    PROC_STAT_PARENT = 4,
    PROC_STAT_UTIME = 14, // in ticks, as are the next two
    PROC_STAT_STIME = 15,
    PROC_STAT_START = 22,
    PROC_STAT_STACK = 28, // where its stack began: the same in a fork, another one after an exec
};
bool proc_stat(pid_t pid, enum proc_stat_field field, uint64_t *number);

// The path of a control group out of /proc/PID/cgroup or a file like it: in the hierarchy of version 1
// that has the controller ("memory", "cpu"), or, controller null, in that of version 2. False: in none.
bool proc_cgroup(const char *file, const char *controller, char *path, size_t room);

// Cuts a group's folder down to that of the group above it. False: its path has only `top` bytes left,
// those of the hierarchy's mount point.
bool proc_cgroup_up(char *folder, size_t top);

#endif
