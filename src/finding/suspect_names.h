// SPDX-License-Identifier: GPL-3.0-or-later
// The suspects of a heap by name, so that those of two heaps can be compared.
//
// Does not know: the other heap. Owns: names, until suspect_names_free(). Borrows: the sources, while
// it looks. Cost: suspects.h.
#ifndef OURO_FINDING_SUSPECT_NAMES_H
#define OURO_FINDING_SUSPECT_NAMES_H

#include "finding/finding.h"

struct suspect_name {
    const char *name; // "app.CACHE"; "app.Page objects" of a class
    uint64_t bytes;
    node object;
};

struct suspect_names {
    struct suspect_name *items; // the heaviest first
    size_t count;
    struct findings texts;
};

// Wants dominators, and what they need.
bool suspect_names_find(struct suspect_names *names, const struct finding_sources *sources,
                        struct err *err);
void suspect_names_free(struct suspect_names *names); // accepts a zeroed one

#endif
