// SPDX-License-Identifier: GPL-3.0-or-later
// The named place that every object hangs under: the module variable, class attribute or local of a
// frame that it is first reached from.
//
//      sys.modules['app']  ->  .__dict__  ->  ['CACHE']  ->  ...  ->  ...
//      |------------- namespaces --------|   |--- all of this hangs under "app.CACHE" ---|
//
// One breadth-first walk, from modules until nothing more is found, then from locals, frames,
// threads and so on in the order in which names are preferred (py/runtime/runtime_roots.h); what no root reaches is
// garbage. An object that several places hold hangs under the nearest, modules first. Names do not
// tell threads and lines apart, so that those of two runs can be compared.
//
// Owns: all arrays and names, until forest_free(). Borrows: the heap and roots, only while it
// builds. Cost: one pass over the edges, and one naming of each variable. Memory: 12 bytes per
// object.
#ifndef OURO_HEAP_ANALYSIS_FOREST_H
#define OURO_HEAP_ANALYSIS_FOREST_H

#include "base/names.h"
#include "heap/heap.h"
#include "heap/analysis/roots.h"

struct named_place {
    const char *name;
    uint64_t objects, bytes;
    node object; // the first that hangs there
};

struct forest {
    uint32_t *of; // per object: index into items; NAMES_NONE: it is hidden
    node *parent; // the object that it was first reached from; NODE_NONE: a root, or garbage
    node *order;  // the objects reached, in that order
    uint32_t reached;
    uint64_t *spaces; // marks: modules, classes, and their dicts
    struct named_place *items;
    uint32_t count;
    size_t capacity;
    struct names names;
};

bool forest_find(struct forest *places, const struct heap *heap, const struct heap_roots *roots,
                 const struct progress *progress, struct err *err);
// Frees what is told of single objects; items and their names stay.
void forest_forget_objects(struct forest *places);
void forest_free(struct forest *places); // a zeroed one is fine

#endif
