// SPDX-License-Identifier: GPL-3.0-or-later
// A target read from a saved heap (base/store.h): what is known of the process, and the pages of its
// memory that were kept.
//
// Does not know: Python, objects. The memory comes as the one of any other source does: segments
// that are filled block by block, each block a frame of the file that is unpacked when it is looked
// at first. Without an image (no values) there are no segments: every read fails.
//
// Owns: what it allocates hangs on the target. Borrows: the store, until target_close.
// Cost: opening reads two small sections; a block takes about 0.2 ms.
#ifndef OURO_TARGET_SAVED_MEMORY_H
#define OURO_TARGET_SAVED_MEMORY_H

#include "base/disclosure.h"
#include "base/store.h"
#include "target/target.h"

struct target_origin {   // of a saved heap: where it came from
    const char *kind;    // "core", "copy", ...
    const char *path;    // of the core; null: none, or not disclosed
    const char *version; // of the ouro that saved it
    int64_t when;        // seconds since 1970
};

// Writes the sections of the target itself: threads, modules, the interpreter module's variables,
// and the names of the given addresses in C. how: whether with paths, command line and names.
void target_write(struct target *target, int module, const addr *named, size_t named_count,
                  enum disclosure how, struct store_out *out);

bool target_open_saved(struct target *target, struct store *store, const char *path,
                       struct err *err);

// Null: it is none.
const struct target_origin *target_origin(const struct target *target);

#endif
