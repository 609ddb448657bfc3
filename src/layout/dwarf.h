// SPDX-License-Identifier: GPL-3.0-or-later
// A layout out of a build's own debug information: gdb reads the DWARF, gdb/ouro/locate.py writes
// it down.
//
// Does not know: where the files came from. Runs nothing but gdb, in batch mode, on files; no
// process is attached to and no core is opened. A gdb that has not answered in time is killed.
// Owns: a temporary folder while it runs; the child process. Cost: one to three seconds.
#ifndef OURO_LAYOUT_DWARF_H
#define OURO_LAYOUT_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout/gdb_run.h"
#include "base/progress.h"
#include "layout/layout.h"

struct dwarf_ask {
    const char *gdb;    // NULL: "gdb" of $PATH
    const char *script; // gdb/ouro/locate.py
    // Where the interpreter may be (executable, libpython), then extension modules.
    const struct regular_file *files;
    size_t n_files;
    struct gdb_used *used; // what was opened of the first, or NULL
    const char *debug_dir; // gdb's debug-file-directory, or NULL for its own
    uint32_t version;      // PY_VERSION_HEX where it is known, else 0: not every build tells
    unsigned seconds;      // 0: 30
    const struct progress *progress; // or null: see gdb_run.h
};

bool dwarf_layout(struct layout *layout, const struct dwarf_ask *ask, struct err *err);

#endif
