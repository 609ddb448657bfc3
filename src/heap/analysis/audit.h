// SPDX-License-Identifier: GPL-3.0-or-later
// Checks the whole heap against the types' own tp_traverse: every stored reference is compared with the
// jail's answer, object by object.
//
// Does not know: who wants it. Cost: the jail's 0.05 us per object and a sort of each object's
// references.
#ifndef OURO_HEAP_ANALYSIS_AUDIT_H
#define OURO_HEAP_ANALYSIS_AUDIT_H

#include "heap/heap.h"
#include "py/extension/traverse.h"

struct audit {
    uint64_t asked, agreed, differed, unanswered;
    uint64_t unknown; // visited addresses that are no object of the heap
};

// differs() is told every object whose visited references are not those of its tp_traverse, as a
// multiset; false stops the audit.
bool heap_audit(const struct heap *heap, struct traverse *jail,
                bool (*differs)(void *context, node n), void *context, struct audit *audit,
                const struct progress *progress, struct err *err);

#endif
