// SPDX-License-Identifier: GPL-3.0-or-later
// Immediate dominators, of living objects and separately of garbage, and what each object retains.
//
//      living     from all roots (roots.h)
//      dead       what no root reaches; the tops of its components, where it begins, stand in
//                 for roots
//
// Does not know: names. Owns: the arrays, until dominate_free(). Borrows: nothing afterwards.
// Cost: practically linear (graph/dom.h). Memory: 12 bytes per object kept; at most 29 while it runs.
#ifndef OURO_HEAP_ANALYSIS_DOMINATE_H
#define OURO_HEAP_ANALYSIS_DOMINATE_H

#include "graph/dom.h"
#include "heap/analysis/roots.h"

struct dominate {
    uint32_t *parent;   // an object's immediate dominator; DOM_ROOT: several ways, or a root's own;
                        // DOM_NONE: hidden
    uint64_t *retained; // bytes that go when the object goes
    uint64_t *dead;     // marks: no root reaches them
    uint64_t dead_count, dead_bytes, living_bytes;
};

// missing: the heap's reverse CSR, if it is not there yet: a second thread makes it. Else null.
bool dominate_find(struct dominate *dominate, const struct heap *heap, struct csr *missing,
                   const struct heap_roots *roots, const struct progress *progress,
                   struct err *err);
void dominate_free(struct dominate *dominate);

#endif
