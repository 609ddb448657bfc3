// SPDX-License-Identifier: GPL-3.0-or-later
// Names for the references of one object that only its tp_traverse reported, as bare addresses. An
// address is named after where the object has it: in its own words, where a decoder reads it, in
// its attributes, in a struct that it points to (py/extension/structs.h).
//
// An object that is visited as often as it can be found is called by these places in turn. Where there
// are more places than visits, nothing says which of them a visit means, and all are named: `(.first or
// .second)`. Where there are fewer, the rest is `(by its tp_traverse)`.
//
// Does not know: which references are asked for. Borrows: the heap. Owns: the places, until
// edge_names_fini. Cost: every word of the object once, and a sort.
#ifndef OURO_HEAP_NAMES_EDGE_NAMES_H
#define OURO_HEAP_NAMES_EDGE_NAMES_H

#include "base/text.h"
#include "heap/heap.h"
#include "py/kinds/refs.h"

struct edge_names_place;

struct edge_names {
    const struct heap *heap;
    const struct type *type;
    node from;
    addr at;
    struct edge_names_place *places; // by address, then as they were found
    size_t count, room;
    bool failed; // no memory
};

bool edge_names_init(struct edge_names *traversed, const struct heap *heap, node from,
                     struct err *err);
void edge_names_fini(struct edge_names *traversed);

// Appends the name of a reference out of the object, and tells the word that holds it; 0: that cannot
// be told. References to one object have to be asked for in their order: the second one gets the
// second name.
void edge_names_name(struct edge_names *traversed, node to, uint32_t flags, struct text *out,
                     addr *slot);

#endif
