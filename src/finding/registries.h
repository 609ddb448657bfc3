// SPDX-License-Identifier: GPL-3.0-or-later
// What containers of the standard library and of common libraries are for: a sentence and a cure for
// each, in a table by name, by type and by content.
//
// Does not know: sizes, who asks. A new one is a row in registries.c.
// Owns: nothing. Cost: a look at the table.
#ifndef OURO_FINDING_REGISTRIES_H
#define OURO_FINDING_REGISTRIES_H

#include "finding/finder.h"

struct registry {
    const char *name;   // pattern over what it is called, with * for anything; null: any
    const char *type;   // the thing's class, or one that it derives from; null: any
    const char *items;  // the class of what is in it, likewise; null: any
    const char *holder; // the class of what it is an attribute of, likewise; null: any
    const char *says;   // a clause: why things are here, and stay
    const char *cure;   // what to do
    bool grows;         // by what it is for: no other evidence is needed
};

// The first row that fits, or null. name: what the thing is called; items: an object that stands
// for what is in it, or NODE_NONE.
const struct registry *registry_find(const struct finder *f, const char *name, node n, node items);

// By the class of its keys, or null.
const struct registry *registry_of_keys(const struct finder *f, node n, uint32_t keys);

// What kept things are when they are of no use any more, and how that can be seen.
struct registry_dead {
    const char *type;              // null: by a function
    const char *attribute, *value; // the preview of what it has there
    const char *word;              // "cancelled"
};

// How such an object is dead, or null: it lives, or nobody can tell.
const char *registry_death(struct finder *f, node n);

// Whether a thing, or what it directly holds, is at work: an open socket, a task, a thread. Such
// things come and go with what they do.
bool registry_is_at_work(struct finder *f, node n);

// Classes whose objects hold much that is no Python object.
struct registry_heavy {
    const char *type;
    uint64_t least; // objects that are worth a word
    const char *says, *cure;
};
extern const struct registry_heavy registry_heavy_rows[]; // ended by a null type

#endif
