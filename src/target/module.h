// SPDX-License-Identifier: GPL-3.0-or-later
// The ELF files of a target: which they are, where they are mapped, and whether the file on disk is
// still the one that was mapped.
//
// Does not know: whether the target is a core or alive; it gets mappings and reads through
// target_view.
//
// Owns: nothing; what it makes is the target's.
// Cost: one open, one page of memory and one of the file per module. Files that are no ELF are left alone.
#ifndef OURO_TARGET_MODULE_H
#define OURO_TARGET_MODULE_H

#include "target/maps.h"
#include "target/ops.h"

struct module_source {
    const char *root; // put before every path; null: none. A file of a core that is not there is
                      // taken from where the core says when its build-id is the core's
    const char *exe;  // the program's file, if the user names one
    addr inside_exe;  // an address within the program (AT_PHDR); 0: not known
    bool passing;     // the target through which modules are found goes before they do
    bool strict;      // paths lead to files below root only, whatever links say; no root: none
    pid_t pid;        // a living thread of a live process: /proc/PID/map_files and exe have the
                      // files that it runs, whatever their names lead to now
};

// Fills target->modules from the mappings. Fails when memory runs out and when source->exe is not
// the program that ran. Every module's `refused` and `file` are settled here.
bool modules_find(struct target *target, const struct maps *maps,
                  const struct module_source *source, struct err *err);

// Adds segments for what the mappings name, the module's file has, and a running program does not
// change: text and constants.
bool modules_clean(const struct target *target, const struct maps *maps, struct segments *to,
                   struct err *err);

// Whether a mapping is such a part of a module whose file we have.
bool module_is_clean(const struct target *target, const struct mapping *mapping);

// Sets segment.module by address.
void modules_tie(struct target *target);

void modules_free(struct target *target);

#endif
