// SPDX-License-Identifier: GPL-3.0-or-later
// The shortest path to every object from what has a name, all at once, so that naming one costs only
// its own path. The program's own names, which people know, come first.
//
//      1. from the program's modules   by attributes and items alone: not into other modules, nor into
//                                      libraries' classes, nor what stands in their namespaces
//      2. what is left                 from local variables of the program's running functions, so, too
//      3. what is left                 from libraries' modules, then from the program's, every way
//      4. what is left                 from other roots with names: locals, threads, interpreters
//      5. what is left                 from roots without
//
// Does not know: texts. Owns: 8 bytes per object, and the modules. Borrows: heap and roots.
// Cost: two passes over the references.
#ifndef OURO_FINDING_ROOT_PATHS_H
#define OURO_FINDING_ROOT_PATHS_H

#include "base/err.h"
#include "base/progress.h"
#include "heap/analysis/roots.h"
#include "heap/analysis/without.h"

enum home {
    HOME_NONE,    // no module's names lead there
    HOME_PROGRAM, // the program's own modules
    HOME_LIBRARY, // the standard library's, site-packages'
};

struct root_paths_module {
    node dict;
    addr name; // a str
    bool is_library;
};

struct root_paths {
    node *from;     // an object's predecessor; itself: a root; NODE_NONE: no way
    node *order;    // objects in the order they were reached: each after its predecessor
    uint32_t count; // of these
    struct root_paths_module *modules; // by dict
    size_t module_count, module_capacity;
    char *standard; // the folder of the standard library; null: not known
};

bool root_paths_find(struct root_paths *paths, const struct heap *heap,
                     const struct heap_roots *roots, const struct progress *progress,
                     struct err *err);
// The same where some references are taken out, after without_find(): to what still lives.
bool root_paths_find_without(struct root_paths *paths, const struct heap *heap,
                             const struct heap_roots *roots, const struct without *without,
                             const struct progress *progress, struct err *err);
void root_paths_free(struct root_paths *paths); // accepts a zeroed one

// The module whose globals the dict is, or null.
const struct root_paths_module *root_paths_module(const struct root_paths *paths, node dict);
enum home root_paths_home(const struct root_paths *paths, node n);

// Whether a module of that file, with the standard library in that folder, is a library's. Either
// may be null: a module without a file is built in.
bool root_paths_is_library(const char *file, const char *standard);

#endif
