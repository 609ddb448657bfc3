// SPDX-License-Identifier: GPL-3.0-or-later
// Which layout to use for an interpreter: asks every source in turn, and says which one answered.
//
//      1. the file that the user names   nothing else is tried, and a bad one is an error
//      2. the cache, by build-id         $XDG_CACHE_HOME/ouro/layouts/BUILD-ID.layout, or ~/.cache
//      3. DWARF through gdb              what it finds goes to the cache
//      4. the shipped tables             the exact version, or the nearest patch release
//
// Does not know: targets, addresses, memory. The caller says what is known of the build, and
// checks the answer against the memory (py/runtime/runtime.h); _Py_DebugOffsets (offsets.h) may complete
// it.
//
// Owns: nothing; writes to the cache folder only. Cost: a file read; seconds when gdb is asked.
#ifndef OURO_LAYOUT_CHOOSE_H
#define OURO_LAYOUT_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/progress.h"
#include "base/regular.h"
#include "layout/layout.h"

struct layout_ask {
    const char *file;     // --layout, or NULL
    const char *build_id; // of the file that holds the interpreter, in hex, or NULL
    uint32_t version;     // PY_VERSION_HEX, or 0 when it is not known: then no table can be chosen
    uint32_t stand_in;    // 0, or the minor version whose tables are taken for one that has none
    const char *machine;  // "x86_64", or NULL for that of this program
    bool free_threaded, debug;
    const struct regular_file *files; // for gdb: executable, libpython, then extension modules
    size_t n_files;
    const char *tables;    // the folder of shipped tables, or NULL
    const char *script;    // gdb/ouro/locate.py, or NULL for no gdb
    const char *cache;     // the folder of cached layouts, or NULL for the usual one; "" for none
    const char *debug_dir; // gdb's debug-file-directory, or NULL
    const void *offsets;   // the first bytes of _PyRuntime (offsets.h), or NULL: of several tables
    size_t offsets_size;   // that are not exact, the one that _Py_DebugOffsets contradicts least
    bool no_gdb;
    bool
        no_debug; // none of the files has debug information, nor is there a separate one: gdb need not look
    unsigned gdb_seconds;            // 0: 30
    const struct progress *progress; // or null: told to stop while gdb reads, the error says so
    size_t rank; // 0: the best answer; n: the table that comes n places after the best one, because
                 // memory did not agree with those before
};

enum layout_origin {
    LAYOUT_FROM_FILE,
    LAYOUT_FROM_CACHE,
    LAYOUT_FROM_DWARF,
    LAYOUT_FROM_TABLE,
    LAYOUT_FROM_NEAR_TABLE,
};

struct layout_choice {
    enum layout_origin origin;
    char passed[400];  // why the better sources had no answer; empty when none was passed over
    char refused[200]; // what debug information says that its version cannot have; else ""
};

// layout->source says in words where it came from. With no source at all the error names what was
// tried. A source that only short memory, or somebody's stop, kept from answering is not passed over:
// that is the error.
bool layout_choose(struct layout *layout, const struct layout_ask *ask,
                   struct layout_choice *choice, struct err *err);

#endif
