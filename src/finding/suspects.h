// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps much of the heap, whatever it is: the suspects.
//
//      1. by dominators    down the tree to where it fans out: the last object before the drop
//
//                          app.STORE  60 %  ->  .rows  59 %  ->  [0] 0.1 %, [1] 0.1 %, ...
//                                               ^^^^^ a suspect
//                          A long path on which the drop is spread out is a chain: its first link is the suspect.
//      2. by paths         what two containers share is dominated by neither: the same walk down the
//                          paths from names (root_paths.h), over what the first has left
//      3. by class         what hangs apart, at roots of its own: groups of one type
//
// No object is counted for two suspects. Namespaces (of modules, classes, instances with few
// attributes) are gone through, and what is in them by writing a program is nobody's suspect.
//
// Does not know: why, or whether it is a leak. Owns: the items. Borrows: the finder, while it
// looks. Cost: some passes over the objects, 17 bytes each while it runs.
#ifndef OURO_FINDING_SUSPECTS_H
#define OURO_FINDING_SUSPECTS_H

#include "finding/finder.h"

enum suspect_form {
    SUSPECT_ALONE,  // the object keeps all of it by itself
    SUSPECT_SHARED, // paths to it lead over the object first; others may lead there, too
    SUSPECT_CHAIN,  // the object is the first link
    SUSPECT_CLASS,  // objects of a type, each held for itself; the object is the largest
};

struct suspect {
    enum suspect_form form;
    node object;
    uint64_t bytes;
    uint64_t count; // CLASS: members. CHAIN: links of its type on the heaviest way. Else 0
    uint32_t type;  // CLASS: of the members. CHAIN: of the links. Else of the object
};

struct suspects {
    struct suspect *items; // the heaviest first
    size_t count, capacity;
};

bool suspects_find(struct suspects *suspects, struct finder *f, struct err *err);
void suspects_free(struct suspects *suspects); // accepts a zeroed one

#endif
