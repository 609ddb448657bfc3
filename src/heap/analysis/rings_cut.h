// SPDX-License-Identifier: GPL-3.0-or-later
// Which references of a component of rings to cut: only such as a program can, and so many that no ring
// is left.
//
//      Node.parent        one class of references: a line `self.parent = None`, or a weak reference,
//                         serves every Node
//
// A program can assign to an attribute (unless its descriptor says that it is read-only), take an
// item out of a container, delete a local of a frame that is suspended, empty a cell. It cannot change
// a tuple, function.__closure__, traceback.tb_frame, method.__self__, or a class's __mro__.
//
// Does not know: how a ring is drawn. Borrows: the rings and the part. Owns: names and classes, until
// cuts_free().
// Cost: the names of the component's references are read once, and those of its copies once when it
// is asked what would be freed.
#ifndef OURO_HEAP_RINGS_CUT_H
#define OURO_HEAP_RINGS_CUT_H

#include "base/names.h"
#include "graph/feedback.h"
#include "heap/analysis/rings.h"

struct cuts_class {
    const char *key;     // "module.Type\n.attribute", the same in every copy
    const char *example; // ".attribute", "[3]" where there is one such reference only
    uint32_t cost;       // how well a programmer can make it go: the less, the better
    uint32_t entered;    // the most references of the component that enter a target
    uint32_t edges;      // so many references of the component
    node from;           // one holder of such a reference
};

struct cuts {
    struct names names;
    struct arena arena;
    struct cuts_class *classes; // [0]: what cannot be taken out
    size_t count, capacity;
    uint32_t *class_of; // per edge of the part
    struct feedback set;
};

bool cuts_find(struct cuts *cuts, const struct rings *rings, const struct part *part,
               struct err *err);
void cuts_free(struct cuts *cuts); // accepts a zeroed one

// Whether an edge of the part is to go.
bool cuts_has(const struct cuts *cuts, uint64_t part_edge);

// "Node.left, .owner, list[...]": a holder that was named is not named again.
void cuts_text(const struct cuts *cuts, struct text *out);

// Takes the references out of all copies of the component (as many as a bound allows) and lets
// refcounts fall: how many of their objects that frees, without the collector.
bool cuts_simulate(const struct cuts *cuts, struct rings *rings, uint32_t component,
                   uint64_t *freed, uint64_t *objects, struct err *err);

#endif
