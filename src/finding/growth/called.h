// SPDX-License-Identifier: GPL-3.0-or-later
// What a thing is called: a global of a module, an attribute of an instance, a local or a free variable, by way of
// its nearest holders.
//
// Does not know: who uses the name. Owns: nothing. Cost: the edges of a few holders are named.
#ifndef OURO_FINDING_CALLED_H
#define OURO_FINDING_CALLED_H

#include "finding/finder.h"

#define HOLDERS_MAX 8 // looked at

struct called { // what a thing is called by one of its holders
    enum deed_reach reach;
    uint32_t name;     // its number among the deeds' names
    uint8_t depth;     // items between the name and the thing
    bool is_namespace; // the thing is what the named one has its attributes in
    node owner; // GLOBAL: the module's dict. ATTRIBUTE: the instance or class. LOCAL: the code
    const struct type *self; // LOCAL: the thing is the first argument of this class's methods
};

// What this holder calls it. False: nothing by itself.
bool called_by(const struct finder *f, node from, node n, struct called *called);
// From the holder outwards until somebody has a name for it.
bool called_outwards(const struct finder *f, node from, node n, struct called *called);
// A local variable of a running function.
bool called_by_frame(const struct finder *f, node n, struct called *called);

// "['x']" or ".x" as the number of x.
uint32_t called_edge_name(const struct finder *f, const char *edge);
// Whether it is what modules, classes or instances have their names in.
bool called_is_namespace(const struct finder *f, node n);
// Whether it is a container of its own.
bool called_is_plain(const struct finder *f, node n);

#endif
