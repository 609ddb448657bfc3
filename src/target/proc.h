// SPDX-License-Identifier: GPL-3.0-or-later
// What /proc and the kernel say about a process, and reading its memory.
//
// Does not know: whether the process stands still.
//
// Owns: nothing.
#ifndef OURO_TARGET_PROC_H
#define OURO_TARGET_PROC_H

#include "target/maps.h"
#include "target/ops.h"

// /proc/TID/mem, or -1; and what can be read of it: how many bytes from the start on.
int proc_memory(pid_t tid);
size_t proc_read(int fd, addr from, void *to, size_t size);

// Copies memory of the process that tid belongs to; how many bytes from the start on it got. Quick,
// but since Linux 5.19 it makes pages that a fork left shared the process's own: see snapshot.c.
size_t proc_peek(pid_t tid, addr from, void *to, size_t size);

// One sentence for "not allowed to look at pid": which setting or capability is in the way.
bool proc_denied(pid_t pid, int number, struct err *err);

// The machine we run on, which is also the process's.
enum machine proc_machine(void);

// Whether the program that the process runs is a 32-bit one. False where its file may not be read.
bool proc_is_32_bit(pid_t pid);

// The command line with spaces between the words, or the name in brackets. Null: out of memory.
char *proc_command(pid_t pid);

// /proc/PID/auxv as it is. Null: cannot be read.
uint8_t *proc_auxv(pid_t pid, size_t *size);

// AT_PHDR of an auxv: an address within the program. 0: none.
addr proc_inside_exe(const uint8_t *auxv, size_t size);

// What to put before the process's paths: "" where it sees the same files as we do.
void proc_root(pid_t pid, char *text, size_t size);

// Lazy segments for all readable mappings; neighbours with equal rights become one segment, but for
// those that are late (live_late).
bool proc_segments(const struct maps *maps, const bool *late, struct segments *to, struct err *err);

// The modules of the process, read through the target, whose segments are there.
bool proc_modules(struct target *target, pid_t pid, const struct maps *maps, addr inside_exe,
                  const struct target_options *options, struct err *err);

#endif
