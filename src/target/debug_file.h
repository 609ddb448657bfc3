// SPDX-License-Identifier: GPL-3.0-or-later
// The file that holds the debug information of a module: the module's own, or a separate one.
//
// Does not know: what is in it. Looked for where gdb looks: by build-id below /usr/lib/debug, then
// under the name that the module's file has for it, beside it, in .debug and below /usr/lib/debug;
// under the root that the module's file was found in, then under our own; last, among what
// debuginfod has left. A file with another
// build-id than the target's module is none; a module whose build-id the target does not show has
// none.
//
// Owns: nothing. Cost: some opens; a page or two of each file that is there.
#ifndef OURO_TARGET_DEBUG_FILE_H
#define OURO_TARGET_DEBUG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/regular.h"
#include "target/target.h"

// For free(); null: there is none. *which: what was opened under that name.
char *debug_file(const struct module *module, struct regular *which);

// What gdb would not find by the module's file: that file is not here, or debuginfod has left it. For
// free(); null: there is none.
char *debug_file_apart(const struct module *module, struct regular *which);

// Where what such a file refers to in its turn (dwz) is looked for before /usr/lib/debug. For
// free(); null: nowhere.
char *debug_folder(const struct module *module);

#endif
