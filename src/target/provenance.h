// SPDX-License-Identifier: GPL-3.0-or-later
// Where and when the process ran that a target shows: what tells many heaps of one program apart.
//
// Does not know: the process's memory. Nothing here is in it: what /proc says of a living process
// goes with the core and the heap that ouro writes; other cores have what systemd-coredump wrote
// beside them.
//
// Owns: its texts. Bytes of a foreign file: shown escaped, never a path or a command.
#ifndef OURO_TARGET_PROVENANCE_H
#define OURO_TARGET_PROVENANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/disclosure.h"
#include "base/record.h"

struct provenance {
    char *host;      // the machine's name as it calls itself; null: not known
    char *container; // what its cgroup calls the container; null: in none, or not known
    char *release;   // what somebody said when the heap was saved; null: nothing
    int64_t started; // the process; seconds since 1970, 0: not known
    int64_t taken;   // the picture of it: likewise. A core's file says when it was written
};

// A process of this machine, looked at now.
void provenance_of_process(struct provenance *p, pid_t pid);

// A core: the attributes user.coredump.* of its file, else when it was written, where nothing is
// known yet.
void provenance_of_file(struct provenance *p, const char *path);

// The container in the text of /proc/PID/cgroup: the last 64 hexadecimal digits in a row (Docker,
// containerd, CRI-O, Podman), or the name of LXC's or of systemd-nspawn's. "", false: none.
bool provenance_container(const char *cgroup, char *text, size_t size);

// how: whether with the texts that are the machine's and the process's.
void provenance_put(const struct provenance *p, enum disclosure how, struct text *to);
bool provenance_take(struct provenance *p, struct record *from); // false: it makes no sense
bool provenance_known(const struct provenance *p);
void provenance_fini(struct provenance *p); // accepts a zeroed one

#endif
