// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a core file of a live process from its target.
//
// Does not know: how the process was stopped; it reads the target.
//
// What is written is what the kernel would write: everything but text and constants that files
// have, of which only the first page (with the build-id) goes in. Pages of zeros become holes in
// the file. `with_files` puts text and constants in, too: such a core is read where none of the files
// is. The file is open to its owner alone, as a core is: it holds the process's secrets.
//
// Owns, borrows: nothing. Cost: one pass. For a "copy" the process has been running again long since.
#ifndef OURO_TARGET_DUMP_H
#define OURO_TARGET_DUMP_H

#include "target/target.h"

#define DUMP_NOTE "ouro" // the name of the note with the provenance

// Fails for a target that is not a live process of this machine, and when `file` is there already.
// On failure the unfinished file is removed. *bytes is the length of the core, with its holes.
bool target_dump(struct target *target, const char *file, bool with_files,
                 const struct progress *progress, uint64_t *bytes, struct err *err);

// One sentence about programs and libraries that the process maps though their files are deleted:
// their text is not in the core, nor anywhere once the process has ended. False: there are none.
bool target_dump_deleted_text(const struct target *target, char *text, size_t size);

#endif
